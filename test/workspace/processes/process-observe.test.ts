// What is said of a process that somebody saved: ours only where everything fits, and never by its number alone.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { BackgroundProcess } from '../../../src/core/record.ts';
import { processIdentity } from '../../../src/workspace/processes/process-identity.ts';
import { ended, kill, supervisors, tempProcesses, until } from './temp-processes.ts';

function withIdentity(saved: BackgroundProcess, change: Record<string, string>): BackgroundProcess {
  return { ...saved, identity: { ...saved.identity!, ...change } };
}

test('a process that runs is running, also for who knows only its record', async (t) => {
  const { keeper, start, folder } = tempProcesses(t);
  const saved = await start('sleep 60');
  assert.equal(keeper.observe(saved).status, 'running');
  assert.deepEqual(processIdentity(saved.pid), saved.identity);
  const [{ reason, ...listed } = { reason: '' }] = keeper.list();
  assert.equal(reason, null);
  assert.deepEqual(listed, saved);
  assert.ok(folder.endsWith(join('state', 'processes', '0aa1bb2c-0000-4000-8000-000000000001')));
});

test('another process that has the number now is not taken for it', (t) => {
  const { keeper } = tempProcesses(t);
  const identity = { ...processIdentity(process.pid)!, startTicks: '1' };
  const seen = keeper.observe(savedProcess({ pid: process.pid, identity }));
  assert.equal(seen.status, 'lost');
});

for (const [what, change, reason] of [
  ['before the machine was restarted', { bootId: '00000000-0000-0000-0000-000000000000' }, /restarted|this machine/],
  ['in another container', { pidNamespace: 'pid:[1]' }, /container/],
] as const) {
  test(`a process that was started ${what} is lost, whoever has its number`, async (t) => {
    const { keeper, start } = tempProcesses(t);
    const saved = await start('sleep 60');
    const seen = keeper.observe(withIdentity(saved, change));
    assert.equal(seen.status, 'lost');
    assert.match(seen.reason!, reason);
  });
}

test('where the system tells no identity, a process without an exit code is lost', (t) => {
  const seen = tempProcesses(t).keeper.observe(savedProcess({ pid: process.pid, identity: null }));
  assert.deepEqual([seen.status, seen.exitCode], ['lost', null]);
});

test('a process that ended stays as it was recorded where its files are gone', (t) => {
  const saved = savedProcess({ status: 'exited', exitCode: 5, endedAt: '2026-01-02T11:00:00.000Z', logBytes: 7 });
  const seen = tempProcesses(t).keeper.observe(saved);
  assert.deepEqual(seen, {
    status: 'exited',
    exitCode: 5,
    endedAt: '2026-01-02T11:00:00.000Z',
    logBytes: 7,
    reason: null,
  });
});

test('files of a later process with the same id are not taken for its own', async (t) => {
  const processes = tempProcesses(t);
  const { id } = await processes.start('exit 3');
  await ended(processes, id);
  assert.equal(processes.keeper.observe(savedProcess({ id })).status, 'lost');
});

test('when the shell that waits is killed the process runs on; its end is seen, its exit code is not', async (t) => {
  const processes = tempProcesses(t);
  const go = join(processes.home, 'go');
  const saved = await processes.start(`echo before; until [ -e '${go}' ]; do sleep 0.02; done; echo after; exit 3`);
  await until('its first line', () => processes.keeper.observe(saved).logBytes > 0);
  kill(processes.files.pid(saved.id)!.waiter.pid);
  assert.equal(processes.keeper.observe(saved).status, 'running');
  await processes.start(`: >'${go}'`);
  const end = await ended(processes, saved.id);
  assert.deepEqual([end.status, end.exitCode], ['lost', null]);
  assert.match(processes.keeper.observe(saved).reason!, /shell that waited/);
  assert.equal(end.logBytes, 'before\nafter\n'.length);
});

test('when all of it is killed, supervisor included, that is seen without one', async (t) => {
  const processes = tempProcesses(t);
  const saved = await processes.start('exec sleep 60');
  const { waiter } = processes.files.pid(saved.id)!;
  kill(waiter.pid);
  for (const pid of supervisors(processes.folder)) kill(pid);
  kill(saved.pid);
  const seen = await until('its end', () => {
    const now = processes.keeper.observe(saved);
    return now.status === 'running' ? null : now;
  });
  assert.equal(seen.status, 'lost');
});

test('a number given again by the system is not taken for the process that had it', { skip: skipNamespaces() }, (t) => {
  // In a namespace of its own a number can be chosen: the first process ends, the second gets the same.
  const { home } = tempProcesses(t);
  const module = new URL('../../../src/workspace/processes/process-identity.ts', import.meta.url).pathname;
  const script = `
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    import { writeFileSync } from 'node:fs';
    import { setTimeout as wait } from 'node:timers/promises';
    import { isRunning, processIdentity } from ${JSON.stringify(module)};
    const startAs = async (pid) => {
      writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
      const child = spawn('sleep', ['60']);
      await once(child, 'spawn');
      return child;
    };
    const first = await startAs(3000);
    const identity = processIdentity(3000);
    const wasRunning = isRunning(3000, identity);
    first.kill('SIGKILL');
    await once(first, 'exit');
    await wait(50);
    const second = await startAs(3000);
    console.log(JSON.stringify([first.pid, second.pid, wasRunning, isRunning(3000, identity)]));
    second.kill('SIGKILL');
  `;
  const run = inNamespace(process.execPath, '--input-type=module', '--eval', script);
  assert.equal(run.stderr, '');
  assert.deepEqual(JSON.parse(run.stdout), [3000, 3000, true, false]);
  rmSync(home, { recursive: true, force: true });
});

function inNamespace(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('unshare', ['--pid', '--fork', '--mount-proc', ...words], { encoding: 'utf8' });
}

function skipNamespaces(): string | false {
  const run = inNamespace('sh', '-c', 'echo 2000 >/proc/sys/kernel/ns_last_pid');
  return run.status === 0 ? false : 'needs the right to make pid namespaces';
}

function savedProcess(fields: Partial<BackgroundProcess>): BackgroundProcess {
  return {
    id: 'p1',
    command: 'c',
    workingDirectory: '/',
    environment: {},
    pid: 1,
    identity: { ...processIdentity(1)!, startTicks: '1' },
    status: 'running',
    exitCode: null,
    startedAt: '2026-01-02T10:00:00.000Z',
    endedAt: null,
    logBytes: 0,
    ...fields,
  };
}
