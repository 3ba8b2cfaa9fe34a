// roo -p as scripts use it: where its prompt comes from, which session it is in, and what its answer looks like.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ended, records, roo, ROO, rooAsync, shown } from '../helpers/built-roo.ts';
import type { Place } from '../helpers/built-roo.ts';
import { going, scriptedWorld, until } from '../helpers/scripted-world.ts';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

const newestId = (at: Place): string =>
  (JSON.parse(roo(at, ['session', 'list', '-f', 'json']).stdout) as { data: { sessions: { id: string }[] } }).data
    .sessions[0]!.id;

test('a session is gone on with by name, prefix or @last; one that is not there exits 3', async (t) => {
  const { at } = await scriptedWorld(t);
  await rooAsync(at, ['-p', 'Say hello.']);
  const id = newestId(at);
  roo(at, ['session', 'edit', id, '--name', 'first']);
  for (const ref of ['first', id.slice(0, 8), '@last', id])
    assert.equal((await rooAsync(at, ['-p', 'Thanks.', '--session', ref])).stdout, 'You are welcome.\n');
  assert.equal(shown(at, id).length, 10);
  const missing = await rooAsync(at, ['-p', 'Thanks.', '--session', 'nope', '-f', 'json']);
  assert.equal(missing.status, 3);
  const { errors } = JSON.parse(missing.stdout) as { errors: { code: string }[] };
  assert.equal(errors[0]!.code, 'SESSION_NOT_FOUND');
});

test('a prompt of a megabyte, one that begins with a dash, and one of nothing', async (t) => {
  const { at, server } = await scriptedWorld(t, [{ prompt: '-x', steps: [{ text: 'A dash.' }] }, ...going()]);
  const large = `${'a'.repeat(1_000_000)} Say hello.`;
  assert.equal((await rooAsync(at, ['-p', '-'], large)).stdout, 'Hello there.\n');
  assert.ok(server.requests[0]!.text.includes(large));
  assert.equal((await rooAsync(at, ['--print=-x'])).stdout, 'A dash.\n');
  assert.equal((await rooAsync(at, ['-p', '-'], '-x')).stdout, 'A dash.\n');
  const unclear = await rooAsync(at, ['-p', '-x']);
  assert.equal(unclear.status, 2);
  assert.match(unclear.stderr, /--print=-x/);
  assert.equal((await rooAsync(at, ['-p', '  '])).status, 2);
});

test('--ephemeral keeps nothing and takes no session', async (t) => {
  const { at } = await scriptedWorld(t);
  const { stdout } = await rooAsync(at, ['-p', 'Say hello.', '--ephemeral', '-f', 'json']);
  assert.equal((JSON.parse(stdout) as { data: { sessionId: unknown } }).data.sessionId, null);
  assert.equal(existsSync(at.sessions), false);
  assert.equal((await rooAsync(at, ['-p', 'Say hello.', '--ephemeral', '--session', '@last'])).status, 2);
});

test(
  'a reader that leaves early does not keep the turn from being recorded',
  { skip: process.platform === 'win32' },
  async (t) => {
    const { at } = await scriptedWorld(t, going({ longText: 300_000 }));
    for (const [index, format] of ['text', 'stream-json'].entries()) {
      const line = `"$0" "$1" -p Go. -f ${format} | head -c 20`;
      const shell = spawn('/bin/sh', ['-c', line, process.execPath, ROO], { env: at.env, cwd: at.cwd });
      assert.equal(await ended(shell), 0);
      await until(() => records(at).filter(({ type }) => type === 'close').length === index + 1);
      const [, answer] = shown(at);
      assert.equal(answer!.parts[0]!.text!.length, 300_000);
    }
  },
);

test('tools of a server are asked for by name, and run only where they are allowed', async (t) => {
  const step = { calls: [{ tool: 'mcp__every__echo', args: { message: 'through the server' } }] };
  const { at, server } = await scriptedWorld(t, going(step, { text: 'Echoed.' }));
  roo(at, ['session', 'list']);
  writeFileSync(
    join(at.home, 'config.json'),
    JSON.stringify({ mcpServers: { every: { command: process.execPath, args: [EVERYTHING, 'stdio'] } } }),
  );
  assert.equal((await rooAsync(at, ['-p', 'Go.'])).stdout, 'Echoed.\n');
  assert.match(server.requests.at(-1)!.text, /Denied: nobody is there to ask/);
  assert.equal((await rooAsync(at, ['-p', 'Go.', '--allow', 'mcp__every__*'])).stdout, 'Echoed.\n');
  assert.match(server.requests.at(-1)!.text, /Echo: through the server/);
});

test('how to set up a model is said in lines that can be read', async (t) => {
  const { at } = await scriptedWorld(t);
  for (const name of ['OPENAI_BASE_URL', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'ROO_MODEL']) delete at.env[name];
  const { stderr, status } = await rooAsync(at, ['-p', 'hello']);
  assert.equal(status, 2);
  assert.match(stderr, /^ +export OPENAI_BASE_URL=\S+$/m);
  assert.ok(stderr.split('\n').every((line) => line.length <= 120));
  assert.ok(stderr.split('\n').length < 24);
});
