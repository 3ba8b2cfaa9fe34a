// A model and the session it is in: leaving for another one and coming back, going back in it, and its own preferences.

import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { records, roo, rooAsync, shown } from '../helpers/built-roo.ts';
import { going, scriptedWorld } from '../helpers/scripted-world.ts';
import type { ScriptedWorld } from '../helpers/scripted-world.ts';

/** What the model was last sent, without its system prompt and tools. */
const lastSent = ({ server }: ScriptedWorld): string => {
  const messages = server.requests.at(-1)!.body['messages'] as { role: string }[];
  return JSON.stringify(messages.filter(({ role }) => role !== 'system'));
};
const idOf = ({ at }: ScriptedWorld, text: string): string =>
  shown(at).findLast(({ parts }) => parts.some((part) => part.text?.includes(text)))!.id;

test('/new begins without the past, /resume brings it back, /fork shares it', async (t) => {
  const world = await scriptedWorld(t);
  assert.equal((await rooAsync(world.at, [], 'Say hello.\n/name first\n/new\nThanks.\n')).status, 0);
  assert.doesNotMatch(lastSent(world), /Say hello/);
  await rooAsync(world.at, [], '/resume first\nThanks.\n');
  assert.match(lastSent(world), /Say hello.*Hello there.*Thanks/);
  const forked = await rooAsync(world.at, ['-r', 'first'], '/fork\nRun echo.\n/resume first\nWrite it.\n');
  assert.equal(forked.status, 0, forked.stderr);
  const sent = world.server.requests.map(({ text }) => text);
  assert.ok(sent.some((text) => /Say hello.*Thanks.*Run echo/.test(text)));
  assert.doesNotMatch(lastSent(world), /Run echo/);
});

test('after /rewind the model is asked without what was taken back', async (t) => {
  const world = await scriptedWorld(t);
  await rooAsync(world.at, [], 'Say hello.\nRun echo.\n');
  const answer = idOf(world, 'Hello there.');
  const again = await rooAsync(world.at, ['-c'], `/rewind ${answer} --conversation\nThanks.\n`);
  assert.equal(again.status, 0, again.stderr);
  assert.match(lastSent(world), /Say hello.*Hello there.*Thanks/);
  assert.doesNotMatch(lastSent(world), /Run echo/);
});

test('a /rewind to before a compaction sends the originals again', async (t) => {
  const world = await scriptedWorld(t);
  await rooAsync(world.at, [], 'Say hello.\nRun echo.\n/compact\nThanks.\n');
  assert.doesNotMatch(lastSent(world), /Hello there/);
  const answer = idOf(world, 'Hello there.');
  for (const lines of [`/rewind ${answer} --conversation\nThanks.\n`, 'Thanks.\n']) {
    assert.equal((await rooAsync(world.at, ['-c'], lines)).status, 0);
    assert.match(lastSent(world), /Say hello.*Hello there.*Thanks/);
    assert.doesNotMatch(lastSent(world), /Summary of the conversation/);
  }
});

test('a session keeps its own model over -c; a flag goes before it and leaves it as it was', async (t) => {
  const world = await scriptedWorld(t);
  const path = (): string => world.server.requests.at(-1)!.path;
  await rooAsync(world.at, [], '/model anthropic/scripted\nSay hello.\n');
  assert.match(path(), /messages$/);
  await rooAsync(world.at, ['-c'], 'Thanks.\n');
  assert.match(path(), /messages$/);
  await rooAsync(world.at, ['-c', '--model', 'openai/other'], 'Thanks.\n');
  assert.match(path(), /completions$/);
  assert.equal(world.server.requests.at(-1)!.body['model'], 'other');
  await rooAsync(world.at, ['-c'], 'Thanks.\n');
  assert.match(path(), /messages$/);
});

test('a context window of its own compacts a session at once, and no other', async (t) => {
  const world = await scriptedWorld(t);
  await rooAsync(world.at, [], 'Say hello.\n/config contextTokens 100\nRun echo.\nThanks.\n');
  assert.ok(records(world.at).some(({ type }) => type === 'compaction'));
  const before = records(world.at).filter(({ type }) => type === 'compaction').length;
  await rooAsync(world.at, [], 'Say hello.\nRun echo.\nThanks.\n');
  assert.equal(records(world.at).filter(({ type }) => type === 'compaction').length, before);
});

test('what each answer cost and how often each tool was used is told', async (t) => {
  const { at } = await scriptedWorld(t);
  await rooAsync(at, ['--allow', 'execute_command'], 'Run echo.\nLook twice.\n');
  const usages = records(at).flatMap(({ usage }) => (usage ? [usage as { cost?: number }] : []));
  assert.deepEqual(
    usages.map(({ cost }) => cost),
    [0.0005, 0.0005, 0.0005, 0.0005],
  );
  const { data } = JSON.parse(roo(at, ['session', 'stats', '@last', '-f', 'json']).stdout) as {
    data: { tools: { name: string; count: number; lastUsed: string }[]; usage: { cost: number } };
  };
  assert.equal(data.usage.cost.toFixed(4), '0.0020');
  assert.deepEqual(
    data.tools.map(({ name, count, lastUsed }) => [name, count, Number.isNaN(Date.parse(lastUsed))]),
    [
      ['execute_command', 2, false],
      ['read_file', 2, false],
    ],
  );
});

test('what of a prompt and of the instructions could not be read is said', async (t) => {
  const { at, server } = await scriptedWorld(t, going({ text: 'Gone.' }));
  writeFileSync(join(at.cwd, 'data.bin'), 'a\0b');
  symlinkSync('/etc/hostname', join(at.cwd, 'AGENTS.md'));
  const inside = await rooAsync(at, [], 'Go. @./none.txt @data.bin @a.txt\n');
  assert.match(
    inside.stdout,
    /@\.\/none\.txt was not added: there is no such file\n@data\.bin was not added: it is no text\n/,
  );
  assert.match(inside.stdout, /AGENTS\.md was not read: it is a link out of the project/);
  assert.match(server.requests[0]!.text, /alpha/);
  const once = await rooAsync(at, ['-p', 'Go. @./none.txt', '-f', 'json']);
  const { warnings } = JSON.parse(once.stdout) as { warnings: { code: string; message: string }[] };
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, message.split(':')[0]]),
    [
      ['CONTEXT_LEFT_OUT', '@./none.txt was not added'],
      ['CONTEXT_LEFT_OUT', 'AGENTS.md was not read'],
    ],
  );
});

test('instructions are said when they are loaded, and again when they changed', async (t) => {
  const { at } = await scriptedWorld(t);
  writeFileSync(join(at.cwd, 'AGENTS.md'), 'Rhyme.\n');
  assert.match((await rooAsync(at, [], 'Say hello.\n')).stdout, /^instructions from AGENTS\.md$/m);
  assert.doesNotMatch((await rooAsync(at, ['-c'], 'Thanks.\n')).stdout, /AGENTS/);
  writeFileSync(join(at.cwd, 'AGENTS.md'), 'Never rhyme.\n');
  assert.match((await rooAsync(at, ['-c'], 'Thanks.\n')).stdout, /^AGENTS\.md changed; the model is told$/m);
});
