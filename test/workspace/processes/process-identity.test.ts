import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  entriesOf,
  isGroupRunning,
  isRunning,
  processEntry,
  processIdentity,
} from '../../../src/workspace/processes/process-identity.ts';
import { until } from './temp-processes.ts';

const OWN = readFileSync('/proc/self/stat', 'utf8');

for (const name of ['sh', 'a b', ') S 1 2 3', '((', 'x\ny', ') R 1\n7 (', '']) {
  test(`a program may be called ${JSON.stringify(name)}`, () => {
    const stat = OWN.replace(/\((?:.|\n)*\)/, () => `(${name})`);
    const [entry, again] = entriesOf(stat + stat);
    assert.deepEqual(entry, { ...processEntry(process.pid), isZombie: false });
    assert.deepEqual(again, entry);
  });
}

test('lines of ps are understood', () => {
  const lines = '  501   501 S+   Sat Nov 22 21:06:29 2026\n    7   501 Z    Sat Nov  1 01:06:29 2026    \n';
  assert.deepEqual(entriesOf(lines), [
    { pid: 501, groupId: 501, startTicks: 'Sat Nov 22 21:06:29 2026', isZombie: false },
    { pid: 7, groupId: 501, startTicks: 'Sat Nov  1 01:06:29 2026', isZombie: true },
  ]);
});

test('this process is running', () => {
  assert.equal(isRunning(process.pid, processIdentity(process.pid)!), true);
});

for (const [what, change] of Object.entries({
  'another start': { startTicks: '1' },
  'another boot': { bootId: '00000000-0000-0000-0000-000000000000' },
  'another namespace': { pidNamespace: 'pid:[1]' },
})) {
  test(`the same number with ${what} is another process`, () => {
    assert.equal(isRunning(process.pid, { ...processIdentity(process.pid)!, ...change }), false);
  });
}

test('nobody has a number that was never given', () => {
  assert.equal(processIdentity(2 ** 22 + 1), null);
});

test('a process that ended and was not collected is not running, and neither is its group', async (t) => {
  // The shell becomes one that never collects what it started.
  const script = 'sh -c "exit 0" & echo $!; exec sleep 60';
  const parent = spawn('setsid', ['sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => parent.kill('SIGKILL'));
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  const entry = await until('its end', () => {
    const now = processEntry(pid);
    return now?.isZombie ? now : null;
  });
  assert.equal(isRunning(pid, processIdentity(pid)!), false);
  assert.equal(isGroupRunning(entry.groupId), true);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  assert.equal(isGroupRunning(entry.groupId), false);
});
