// The built command and background processes: listed, read, stopped and run again from another process than their
// starter, with the supervisor that is built beside it.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ProcessKeeper } from '../../src/workspace/processes/process-keeper.ts';
import { until } from '../workspace/processes/temp-processes.ts';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface Home {
  folder: string;
  environment: Record<string, string>;
  roo(...words: string[]): Ran;
  /** `data` of a command that went well. */
  data<T>(...words: string[]): T;
  keeper: ProcessKeeper;
}

interface Listed {
  processes: { id: string; status: string; exitCode: number | null; pid: number; logBytes: number }[];
}

/** A session called `work` with a keeper for it, as the interactive command line has one. */
function homeWithSession(t: TestContext): Home {
  const folder = mkdtempSync(join(tmpdir(), 'roo-processes-'));
  const home = join(folder, 'home');
  const environment = { PATH: process.env['PATH']!, HOME: folder, ROO_HOME: home, SHELL: '/bin/sh' };
  const roo = (...words: string[]): Ran =>
    spawnSync(process.execPath, [ROO, ...words], { cwd: folder, env: environment, encoding: 'utf8' });
  const data = <T>(...words: string[]): T => {
    const ran = roo(...words, '-f', 'json');
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    return (JSON.parse(ran.stdout) as { data: T }).data;
  };
  const { session } = data<{ session: { id: string } }>('session', 'save', 'work');
  const keeper = new ProcessKeeper({ home, sessionId: session.id, nowMs: Date.now });
  t.after(async () => {
    for (const { id } of keeper.list()) await keeper.stop(id, { graceMs: 0 });
    keeper.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, environment, roo, data, keeper };
}

test('a process is listed, read, stopped and run again by other processes than its starter', async (t) => {
  const { data, roo, keeper, folder, environment } = homeWithSession(t);
  await keeper.start({
    command: 'printf "\\033[32mready\\033[0m\\n"; sleep 60',
    workingDirectory: folder,
    environment,
  });
  await until('its line', () => keeper.list()[0]!.logBytes > 0);

  const [listed] = data<Listed>('session', 'processes', 'work').processes;
  assert.deepEqual([listed!.id, listed!.status, listed!.exitCode], ['p1', 'running', null]);
  assert.equal(roo('session', 'logs', 'work', 'p1').stdout, 'ready\n');
  const { lines } = data<{ lines: string[] }>('session', 'logs', 'work', 'p1', '--last', '1');
  assert.deepEqual(lines, ['\u001b[32mready\u001b[0m']);

  const [stopped] = data<Listed>('session', 'processes', 'work', '--stop', 'p1').processes;
  assert.deepEqual([stopped!.status, stopped!.exitCode], ['exited', 143]);

  const { processes } = data<Listed>('session', 'processes', 'work', '--restart', 'p1');
  assert.deepEqual(
    processes.map(({ id, status }) => [id, status]),
    [
      ['p1', 'exited'],
      ['p2', 'running'],
    ],
  );
  await until('its line, through the supervisor that is built', () => keeper.list()[1]!.logBytes > 0);
  assert.equal(roo('session', 'logs', 'work', 'p2').stdout, 'ready\n');
  const { state } = data<{ state: { activeProcesses: { id: string; status: string }[] } }>('session', 'info', 'work');
  assert.deepEqual(
    state.activeProcesses.map(({ id, status }) => [id, status]),
    [
      ['p1', 'exited'],
      ['p2', 'running'],
    ],
  );
});

test('logs --follow goes on until the process ends', async (t) => {
  const { keeper, folder, environment } = homeWithSession(t);
  const go = join(folder, 'go');
  const command = `echo begun; until [ -e '${go}' ]; do sleep 0.02; done; echo over`;
  await keeper.start({ command, workingDirectory: folder, environment });
  const words = [ROO, 'session', 'logs', 'work', 'p1', '--follow'];
  const child = spawn(process.execPath, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  for await (const bytes of child.stdout) {
    text += String(bytes);
    if (text === 'begun\n') await keeper.start({ command: `: >'${go}'`, workingDirectory: folder, environment });
  }
  assert.equal(text, 'begun\nover\n');
});

for (const words of [
  ['logs', 'work', 'p9'],
  ['processes', 'work', '--stop', 'p9'],
  ['processes', 'work', '--restart', 'p9'],
]) {
  test(`roo session ${words.join(' ')}: there is no such process`, (t) => {
    const { roo } = homeWithSession(t);
    const { status, stderr } = roo('session', ...words);
    assert.equal(status, 3);
    assert.match(stderr, /no background process p9/);
  });
}
