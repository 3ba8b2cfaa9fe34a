import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { readMcpConfig } from '../../../src/cli/config/mcp-config.ts';
import type { McpConfig } from '../../../src/cli/config/mcp-config.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

/** Reads the given texts as the user's, the project's and the shared file. */
function read(
  t: TestContext,
  files: { user?: unknown; project?: unknown; shared?: unknown },
): McpConfig & { folder: string } {
  const folder = tempFolder(t);
  const paths = {
    user: join(folder, 'home', 'config.json'),
    project: join(folder, 'project', '.roo', 'config.json'),
    shared: join(folder, 'project', '.mcp.json'),
  };
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'project', '.roo'), { recursive: true });
  for (const [which, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify({ mcpServers: content });
    writeFileSync(paths[which as keyof typeof paths], text);
  }
  return { ...readMcpConfig({ userPath: paths.user, projectPath: paths.project }), folder };
}

describe('the MCP servers of config files', () => {
  it('are none where there is no file', (t) => {
    const { servers, problems } = read(t, {});
    assert.deepEqual([servers, problems], [[], []]);
  });

  it('are read in the form that other agents read, references of their kind too', (t) => {
    const { servers, problems, folder } = read(t, {
      shared: {
        web: { type: 'streamable-http', url: 'https://a.example', headers: { Authorization: 'Bearer ${TOKEN}' } },
        files: { command: 'npx', args: ['-y', '${ROOT:-.}'], env: { K: '${env:K}' }, cwd: 'sub' },
      },
    });
    assert.deepEqual(problems, []);
    const source = join(folder, 'project', '.mcp.json');
    assert.deepEqual(servers, [
      {
        name: 'files',
        transport: {
          type: 'stdio',
          command: 'npx',
          args: ['-y', '${env:ROOT:-.}'],
          environment: { K: '${env:K}' },
          workingDirectory: join(folder, 'project', 'sub'),
        },
        source,
        trust: 'project',
      },
      {
        name: 'web',
        transport: { type: 'http', url: 'https://a.example', headers: { Authorization: 'Bearer ${env:TOKEN}' } },
        source,
        trust: 'project',
      },
    ]);
  });

  it("are the project's where two files name one, and are trusted only from the user's own", (t) => {
    const { servers } = read(t, {
      user: { a: { command: 'user' }, b: { command: 'user' }, c: { command: 'user' } },
      project: { b: { command: 'project' } },
      shared: { c: { command: 'shared', disabled: true } },
    });
    assert.deepEqual(
      servers.map(({ name, transport, trust }) => [name, transport.type === 'stdio' && transport.command, trust]),
      [
        ['a', 'user', 'user'],
        ['b', 'project', 'project'],
      ],
    );
  });

  const mistakes: [string, unknown, RegExp][] = [
    ['is of no known form', { a: { run: 'x' }, good: { command: 'x' } }, /"a" has neither a command/],
    ['is of the old type', { a: { type: 'sse', url: 'http://x' }, good: { command: 'x' } }, /"a" is of type "sse"/],
  ];
  for (const [what, shared, message] of mistakes) {
    it(`are used without one that ${what}`, (t) => {
      const { servers, problems } = read(t, { shared });
      assert.deepEqual(
        servers.map(({ name }) => name),
        ['good'],
      );
      assert.match(problems[0]!.message, message);
      assert.equal(problems[0]!.code, 'CONFIG_INVALID');
    });
  }

  it('are used without a file that is broken', (t) => {
    const { servers, problems } = read(t, { user: { a: { command: 'x' } }, project: '{', shared: [] });
    assert.equal(servers.length, 1);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['CONFIG_INVALID', 'CONFIG_INVALID'],
    );
  });
});
