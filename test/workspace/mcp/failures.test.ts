import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { HubServer } from '../../../src/workspace/mcp/connection-info.ts';
import {
  callTool,
  freePort,
  newHub,
  processesWith,
  realServer,
  scriptedServer,
  until,
  wellBehaved,
} from './servers.ts';

const HANGS = 'setInterval(() => {}, 1000)';

/** A command line that only this run of the tests has. */
const mark = (name: string): string => `${name}-${process.pid}-mark`;

describe('a server that cannot be used', () => {
  const cases: { what: string; server: HubServer; timeoutMs?: number; reason: RegExp }[] = [
    {
      what: 'never answers',
      server: scriptedServer('s', HANGS, mark('silent')),
      timeoutMs: 300,
      reason: /^it gave no answer within 0\.3 s$/,
    },
    {
      what: 'ends at once',
      server: scriptedServer('s', 'console.error("no \\u001b[31mlicence\\nsee the manual"); process.exit(7)'),
      reason: /^it ended with exit code 7; it said: no \\u\{1b\}\[31mlicence \/ see the manual$/,
    },
    {
      what: 'prints garbage',
      server: scriptedServer('s', `console.log('Welcome! {'); console.log('{"a": 1}'); ${HANGS}`, mark('garbage')),
      timeoutMs: 1500,
      reason: /^it gave no answer within 1\.5 s; it printed what is no message: "Welcome! \{"$/,
    },
    {
      what: 'does not exist',
      server: { name: 's', transport: { type: 'stdio', command: 'no-such-program-here', args: [] } },
      reason: /^there is no command no-such-program-here$/,
    },
    {
      what: 'starts in a folder that is gone',
      server: {
        name: 's',
        transport: { type: 'stdio', command: process.execPath, args: [], workingDirectory: '/no/such/folder' },
      },
      reason: /^there is no folder \/no\/such\/folder/,
    },
    {
      what: 'needs variables that are not set',
      server: {
        name: 's',
        transport: { type: 'stdio', command: 'x', args: ['${env:ABSENT_A}'], environment: { K: '${env:ABSENT_B}' } },
      },
      reason: /^the environment variable ABSENT_A, ABSENT_B is not set$/,
    },
    {
      what: 'has no address that could be one',
      server: { name: 's', transport: { type: 'http', url: 'not an address' } },
      reason: /^Invalid URL$/,
    },
  ];
  for (const { what, server, timeoutMs = 10_000, reason } of cases) {
    it(`that ${what} has failed, and its state says why`, async (t) => {
      const hub = newHub(t);
      await hub.connectAll([{ ...server, trust: 'user' }], { timeoutMs });
      const [info] = hub.snapshot();
      assert.equal(info?.status, 'failed');
      assert.match(info!.reason!, reason);
      assert.deepEqual(hub.tools(), []);
      await hub.close();
      assert.deepEqual(processesWith(process.pid + '-mark'), []);
    });
  }

  it('that is at an address where nobody listens has failed, and its state says why', async (t) => {
    const hub = newHub(t);
    const url = `http://127.0.0.1:${await freePort()}/mcp`;
    await hub.connectAll([{ name: 's', transport: { type: 'http', url }, trust: 'user' }]);
    assert.equal(hub.snapshot()[0]?.reason, 'nothing answers at its address (ECONNREFUSED)');
  });

  it('that sends messages of no sense is used for what it does right', async (t) => {
    const nonsense = [
      { method: 5 },
      { id: 1 },
      { id: null, result: 3 },
      { id: 99, result: {} },
      { id: 'x', error: 'no' },
      { method: 'notifications/progress', params: null },
      { method: 'notifications/progress', params: { progressToken: 1, progress: 'half' } },
      { method: 'notifications/cancelled' },
      { id: 7, method: 'sampling/createMessage', params: {} },
      { id: 8, method: 'no/such', params: [] },
    ];
    const also = `${JSON.stringify(nonsense)}.forEach(send); console.log('null'); console.log('[]')`;
    const hub = newHub(t);
    await hub.connectAll([scriptedServer('s', wellBehaved(['t'], '"done"', also))]);
    assert.equal((await callTool(hub, 'mcp__s__t')).output, 'done');
    assert.equal(hub.snapshot()[0]?.status, 'connected');
  });

  it('that cannot list the resources it says it has is used for its tools', async (t) => {
    const script = wellBehaved(['t'])
      .replace('capabilities: {', 'capabilities: { resources: {},')
      .replace(
        'if (method !== undefined',
        "if (method === 'resources/list') send({ id, error: { code: -32601, message: 'not yet' } }); else if (method !== undefined",
      );
    const hub = newHub(t);
    const known = { tools: ['t'], resources: ['r:1'], resourceCount: 1 };
    await hub.connectAll([{ ...scriptedServer('s', script), known }]);
    const [info] = hub.snapshot();
    assert.equal(info?.status, 'connected');
    assert.match(info!.reason!, /^its resources could not be listed: .*not yet/);
    assert.deepEqual([info?.tools, info?.resources], [['t'], ['r:1']]);
  });

  it('tells nothing of the secrets it was given', async (t) => {
    const secret = 'correct-horse-battery';
    const hub = newHub(t, { environment: { ...process.env, LOGIN: secret } });
    const server = scriptedServer(
      's',
      'console.error("cannot log in with", process.argv[1]); process.exit(1)',
      '${env:LOGIN}',
    );
    await hub.connectAll([server]);
    const [info] = hub.snapshot();
    assert.equal(info?.reason, 'it ended with exit code 1; it said: cannot log in with ${env:LOGIN}');
    assert.ok(!JSON.stringify(info).includes(secret));
  });

  it('keeps none of four others from anything', async (t) => {
    const hub = newHub(t);
    const good = ['a', 'b', 'c', 'd'].map((name) => scriptedServer(name, wellBehaved(['t'])));
    const leaving = new AbortController();
    const settled = hub.connectAll([scriptedServer('hangs', HANGS), ...good], { signal: leaving.signal });
    await until(() => hub.tools().length === 4);
    assert.equal((await callTool(hub, 'mcp__c__t')).output, 'done');
    assert.equal(hub.snapshot().find(({ name }) => name === 'hangs')?.status, 'connecting');
    leaving.abort();
    await settled;
    assert.deepEqual(
      hub.snapshot().map(({ status }) => status),
      ['connected', 'connected', 'connected', 'connected', 'failed'],
    );
  });

  it('is no longer waited for when the session is left', async (t) => {
    const hub = newHub(t);
    const leaving = new AbortController();
    const settled = hub.connectAll([scriptedServer('s', HANGS, mark('left'))], { signal: leaving.signal });
    leaving.abort();
    await settled;
    assert.equal(hub.snapshot()[0]?.status, 'failed');
    await hub.close();
    assert.deepEqual(processesWith(mark('left')), []);
  });
});

describe('a call', () => {
  it('that is not answered in time is an error that says so', async (t) => {
    const hub = newHub(t, { callTimeoutMs: 100 });
    const script = wellBehaved(['t']).replace(
      'if (method !== undefined && id !== undefined)',
      "if (id !== undefined && method !== 'tools/call')",
    );
    await hub.connectAll([scriptedServer('s', script)]);
    const outcome = await callTool(hub, 'mcp__s__t');
    assert.equal(outcome.status, 'error');
    assert.match(outcome.output!, /no answer within 0\.1 s\. The tool may have run or not\./);
  });

  it('that is interrupted is cancelled at its server', async (t) => {
    const hub = newHub(t);
    const script = wellBehaved(['slow', 'seen'], 'globalThis.cancelled').replace(
      'if (method !== undefined && id !== undefined)',
      "if (method === 'notifications/cancelled') globalThis.cancelled = params.requestId; if (id !== undefined && params?.name !== 'slow')",
    );
    await hub.connectAll([scriptedServer('s', script)]);
    const interruption = new AbortController();
    const call = callTool(hub, 'mcp__s__slow', {}, { signal: interruption.signal });
    setImmediate(() => interruption.abort());
    assert.equal((await call).status, 'interrupted');
    assert.match((await callTool(hub, 'mcp__s__seen')).output!, /^\d+$/);
    const late = await callTool(hub, 'mcp__s__seen', {}, { signal: interruption.signal });
    assert.equal(late.status, 'interrupted');
  });

  it('that its server refuses tells the model what the server said', async (t) => {
    const hub = newHub(t);
    const refuse =
      "const { id: asked } = JSON.parse(line); return send({ id: asked, error: { code: -32602, message: 'no such city' } })";
    const script = wellBehaved(['t']).replace(
      'if (method !== undefined && id !== undefined)',
      `if (method === 'tools/call') { ${refuse} } if (id !== undefined)`,
    );
    await hub.connectAll([scriptedServer('s', script)]);
    const outcome = await callTool(hub, 'mcp__s__t');
    assert.equal(outcome.status, 'error');
    assert.match(outcome.output!, /"s": .*no such city/);
  });

  it('whose output cannot be kept fails as that does', async (t) => {
    const hub = newHub(t);
    await hub.connectAll([realServer('everything')]);
    const input = { duration: 0.2, steps: 2 };
    const full = async (): Promise<void> => {
      throw new Error('the disk is full');
    };
    await assert.rejects(
      callTool(hub, 'mcp__everything__trigger-long-running-operation', input, { output: full }),
      /the disk is full/,
    );
  });
});

describe('what a server started', () => {
  const family = (name: string): HubServer => ({
    name,
    trust: 'user',
    // As npx does: a shell between us and the server, with a helper that ignores the end of its input.
    transport: {
      type: 'stdio',
      command: '/bin/sh',
      args: [
        '-c',
        `"$0" -e "$1" -- ${mark(name)} < /dev/null & "$0" -e "$2" -- ${mark(name)}; true`,
        process.execPath,
        HANGS,
        wellBehaved(['t']),
      ],
    },
  });

  it('ends with it when the hub is closed', async (t) => {
    const hub = newHub(t);
    await hub.connectAll([family('closed')]);
    assert.equal(hub.tools().length, 1);
    assert.ok(processesWith(mark('closed')).length >= 2);
    await hub.close();
    assert.deepEqual(processesWith(mark('closed')), []);
  });

  it('ends by itself when roo is killed', async (t) => {
    const script = `
      import { McpHub } from '${new URL('../../../src/workspace/mcp/hub.ts', import.meta.url).href}';
      const hub = new McpHub({ environment: process.env, workingDirectory: process.cwd(), clientVersion: '0', approvalsPath: '' });
      await hub.connectAll([JSON.parse(process.argv[1])]);
      console.log(hub.snapshot()[0].status);`;
    const server = scriptedServer('s', wellBehaved(['t']), mark('orphan'));
    const roo = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(server)]);
    t.after(() => roo.kill('SIGKILL'));
    const [status] = (await once(roo.stdout, 'data')) as [Buffer];
    assert.equal(String(status).trim(), 'connected');
    const servers = processesWith(mark('orphan'), roo.pid);
    assert.equal(servers.length, 1);
    roo.kill('SIGKILL');
    await until(() => !processesWith(mark('orphan')).includes(servers[0]!));
  });
});
