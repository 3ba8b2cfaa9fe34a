// A model in a session, through the built command: what is said is on disk before it counts.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kill, place, records, rooAsync, shown, start } from '../helpers/built-roo.ts';
import { going, scriptedWorld, until } from '../helpers/scripted-world.ts';

test('roo -p prints the answer; the session holds prompt, answer, usage and model', async (t) => {
  const { at } = await scriptedWorld(t);
  const { stdout, stderr, status } = await rooAsync(at, ['-p', 'Say hello.']);
  assert.deepEqual({ stdout, stderr, status }, { stdout: 'Hello there.\n', stderr: '', status: 0 });
  const messages = records(at).filter(({ type }) => type === 'message') as never as Record<string, unknown>[];
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['user', 'assistant'],
  );
  assert.equal(messages[1]!['model'], 'openai/scripted');
  assert.ok((messages[1]!['usage'] as { outputTokens: number }).outputTokens > 0);
  assert.ok((messages[1]!['durationMs'] as number) >= 0);
});

test('roo -p - reads the prompt from standard input and answers in json', async (t) => {
  const { at } = await scriptedWorld(t);
  const { stdout } = await rooAsync(at, ['-p', '-', '-f', 'json'], 'Say hello.');
  const { data, errors } = JSON.parse(stdout) as { data: Record<string, unknown>; errors: unknown[] };
  assert.deepEqual(errors, []);
  assert.deepEqual([data['status'], data['text'], data['toolCalls']], ['done', 'Hello there.', 0]);
  assert.match(data['sessionId'] as string, /^[0-9a-f-]{36}$/);
});

test('roo -p --format stream-json says what happens, a line each', async (t) => {
  const { at } = await scriptedWorld(t);
  const { stdout } = await rooAsync(at, [
    '-p',
    'Run echo.',
    '--format',
    'stream-json',
    '--allow',
    'execute_command:echo *',
  ]);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; text?: string });
  const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
  assert.deepEqual(types, ['session', 'text', 'tool-call', 'tool-start', 'tool-output', 'tool-end', 'text', 'result']);
  assert.equal(events.at(-1)!.text, 'It ran.');
});

test('roo -p runs and writes nothing unless it is allowed, and tells the model so', async (t) => {
  const { at, server } = await scriptedWorld(t);
  assert.equal((await rooAsync(at, ['-p', 'Write it.'])).stdout, 'Written.\n');
  assert.equal(existsSync(join(at.cwd, 'made.txt')), false);
  assert.equal(records(at).find(({ type }) => type === 'tool-end')!['status'], 'denied');
  assert.match(server.requests.at(-1)!.text, /Denied/);
  await rooAsync(at, ['-p', 'Write it.', '--allow', 'write_file:made.txt']);
  assert.equal(readFileSync(join(at.cwd, 'made.txt'), 'utf8'), 'made\n');
});

test('without a model everything else works, and a turn says how to set one up', async (t) => {
  const at = place(t);
  const once = await rooAsync(at, ['-p', 'hello']);
  assert.equal(once.status, 2);
  for (const word of ['OPENAI_BASE_URL', 'ANTHROPIC_API_KEY', '--model', 'ROO_MODEL'])
    assert.ok(once.stderr.includes(word), word);
  const inside = await rooAsync(at, [], 'hello\n!echo hi\n');
  assert.equal(inside.status, 0);
  assert.match(inside.stdout, /^noted\nhi$/m);
  assert.match(inside.stderr, /OPENAI_BASE_URL/);
});

test('of two roo -p on one session the second is told at once that it is in use', async (t) => {
  const { at } = await scriptedWorld(t, going({ text: 'slow', delayMs: 3000 }));
  await rooAsync(at, ['-p', 'Say hello.']);
  const id = JSON.parse((await rooAsync(at, ['session', 'list', '-f', 'json'])).stdout).data.sessions[0].id as string;
  const first = start(at, ['-p', 'Go.', '--session', id]);
  t.after(() => kill(first));
  await until(() => shown(at, id).length === 3);
  const second = await rooAsync(at, ['-p', 'Thanks.', '--session', id]);
  assert.equal(second.status, 4);
  assert.match(second.stderr, /process \d+|writing|open/);
});

test('a compaction sends the summary in place of what was said; the originals stay, are found, and come back by rewind', async (t) => {
  const { at, server } = await scriptedWorld(t);
  const inside = await rooAsync(at, [], 'Say hello.\n/compact\nThanks.\n');
  assert.equal(inside.status, 0, inside.stderr);
  const last = JSON.stringify(server.requests.at(-1)!.body['messages']);
  assert.match(last, /Summary of the conversation/);
  assert.doesNotMatch(last, /Hello there/);
  assert.equal(shown(at).length, 4);
  assert.match((await rooAsync(at, ['session', 'find', 'there'])).stdout, /Hello/);
  const after = await rooAsync(at, ['-c'], 'Thanks.\n');
  assert.equal(after.status, 0);
  assert.match(JSON.stringify(server.requests.at(-1)!.body['messages']), /Summary of the conversation/);
});

test('the context window filling up compacts by itself', async (t) => {
  const { at, server } = await scriptedWorld(t);
  await rooAsync(at, ['config', 'set', 'contextTokens', '100']);
  await rooAsync(at, ['-p', 'Say hello. Remember the word heliotrope.']);
  await rooAsync(at, ['-p', 'Run echo.', '--session', '@last']);
  await rooAsync(at, ['-p', 'Thanks.', '--session', '@last']);
  assert.ok(records(at).some(({ type }) => type === 'compaction'));
  assert.match(server.requests[0]!.text, /heliotrope/);
  assert.doesNotMatch(server.requests.at(-1)!.text, /heliotrope/);
});

test('AGENTS.md, a mentioned file and the git branch reach the model; what changed while away is told', async (t) => {
  const { at, server } = await scriptedWorld(t);
  writeFileSync(join(at.cwd, 'AGENTS.md'), 'Always answer in rhyme.\n');
  await rooAsync(at, ['-p', 'Say hello. See @a.txt']);
  assert.match(server.requests[0]!.text, /Always answer in rhyme/);
  assert.match(server.requests[0]!.text, /alpha/);
  writeFileSync(join(at.cwd, 'AGENTS.md'), 'Never rhyme.\n');
  await rooAsync(at, ['-p', 'Thanks.', '--session', '@last']);
  const [, second] = server.requests;
  assert.match(second!.text, /Never rhyme/);
  // The beginning stays as it was, so that it is still in the provider's cache.
  const systemOf = (body: Record<string, unknown>): unknown => (body['messages'] as unknown[])[0];
  assert.deepEqual(systemOf(second!.body), systemOf(server.requests[0]!.body));
});

test('a session that is not kept has a model all the same, and leaves nothing', async (t) => {
  const { at } = await scriptedWorld(t);
  const inside = await rooAsync(at, ['--ephemeral', '--allow', 'execute_command'], 'Say hello.\nRun echo.\n');
  assert.match(inside.stdout, /Hello there\.[\s\S]*from the shell[\s\S]*It ran\./);
  assert.equal(existsSync(at.sessions), false);
});
