// A turn that is cut short, by a kill or by the user: what was shown is kept, the session says what it was doing, and
// goes on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, kill, records, roo, rooAsync, shown, start, started } from '../helpers/built-roo.ts';
import { going, scriptedWorld, TALK, until } from '../helpers/scripted-world.ts';

test('the prompt is durable before the model is asked', async (t) => {
  const { at, server } = await scriptedWorld(t, going({ fault: 'silence', times: 99 }));
  const child = start(at, ['-p', 'Go.']);
  t.after(() => kill(child));
  await until(() => server.requests.length === 1);
  await kill(child);
  assert.deepEqual(
    shown(at).map(({ role, parts }) => [role, parts[0]!.text]),
    [['user', 'Go.']],
  );
});

test('an answer cut short by kill -9 keeps what was shown, and is gone on with', async (t) => {
  const long = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
  const { at, server } = await scriptedWorld(t, going({ text: long, eventDelayMs: 120 }));
  const child = await started(t, at, 'Go.\n', 'word3');
  await sleep(1100);
  await kill(child);
  const [, answer] = shown(at);
  assert.match(answer!.parts[0]!.text!, /^word0 word1 word2 word3/);
  const again = await rooAsync(at, ['-c'], 'Thanks.\n');
  assert.equal(again.status, 0, again.stderr);
  const messages = records(at).filter(({ type }) => type === 'message');
  assert.deepEqual(
    messages.map(({ role, stop }) => [role, stop]),
    [
      ['user', undefined],
      ['assistant', 'interrupted'],
      ['user', undefined],
      ['assistant', undefined],
    ],
  );
  const sent = server.requests.at(-1)!.body['messages'] as { role: string; content: string }[];
  assert.match(JSON.stringify(sent), /word3/);
});

test('a call cut short by kill -9 is told as interrupted, offered, and run again when asked to', async (t) => {
  const { at, server } = await scriptedWorld(t, [
    {
      prompt: 'Go.',
      steps: [{ calls: [{ shell: 'echo begun; test -e ran || { touch ran; exec sleep 20; }' }] }, { text: 'Done.' }],
    },
    ...TALK,
  ]);
  const child = await started(t, at, 'Go.\n', 'begun', ['--allow', 'execute_command']);
  await sleep(900);
  await kill(child);
  const again = await rooAsync(
    at,
    ['-c', '--allow', 'execute_command'],
    '/interrupted\n/interrupted again\n/continue\n',
  );
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /interrupted: execute_command echo begun/);
  assert.match(again.stdout, /it had printed: begun/);
  assert.match(again.stdout, /Done\./);
  const end = records(at).find(({ type }) => type === 'tool-end')!;
  assert.equal(end['status'], 'ok');
  assert.match(JSON.stringify(server.requests.at(-1)!.body['messages']), /begun/);
});

test('a dangling call does not keep the next prompt from being answered', async (t) => {
  const { at, server } = await scriptedWorld(t, [
    { prompt: 'Go.', steps: [{ calls: [{ shell: 'echo begun; exec sleep 20' }] }] },
    ...TALK,
  ]);
  const child = await started(t, at, 'Go.\n', 'begun', ['--allow', 'execute_command']);
  await kill(child);
  const next = await rooAsync(at, ['-p', 'Thanks.', '--session', '@last']);
  assert.equal(next.stdout, 'You are welcome.\n');
  assert.match(JSON.stringify(server.requests.at(-1)!.body['messages']), /interrupted/);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} in the middle of an answer records what was said as interrupted`, async (t) => {
    const long = Array.from({ length: 80 }, (_, i) => `word${i}`).join(' ');
    const { at } = await scriptedWorld(t, going({ text: long, eventDelayMs: 100 }));
    const child = await started(t, at, 'Go.\n', 'word2');
    child.kill(signal);
    child.stdin.end();
    await ended(child);
    const answer = records(at).findLast(({ type }) => type === 'message')!;
    assert.equal(answer['stop'], 'interrupted');
    assert.match(JSON.stringify(answer['parts']), /word2/);
    assert.equal(records(at).at(-2)!.type, 'close');
  });
}

test('a command that outlived its roo is said to run still, by process and by verb', async (t) => {
  const { at } = await scriptedWorld(t, going({ calls: [{ shell: 'echo begun; exec sleep 300' }] }));
  const child = await started(t, at, 'Go.\n', 'begun', ['--allow', 'execute_command']);
  await until(() => records(at).some(({ process }) => process !== undefined));
  await kill(child);
  const { pid } = records(at).find(({ process }) => process !== undefined)!['process'] as { pid: number };
  t.after(() => process.kill(pid, 'SIGKILL'));
  const lines = roo(at, ['-c'], '/interrupted\n').stdout;
  assert.match(lines, new RegExp(`interrupted: execute_command echo begun.*its process ${pid} still runs`));
  assert.match(lines, new RegExp(`its process ${pid} still runs; !kill ${pid} ends it`));
  const { data } = JSON.parse(roo(at, ['session', 'info', '@last', '-f', 'json']).stdout) as {
    data: { openCalls: { name: string; process: unknown }[] };
  };
  assert.deepEqual(
    data.openCalls.map(({ name, process }) => [name, process]),
    [['execute_command', { pid, isRunning: true }]],
  );
  const killed = roo(at, ['-c'], `!kill ${pid}\n`);
  assert.equal(killed.status, 0, killed.stderr);
  assert.match(roo(at, ['session', 'info', '@last', '-f', 'table']).stdout, new RegExp(`its process ${pid} has ended`));
});

test('a typed command that was cut short is told with its process', async (t) => {
  const { at } = await scriptedWorld(t);
  const child = await started(t, at, '!echo begun; exec sleep 300\n', 'begun');
  await until(() => records(at).some(({ process }) => process !== undefined));
  await kill(child);
  const { pid } = records(at).find(({ process }) => process !== undefined)!['process'] as { pid: number };
  process.kill(pid, 'SIGKILL');
  assert.match(roo(at, ['-c'], '').stdout, new RegExp(`its process ${pid} has ended`));
});
