// Real commands in the background: started, watched, read, ended.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isGroupRunning, processEntry } from '../../../src/workspace/processes/process-identity.ts';
import { bytesOf, ended, kill, tempProcesses, textOf, until } from './temp-processes.ts';

test('a command runs in its directory with its environment, and its exit code is told', async (t) => {
  const processes = tempProcesses(t);
  const over = once(processes.keeper, 'ended');
  const saved = await processes.start('pwd; echo "$PWD $GREETING"; echo oops >&2; exit 7', {
    GREETING: 'hello',
    LANG: 'C',
  });
  assert.deepEqual([saved.id, saved.status, saved.exitCode], ['p1', 'running', null]);
  assert.deepEqual(Object.keys(saved.environment), ['LANG', 'PWD']);
  const [end] = await over;
  assert.deepEqual(end, { ...saved, status: 'exited', exitCode: 7, endedAt: end.endedAt, logBytes: end.logBytes });
  const { home } = processes;
  assert.equal(await textOf(processes.keeper.output('p1')), `${home}\n${home} hello\noops\n`);
  assert.equal(end.logBytes, `${home}\n${home} hello\noops\n`.length);
});

test("its files are nobody else's to read", async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start('umask; echo x');
  await ended(processes, id);
  const { folder } = processes;
  for (const name of ['', 'output']) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o700);
  for (const name of ['p1.json', 'p1.pid', 'p1.exit', 'p1.end', 'output/p1.0.log', 'supervisor.lock']) {
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  }
  assert.match(await textOf(processes.keeper.output(id)), new RegExp(`^0*${process.umask().toString(8)}\n`));
});

test('two at once keep their outputs apart', async (t) => {
  const processes = tempProcesses(t);
  const both = await Promise.all(
    ['a', 'b'].map((name) => processes.start(`for i in 1 2 3; do echo ${name}; sleep 0.01; done`)),
  );
  assert.deepEqual(both.map(({ id }) => id).toSorted(), ['p1', 'p2']);
  for (const { id, command } of both) {
    await ended(processes, id);
    assert.equal(await textOf(processes.keeper.output(id)), `${/echo (\w)/.exec(command)![1]}\n`.repeat(3));
  }
});

for (const [signal, exitCode] of [
  ['SIGTERM', 143],
  ['SIGKILL', 137],
  ['SIGINT', 130],
] as const) {
  test(`a process that is ended by ${signal} has the exit code ${exitCode}`, async (t) => {
    const processes = tempProcesses(t);
    const { id, pid } = await processes.start('exec sleep 60');
    kill(pid, signal);
    const end = await ended(processes, id);
    assert.deepEqual([end.status, end.exitCode], ['exited', exitCode]);
  });
}

test('stopping ends all that a command started, and what does not listen is killed', async (t) => {
  const processes = tempProcesses(t);
  const { id, pid } = await processes.start(
    `trap '' TERM; (trap '' TERM; sleep 60) & sleep 60 & echo ready; wait; wait`,
  );
  await until('its line', () => processes.keeper.list()[0]!.logBytes > 0);
  assert.equal(processEntry(pid)!.groupId, pid);
  const stopped = await processes.keeper.stop(id, { graceMs: 100 });
  assert.deepEqual([stopped.status, stopped.exitCode], ['exited', 137]);
  assert.equal(isGroupRunning(pid), false);
  assert.deepEqual(await processes.keeper.stop(id), { ...stopped, logBytes: stopped.logBytes });
});

test('stopping lets a command clean up', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start(`trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.02; done`);
  await until('its line', () => processes.keeper.list()[0]!.logBytes > 0);
  assert.equal((await processes.keeper.stop(id)).exitCode, 5);
  await ended(processes, id);
  assert.match(await textOf(processes.keeper.output(id)), /^ready\n(Terminated\n)?bye\n$/);
});

