import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { McpHub } from '../../../src/workspace/mcp/hub.ts';
import {
  callTool,
  newHub,
  processesWith,
  realServer,
  scriptedServer,
  toolNamed,
  until,
  wellBehaved,
} from './servers.ts';

const SECRET = 'hunter2-hunter2';

describe('servers from npm over stdio', () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'roo-test-'));
  const ends: (() => unknown)[] = [];
  let hub: McpHub;

  before(async () => {
    writeFileSync(join(folder, 'a.txt'), 'in the file');
    hub = newHub(
      { after: (work) => ends.push(work) },
      { environment: { ...process.env, API_TOKEN: SECRET, UNRELATED: 'not handed on' } },
    );
    const everything = realServer('everything');
    const memory = realServer('memory');
    await hub.connectAll([
      { ...everything, transport: { ...everything.transport, environment: { GIVEN: '${env:API_TOKEN}' } } as never },
      realServer('filesystem', folder),
      { ...memory, transport: { ...memory.transport, environment: { MEMORY_FILE_PATH: join(folder, 'm') } } as never },
    ]);
  });
  after(async () => {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are connected with all their tools, in the order of their names', () => {
    assert.deepEqual(
      hub.snapshot().map(({ name, status }) => [name, status]),
      [
        ['everything', 'connected'],
        ['filesystem', 'connected'],
        ['memory', 'connected'],
      ],
    );
    const names = hub.tools().map(({ name }) => name);
    assert.deepEqual(names, names.toSorted());
    for (const name of ['mcp__everything__echo', 'mcp__filesystem__read_text_file', 'mcp__memory__create_entities']) {
      assert.ok(names.includes(name), name);
    }
    assert.equal(toolNamed(hub, 'mcp__everything__echo').inputSchema['type'], 'object');
  });

  it('have their resources listed and read by one tool, which names none of them', async () => {
    const tool = toolNamed(hub, 'read_mcp_resource');
    assert.doesNotMatch(JSON.stringify(tool), /demo:/);
    const list = await callTool(hub, 'read_mcp_resource', { server: 'everything' });
    const uri = /everything \| (demo:\/\/\S+)/.exec(list.output!)![1]!;
    assert.equal(tool.subject({ uri }), uri);
    const read = await callTool(hub, 'read_mcp_resource', { uri });
    assert.deepEqual([read.status, read.output!.startsWith(`[${uri}]\n`)], ['ok', true]);
    const byTemplate = { server: 'everything', uri: 'demo://resource/dynamic/text/7' };
    assert.match((await callTool(hub, 'read_mcp_resource', byTemplate)).output!, /Resource 7/);
  });

  it('make an error the model can read of a resource that is not there', async () => {
    for (const input of [{ server: 'nobody' }, { uri: 'demo://nothing' }, { server: 'everything', uri: 'demo://no' }]) {
      const { status, output } = await callTool(hub, 'read_mcp_resource', input);
      assert.deepEqual([status, output === ''], ['error', false], JSON.stringify(input));
    }
  });

  it('answer calls with text', async () => {
    const input = { path: join(folder, 'a.txt') };
    assert.equal(toolNamed(hub, 'mcp__filesystem__read_text_file').subject(input), JSON.stringify(input));
    const outcome = await callTool(hub, 'mcp__filesystem__read_text_file', input);
    assert.deepEqual(outcome, { status: 'ok', output: 'in the file', told: '' });
  });

  it('answer calls with images beside the text', async () => {
    const { output, parts } = await callTool(hub, 'mcp__everything__get-tiny-image');
    assert.match(output!, /image you requested/);
    assert.deepEqual(
      parts?.map((part) => part.type === 'image' && part.mediaType),
      ['image/png'],
    );
  });

  it('answer calls with structured content, which is told once', async () => {
    const { output } = await callTool(hub, 'mcp__everything__get-structured-content', { location: 'Chicago' });
    assert.equal((JSON.parse(output!) as { humidity: number }).humidity, 82);
  });

  it('answer calls with embedded resources', async () => {
    const { output } = await callTool(hub, 'mcp__everything__get-resource-reference', {
      resourceType: 'Text',
      resourceId: 3,
    });
    assert.match(output!, /\[demo:\/\/resource\/dynamic\/text\/3\]\n/);
  });

  it('make an error the model can read of a call that fails', async () => {
    const outcome = await callTool(hub, 'mcp__filesystem__read_text_file', { path: '/etc/passwd' });
    assert.equal(outcome.status, 'error');
    assert.match(outcome.output!, /denied/);
    const wrong = await callTool(hub, 'mcp__everything__echo', {});
    assert.equal(wrong.status, 'error');
    assert.match(wrong.output!, /message/);
  });

  it('tell their progress while a call runs', async () => {
    const input = { duration: 0.06, steps: 3 };
    const { told, output } = await callTool(hub, 'mcp__everything__trigger-long-running-operation', input);
    assert.equal(told, '1/3\n2/3\n3/3\n');
    assert.match(output!, /completed/);
  });

  it('are told when a call is interrupted', async () => {
    const interruption = new AbortController();
    const input = { duration: 30, steps: 300 };
    const call = callTool(hub, 'mcp__everything__trigger-long-running-operation', input, {
      signal: interruption.signal,
      output: async () => interruption.abort(),
    });
    assert.equal((await call).status, 'interrupted');
    assert.equal((await callTool(hub, 'mcp__everything__echo', { message: 'on' })).output, 'Echo: on');
  });

  it('get the variables their config names, and of the others only harmless ones', async () => {
    const { output } = await callTool(hub, 'mcp__everything__get-env');
    const environment = JSON.parse(output!) as Record<string, string>;
    assert.equal(environment['PATH'], process.env['PATH']);
    assert.equal(environment['UNRELATED'], undefined);
    assert.equal(environment['API_TOKEN'], undefined);
    // What it answered went through the mask: the server has the value.
    assert.equal(environment['GIVEN'], '${env:API_TOKEN}');
  });

  it('are recorded with references in place of secrets', () => {
    const [everything] = hub.snapshot();
    assert.equal(everything?.config.type === 'stdio' && everything.config.environment?.['GIVEN'], '${env:API_TOKEN}');
    assert.ok(everything?.tools.includes('echo'));
    assert.ok(!JSON.stringify(hub.snapshot()).includes(SECRET));
    assert.deepEqual(hub.differences(JSON.parse(JSON.stringify(hub.snapshot())) as unknown[]), []);
  });

  it('are started again when they are killed in the middle, and their tools stay', async () => {
    const states: string[] = [];
    const note = (): unknown => states.push(hub.snapshot()[1]!.status);
    hub.on('changed', note);
    const tools = hub.tools().map(({ name }) => name);
    const [pid] = processesWith(`${folder}`);
    process.kill(pid!, 'SIGKILL');
    await until(() => states.includes('connected'));
    hub.off('changed', note);
    assert.equal(states[0], 'connecting');
    assert.deepEqual(
      hub.tools().map(({ name }) => name),
      tools,
    );
    assert.notEqual(processesWith(folder)[0], pid);
    const { output } = await callTool(hub, 'mcp__filesystem__read_text_file', { path: join(folder, 'a.txt') });
    assert.equal(output, 'in the file');
  });

  it('say that a call may have run when they are killed during it', async () => {
    const [pid] = processesWith('server-everything', process.pid);
    const outcome = await callTool(
      hub,
      'mcp__everything__trigger-long-running-operation',
      { duration: 30, steps: 300 },
      { output: async () => process.kill(pid!, 'SIGKILL') },
    );
    assert.equal(outcome.status, 'error');
    assert.match(outcome.output!, /"everything".*ended by SIGKILL.*may have run or not/s);
    // At once, and not when the next attempt is due.
    assert.equal((await callTool(hub, 'mcp__everything__echo', { message: 'back' })).output, 'Echo: back');
  });

  it('are turned off, and do not start again for a call', async () => {
    const held = toolNamed(hub, 'mcp__memory__read_graph');
    await hub.remove('memory');
    const call = { callId: 'c', workingDirectory: '/', environment: {}, signal: new AbortController().signal };
    const outcome = await held.run({}, { ...call, output: async () => {} });
    assert.deepEqual([outcome.status, /"memory" was turned off/.test(outcome.output!)], ['error', true]);
    assert.ok(!hub.tools().some(({ name }) => name.startsWith('mcp__memory__')));
    await assert.rejects(hub.remove('memory'), /no MCP server named memory/);
  });

  it('have all ended when the hub is closed', async () => {
    await hub.close();
    assert.deepEqual(processesWith(folder), []);
    assert.deepEqual(hub.tools(), []);
  });
});

