// The built command in a real terminal: what is typed is what is recorded, and Ctrl-C belongs to whatever runs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const WAIT_MS = 15_000;

test('lines, history and Ctrl-C work as in a shell', { skip: hasTmux ? false : 'tmux is not installed' }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'roo-tty-'));
  const env = { ...process.env, ROO_HOME: join(folder, 'home'), HOME: folder, SHELL: '/bin/sh', NO_COLOR: '1' };
  const tmux = (...args: string[]): string => {
    return spawnSync('tmux', ['-S', join(folder, 'socket'), ...args], { env, cwd: folder, encoding: 'utf8' }).stdout;
  };
  t.after(() => {
    tmux('kill-server');
    rmSync(folder, { recursive: true, force: true });
  });
  const type = (...keys: string[]): string => tmux('send-keys', '-t', 'roo', ...keys);
  const shows = async (wanted: RegExp): Promise<void> => {
    for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 100) {
      if (wanted.test(tmux('capture-pane', '-p', '-t', 'roo'))) return;
      await wait(100);
    }
    assert.match(tmux('capture-pane', '-p', '-t', 'roo'), wanted);
  };
  tmux('new-session', '-d', '-s', 'roo', '-x', '80', '-y', '24', '/bin/sh');
  type(`'${process.execPath}' '${ROO}'`, 'Enter');
  await shows(/^roo>\s*$/m);
  type('!echo one two', 'Enter');
  await shows(/^one two$/m);
  type('a note', 'Enter');
  await shows(/^noted$/m);
  type('!echo begun; sleep 60', 'Enter');
  await shows(/^begun$/m);
  type('C-c');
  await shows(/interrupted$/m);
  type('dropped', 'C-c');
  await shows(/dropped\^C$/m);
  type('Up', 'Up', 'Enter');
  await shows(/dropped\^C\nroo> a note\nnoted$/m);
  type('C-d');
  await shows(/come back with: roo -r/);
});