test('a restart runs the same command in the same place, with the saved environment over the present one', async (t) => {
  const processes = tempProcesses(t);
  const first = await processes.start('echo "$LANG $NOW"; sleep 60', { LANG: 'C', NOW: 'then' });
  await until('its line', () => processes.keeper.list()[0]!.logBytes > 0);
  const { PATH } = process.env;
  const second = await processes.keeper.restart(first, { PATH, LANG: 'de_DE', NOW: 'now' });
  assert.deepEqual([second.id, second.command, second.workingDirectory], ['p2', first.command, first.workingDirectory]);
  await until('its line', () => processes.keeper.list()[1]!.logBytes > 0);
  assert.equal(await textOf(processes.keeper.output('p2')), 'C now\n');
  assert.deepEqual(
    processes.keeper.list().map(({ status }) => status),
    ['exited', 'running'],
  );
});

test('an id that the session knows is not given again', async (t) => {
  const { keeper, home } = tempProcesses(t);
  const { PATH } = process.env;
  const request = { command: 'exit', workingDirectory: home, environment: { PATH } };
  assert.equal((await keeper.start(request, ['p1', 'p7', 'x'])).id, 'p8');
  assert.equal((await keeper.start(request)).id, 'p9');
});

test('binary output comes back byte for byte', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start(`head -c 300000 "${process.execPath}"`);
  await ended(processes, id);
  const bytes = await bytesOf(processes.keeper.output(id));
  const wanted = readFileSync(process.execPath).subarray(0, 300_000);
  const hash = (some: Uint8Array): string => createHash('sha256').update(some).digest('hex');
  assert.equal(hash(bytes), hash(wanted));
});

test('the last lines, and a place in bytes', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start('printf "one\\ntwo\\nthree"');
  await ended(processes, id);
  const { keeper } = processes;
  assert.equal(await textOf(keeper.output(id, { lastLines: 2 })), 'two\nthree');
  assert.equal(await textOf(keeper.output(id, { lastLines: 9 })), 'one\ntwo\nthree');
  assert.equal(await textOf(keeper.output(id, { lastLines: 0 })), '');
  assert.equal(await textOf(keeper.output(id, { fromBytes: 4 })), 'two\nthree');
});

test('following shows what is there and what comes, and ends with the process', async (t) => {
  const processes = tempProcesses(t);
  const go = join(processes.home, 'go');
  const { id } = await processes.start(`echo before; until [ -e '${go}' ]; do sleep 0.02; done; echo after`);
  let text = '';
  for await (const { bytes } of processes.keeper.follow(id, {}, new AbortController().signal)) {
    text += Buffer.from(bytes).toString();
    if (text === 'before\n') await processes.start(`: >'${go}'`);
  }
  assert.equal(text, 'before\nafter\n');
});

test('following ends with its signal', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start('sleep 60');
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  assert.equal(await textOf(processes.keeper.follow(id, {}, stop.signal)), '');
});

test('what cannot be started says why, and leaves no process behind', async (t) => {
  const { keeper, start, home } = tempProcesses(t);
  const environment = { PATH: process.env['PATH'] };
  const nowhere = { command: 'true', workingDirectory: join(home, 'gone'), environment };
  await assert.rejects(keeper.start(nowhere), { code: 'PROCESS_FAILED', message: /no folder/ });
  assert.deepEqual(keeper.list(), []);
  const { id } = await start('no-such-command-here');
  const end = await until('its end', () => keeper.list().find((one) => one.id === id && one.status === 'exited'));
  assert.equal(end.exitCode, 127);
});

for (const id of ['p9', '../p1', '__proto__']) {
  test(`there is no process ${id}`, async (t) => {
    const { keeper } = tempProcesses(t);
    await assert.rejects(keeper.stop(id), { code: 'PROCESS_NOT_FOUND' });
    await assert.rejects(textOf(keeper.output(id)), { code: 'PROCESS_NOT_FOUND' });
  });
}
