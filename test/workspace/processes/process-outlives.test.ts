// A background process outlives who started it, and the terminal it was started from.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../helpers/child.ts';
import { ended, SESSION_ID, tempProcesses, textOf, until } from './temp-processes.ts';
import type { TempProcesses } from './temp-processes.ts';

const STARTER = fileURLToPath(new URL('../../helpers/children/start-process.ts', import.meta.url));
const hasTmux = spawnSync('tmux', ['-V']).status === 0;

function untilGone(home: string): string {
  return `echo begun; until [ -e '${join(home, 'go')}' ]; do sleep 0.02; done; echo over; exit 6`;
}

/** Lets it end, and looks at what was kept of it. */
async function assertWhole(processes: TempProcesses): Promise<void> {
  const [seen] = processes.keeper.list();
  assert.equal(seen!.status, 'running', JSON.stringify(seen));
  await processes.start(`: >'${join(processes.home, 'go')}'`);
  const end = await ended(processes, 'p1');
  assert.deepEqual([end.status, end.exitCode], ['exited', 6]);
  assert.equal(await textOf(processes.keeper.output('p1')), 'begun\nover\n');
}

test('when its starter is killed it runs on, and another one finds it', async (t) => {
  const processes = tempProcesses(t);
  const { home } = processes;
  const child = startChild(t, 'start-process', [home, SESSION_ID, untilGone(home)]);
  await child.saysLines(1);
  await child.end('SIGKILL');
  await assertWhole(processes);
});

test('when its starter is killed before it has begun, it begins all the same', async (t) => {
  const processes = tempProcesses(t);
  const { home, files } = processes;
  const child = startChild(t, 'start-process', [home, SESSION_ID, untilGone(home)]);
  await until('its FIFO', () => files.ids().includes('p1') && files.hasFifo('p1'));
  await child.end('SIGKILL');
  await until('its number', () => files.pid('p1'));
  await assertWhole(processes);
});

test('when the terminal is closed it runs on', { skip: hasTmux ? false : 'tmux is not installed' }, async (t) => {
  const processes = tempProcesses(t);
  const { home } = processes;
  const tmux = (...words: string[]): string =>
    spawnSync('tmux', ['-S', join(home, 'socket'), ...words], { encoding: 'utf8' }).stdout;
  t.after(() => tmux('kill-server'));
  tmux('new-session', '-d', '-s', 'one', process.execPath, STARTER, home, SESSION_ID, untilGone(home));
  await until('its start', () => (processes.keeper.list()[0]?.logBytes ?? 0) > 0);
  const starter = Number(tmux('list-panes', '-t', 'one', '-F', '#{pane_pid}'));
  tmux('kill-session', '-t', 'one');
  await until('the end of its starter', () => spawnSync('kill', ['-0', String(starter)]).status !== 0);
  await assertWhole(processes);
});
