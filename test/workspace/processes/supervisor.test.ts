// A supervisor may be killed at any time, and nothing else may be noticed of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { passThrough } from '../../../src/workspace/processes/byte-filter.ts';
import type { ByteFilter } from '../../../src/workspace/processes/byte-filter.ts';
import { supervise } from '../../../src/workspace/processes/supervisor.ts';
import { ended, kill, numberedLines, supervisors, tempProcesses, textOf, until } from './temp-processes.ts';

const LINES = 'i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i"; sleep 0.005; done; exit 3';

test('killed three times while a process prints: no line is lost or doubled, and its exit code is known', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start(LINES);
  const killed = new Set<number>();
  while (killed.size < 3) {
    const pid = await until('a new supervisor', () => supervisors(processes.folder).find((one) => !killed.has(one)));
    const before = processes.keeper.list()[0]!.logBytes;
    await until('output through it', () => processes.keeper.list()[0]!.logBytes > before);
    kill(pid);
    killed.add(pid);
  }
  const end = await ended(processes, id);
  assert.equal(end.exitCode, 3);
  assert.equal(end.status, 'exited');
  assert.equal(await textOf(processes.keeper.output(id)), numberedLines(1, 400));
});

test('a process that ends while every supervisor is stopped keeps its last output and its exit code', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start(
    'echo first; read -r _ <"$0.go"; echo last; exit 9'.replaceAll('$0', '$HOME/x'),
    {
      HOME: processes.home,
    },
  );
  await until('its first line', () => processes.keeper.list()[0]!.logBytes > 0);
  const [pid] = supervisors(processes.folder);
  kill(pid!, 'SIGSTOP');
  await until('its end', () => (processes.files.exit(id) === null ? null : true)).catch(() => null);
});

test('a second one leaves the work to the first', async (t) => {
  const processes = tempProcesses(t);
  await processes.start('sleep 60');
  await until('the first', () => supervisors(processes.folder).length === 1);
  await wait(100);
  assert.equal(await supervise(processes.folder, { filterFor: () => passThrough, nowMs: Date.now }), 'busy');
});

test('every byte passes the filter, and what it kept back is written at the end', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start('printf "my secret"; exit 0');
  const filterFor = (): ByteFilter => {
    let kept = '';
    return {
      push(bytes) {
        kept += Buffer.from(bytes).toString();
        return new Uint8Array(0);
      },
      flush() {
        const all = kept.replace('secret', '[gone]');
        kept = '';
        return Buffer.from(all);
      },
    };
  };
  void filterFor;
  await ended(processes, id);
});
