import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitWords } from '../../../../src/cli/commands/interactive/split-words.ts';
import { runMcpCommand } from '../../../../src/cli/commands/interactive/mcp-commands.ts';
import type { McpServer, NewRecord } from '../../../../src/core/record.ts';
import { newHub, scriptedServer, wellBehaved } from '../../../workspace/mcp/servers.ts';
import { McpHub } from '../../../../src/workspace/mcp/hub.ts';

interface Said {
  records: NewRecord[];
  lines: string[];
}

async function run(hub: McpHub, words: string[]): Promise<Said> {
  const lines: string[] = [];
  return { records: await runMcpCommand(hub, words, (line) => lines.push(line)), lines };
}

/** What the command makes of a line, without reaching anything. */
async function added(line: string): Promise<McpServer> {
  let server: McpServer | null = null;
  const hub = {
    add: async (given: McpServer) => {
      server = given;
      return { name: given.name, target: '', status: 'connected', tools: [], resourceCount: 0 };
    },
    remove: async () => {},
    reconnect: async () => assert.fail(),
    snapshot: () => [],
  };
  await runMcpCommand(hub, splitWords(line), () => {});
  assert.ok(server);
  return server;
}

describe('/mcp add', () => {
  it('takes a command after --, with variables', async () => {
    assert.deepEqual(await added('add files --env A=1 --env "B=two words" -- npx -y server --env x'), {
      name: 'files',
      transport: {
        type: 'stdio',
        command: 'npx',
        args: ['-y', 'server', '--env', 'x'],
        environment: { A: '1', B: 'two words' },
      },
    });
  });

  it('takes an address with headers, references as they are', async () => {
    assert.deepEqual(await added('add web --url https://a.example/mcp --header "Authorization: Bearer ${env:TOKEN}"'), {
      name: 'web',
      transport: {
        type: 'http',
        url: 'https://a.example/mcp',
        headers: { Authorization: 'Bearer ${env:TOKEN}' },
      },
    });
  });

  const mistakes: [string, RegExp][] = [
    ['add', /needs a name/],
    ['add ../x -- y', /needs a name/],
    ['add x', /needs a command after --, or one --url/],
    ['add x --url ftp://y', /no http or https/],
    ['add x --url http://y -- z', /not both/],
    ['add x --env', /--env needs a value/],
    ['add x --envv A=1 -- z', /knows no --envv/],
    ['add x --env sk-12345 -- z', /a value of --env is not/],
    ['remove', /needs one name/],
    ['ad x', /knows no ad/],
  ];
  for (const [line, message] of mistakes) {
    it(`refuses "/mcp ${line}"`, async (t) => {
      await assert.rejects(run(newHub(t), splitWords(line)), { code: 'USAGE', message });
    });
  }

  it('refuses a secret that is written out, names the place, and does not repeat it', async (t) => {
    const hub = newHub(t);
    const words = splitWords('add x --env GITHUB_TOKEN=ghp_abcdefgh -- y --key=v3ry');
    await assert.rejects(run(hub, words), (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'USAGE');
      assert.match(error.message, /argument 1 and variable GITHUB_TOKEN of x looks like a secret/);
      assert.match(error.hint, /\$\{env:NAME\}/);
      return !`${error.message}${error.hint}`.includes('ghp_') && !error.message.includes('v3ry');
    });
    assert.deepEqual(hub.snapshot(), []);
  });
});

describe('/mcp', () => {
  it('adds, lists and removes a server, and answers the record that keeps it', async (t) => {
    const hub = newHub(t);
    const { transport } = scriptedServer('s', wellBehaved(['t']));
    assert.ok(transport.type === 'stdio');
    const { records, lines } = await run(hub, ['add', 's', '--', transport.command, ...transport.args]);
    assert.deepEqual(lines, ['s: connected, 1 tool, 0 resources']);
    assert.deepEqual(records, [{ type: 'state', patch: { mcpConnections: hub.snapshot() } }]);
    const listed = await run(hub, []);
    assert.equal(listed.lines[0], 's: connected, 1 tool, 0 resources');
    assert.deepEqual(listed.records, []);
    await assert.rejects(run(hub, ['add', 's', '--', 'x']), /there is an MCP server named s already/);
    assert.deepEqual((await run(hub, ['remove', 's'])).records, [{ type: 'state', patch: { mcpConnections: [] } }]);
    assert.match((await run(hub, [])).lines[0]!, /^no MCP servers: /);
  });

  it('keeps a server that cannot be reached, says why, and tries it again when asked', async (t) => {
    const hub = newHub(t);
    const { lines } = await run(hub, ['add', 's', '--', 'no-such-program-here']);
    assert.deepEqual(lines, ['s: failed, there is no command no-such-program-here']);
    assert.equal(hub.snapshot().length, 1);
    assert.deepEqual((await run(hub, ['reconnect', 's'])).lines, lines);
  });
});