describe('a list of tools', () => {
  it('is read again when its server says that it changed', async (t) => {
    const grow = `setTimeout(() => { names.push('second'); send({ method: 'notifications/tools/list_changed' }) }, 30)`;
    const hub = newHub(t);
    await hub.connectAll([scriptedServer('grows', wellBehaved(['first'], '"done"', grow))]);
    const saved = hub.snapshot();
    assert.deepEqual(saved[0]?.tools, ['first']);
    await until(() => hub.tools().length === 2);
    assert.deepEqual(hub.differences(saved), ['grows has new tool second']);
  });

  it('stays when its server is gone for good, and a call says what is wrong', async (t) => {
    const hub = newHub(t, { retryDelaysMs: [1, 1] });
    const once = `const fs = require('node:fs'); if (fs.existsSync(process.argv[1])) { console.error('only once'); process.exit(3); }
      fs.writeFileSync(process.argv[1], '');`;
    const mark = join(mkdtempSync(join(realpathSync(tmpdir()), 'roo-test-')), 'mark');
    t.after(() => rmSync(join(mark, '..'), { recursive: true, force: true }));
    await hub.connectAll([scriptedServer('mortal', once + wellBehaved(['die'], 'process.exit(1)'), mark)]);
    assert.equal((await callTool(hub, 'mcp__mortal__die')).status, 'error');
    await until(() => hub.snapshot()[0]?.status === 'failed');
    const outcome = await callTool(hub, 'mcp__mortal__die');
    assert.equal(outcome.status, 'error');
    assert.match(outcome.output!, /cannot be reached: it ended with exit code 3; it said: only once.*tried again/s);
    rmSync(mark);
    assert.equal((await hub.reconnect('mortal')).status, 'connected');
  });
});
