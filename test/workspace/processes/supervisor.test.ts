// A supervisor may be killed at any time, and nothing else may be noticed of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSupervised, trySupervise } from '../../../src/workspace/processes/supervisor-lock.ts';
import { passThrough } from '../../helpers/pass-through.ts';
import { supervise } from '../../../src/workspace/processes/supervisor.ts';
import { runs } from '../../helpers/slow.ts';
import { ended, kill, numberedLines, supervisors, tempProcesses, textOf, until } from './temp-processes.ts';

const KILLS = runs(3, 20);

test(`killed ${KILLS} times while a process prints: no line is lost or doubled, and its exit code is known`, async (t) => {
  const processes = tempProcesses(t);
  const go = `${processes.home}/enough`;
  const { id } = await processes.start(
    `i=0; until [ -e '${go}' ]; do i=$((i+1)); echo "line $i"; sleep 0.005; done; exit 3`,
  );
  const size = (): number => processes.keeper.list()[0]!.logBytes;
  const killed = new Set<number>();
  while (killed.size < KILLS) {
    const pid = await until('a new supervisor', () => supervisors(processes.folder).find((one) => !killed.has(one)));
    const before = size();
    await until('output through it', () => size() > before);
    kill(pid);
    killed.add(pid);
  }
  await processes.start(`: >'${go}'`);
  const end = await ended(processes, id);
  const text = await textOf(processes.keeper.output(id));
  assert.deepEqual([end.status, end.exitCode], ['exited', 3]);
  assert.equal(text, numberedLines(1, text.split('\n').length - 1));
});

test('while no supervisor lives a process waits, and goes on where it was', async (t) => {
  const processes = tempProcesses(t);
  processes.files.make();
  const lock = trySupervise(processes.folder)!;
  const { id } = await processes.start('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "line $i"; done; exit 9');
  assert.equal(processes.keeper.list()[0]!.status, 'running');
  assert.equal(processes.keeper.list()[0]!.logBytes, 0);
  lock.release();
  processes.keeper.list();
  const end = await ended(processes, id);
  assert.equal(end.exitCode, 9);
  assert.equal(await textOf(processes.keeper.output(id)), numberedLines(1, 20_000));
});

test('what a process said before it ended without a supervisor is not lost, and its exit code is known at once', async (t) => {
  const processes = tempProcesses(t);
  processes.files.make();
  const lock = trySupervise(processes.folder)!;
  const { id } = await processes.start('echo last words; exit 4');
  await until('its end', () => processes.files.exit(id));
  const [seen] = processes.keeper.list();
  assert.deepEqual([seen!.status, seen!.exitCode, seen!.logBytes], ['exited', 4, 0]);
  lock.release();
  processes.keeper.list();
  await ended(processes, id);
  assert.equal(await textOf(processes.keeper.output(id)), 'last words\n');
});

test('a second one leaves the work to the first', async (t) => {
  const processes = tempProcesses(t);
  await processes.start('sleep 60');
  await until('the first', () => isSupervised(processes.folder));
  assert.equal(await supervise(processes.folder, { filterFor: () => passThrough, nowMs: Date.now }), 'busy');
});

test('it ends by itself, and so does every shell of ours, when the last process has ended', async (t) => {
  const processes = tempProcesses(t);
  await processes.start('exit 0');
  const { id } = await processes.start('echo done');
  await ended(processes, id);
  await until('the end of all', () => supervisors(processes.folder).length === 0 && !isSupervised(processes.folder));
  assert.equal(processes.files.hasFifo(id), false);
});

test('output of what a command left behind still reaches the log', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start('(sleep 0.5; echo from behind) & echo first');
  await ended(processes, id);
  await until('the end of all', () => !processes.files.hasFifo(id));
  assert.equal(await textOf(processes.keeper.output(id)), 'first\nfrom behind\n');
});
