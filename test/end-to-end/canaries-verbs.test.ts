// Canaries in what commands are handed, in the name of the folder that they run in, and in a conversation that is kept
// nowhere: what stands beside the sessions, and what goes to a model, has none of them.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { roo, rooAsync } from '../helpers/built-roo.ts';
import { Canaries } from '../helpers/canaries.ts';
import { canariesBelow, canariesIn, waysNotTaken } from '../helpers/canary-search.ts';
import { placeWithModel } from '../helpers/canary-world.ts';

test('what verbs are handed comes clean into the session, the list, the trash and what is logged', async (t) => {
  const canaries = new Canaries(5);
  const { at, server } = await placeWithModel(t, [{ prompt: 'Hello', steps: [{ text: canaries.line('an answer') }] }]);
  const done = (...args: string[]): string => {
    const { status, stdout, stderr } = roo(at, args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  await rooAsync(at, ['-p', `Hello ${canaries.line('a prompt')}`]);
  await rooAsync(at, ['-p', '-'], `Hello ${canaries.lines('a prompt from standard input', 3)}`);
  done(
    'session',
    'save',
    canaries.line('a name'),
    '--description',
    canaries.line('a description'),
    '--tag',
    canaries.token('a tag'),
  );
  done('session', 'edit', '@last', '--outcome', canaries.line('an outcome'), '--name', canaries.line('another name'));
  done('session', 'config', '@last', 'model', `openai/${canaries.token('a model')}`);
  done('session', 'checkpoint', canaries.line('the words of a checkpoint'));
  roo(at, ['session', 'find', canaries.token('what is searched for')]);
  roo(at, ['session', 'show', canaries.token('a name that is nobody')]);
  done('session', 'fork', '@last', '--name', canaries.token('the name of a fork'));
  done('session', 'archive', '@last');
  const { sessions } = (JSON.parse(done('session', 'list', '-f', 'json')) as { data: { sessions: { id: string }[] } })
    .data;
  done('session', 'delete', sessions[0]!.id);
  done('session', 'list', '--trash');
  const told = ['audit', 'list', 'info @last', 'show @last --raw'].map((words) => done('session', ...words.split(' ')));
  assert.deepEqual([...canariesIn(told, canaries.planted), ...canariesBelow(at.home, canaries.planted)], []);
  const asked = new Set(['what is searched for', 'a name that is nobody']);
  const sent = server.requests.map(({ text }) => text);
  assert.ok(sent.length >= 2);
  assert.deepEqual(canariesIn(sent, canaries.planted), []);
  assert.deepEqual(
    waysNotTaken(at.home, canaries.planted).filter((way) => !asked.has(way)),
    [],
  );
});

test('a session in a folder whose name is a secret keeps it nowhere, and is found and gone on with there', async (t) => {
  const canaries = new Canaries(6);
  const { at: around } = await placeWithModel(t, [{ prompt: 'Hello', steps: [{ text: 'Hello.' }] }]);
  const at = { ...around, cwd: join(around.cwd, canaries.token('the folder')) };
  mkdirSync(at.cwd);
  await rooAsync(at, [], 'Hello\n!pwd\n!sleep 0 &\n');
  const listed = roo(at, ['session', 'list']).stdout.trim().split('\n');
  assert.equal(listed.length, 1);
  assert.match(listed[0]!, /Hello/);
  assert.match(roo(at, ['session', 'load', '@last', '--dry-run']).stdout, /stay/);
  const { stdout } = await rooAsync(at, ['-c'], '!pwd\n');
  assert.match(stdout, new RegExp(`^${at.cwd}$`, 'm'));
  assert.deepEqual(canariesBelow(at.home, canaries.planted), []);
  assert.deepEqual(waysNotTaken(at.home, canaries.planted), []);
});

test('a conversation that is kept nowhere sends no secret to the model either', async (t) => {
  const canaries = new Canaries(7);
  const { at, server } = await placeWithModel(t, [
    {
      prompt: 'Look',
      steps: [{ text: canaries.line('an answer'), calls: [{ read: 'settings.txt' }] }, { text: 'Seen.' }],
    },
  ]);
  writeFileSync(join(at.cwd, 'settings.txt'), canaries.lines('a file', 3));
  const typed = [
    `!cat settings.txt; echo ${canaries.token('a command')}`,
    `Look at ${canaries.line('a prompt')}`,
    'Look again',
  ];
  const { stdout } = await rooAsync(at, ['--ephemeral'], `${typed.join('\n')}\n`);
  assert.match(stdout, /Seen\./);
  const sent = server.requests.map(({ text }) => text);
  assert.ok(sent.length >= 3 && sent.some((text) => text.includes('[REDACTED:')));
  assert.deepEqual([...canariesIn(sent, canaries.planted), ...canariesBelow(at.home, canaries.planted)], []);
});
