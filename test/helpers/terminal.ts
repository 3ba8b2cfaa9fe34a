// A real terminal for tests: a program in a pane of tmux, keys typed at it, and what its screen shows.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));
const WAIT_MS = 15_000;
const LOOK_MS = 40;

/** The reason to skip a test where there is no tmux; false where there is. */
export const NO_TERMINAL: string | false = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

export interface Terminal {
  /** The folder of the test, which is the home of everything that runs in the terminal. */
  folder: string;
  /** Keys as tmux names them (`Enter`, `C-c`, `Up`), and words. */
  type(...keys: string[]): void;
  /** Words just as they are, whatever keys they are named like. */
  literally(text: string): void;
  /** As a terminal pastes: in brackets where the program asked for them. */
  paste(text: string): void;
  /** Bytes that arrive at once, as a paste without brackets does. */
  bytes(text: string): void;
  resize(columns: number, rows: number): void;
  screen(): string;
  /** Waits until the screen fits. */
  shows(wanted: RegExp): Promise<void>;
  roo(...words: string[]): void;
}

/** A shell in a terminal of this size. It and all that runs in it ends with the test. */
export function openTerminal(
  t: TestContext,
  columns: number,
  rows: number,
  env: Record<string, string> = {},
): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'roo-tty-'));
  const world = {
    ...process.env,
    ROO_HOME: join(folder, 'home'),
    HOME: folder,
    SHELL: '/bin/sh',
    PS1: '$ ',
    PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    NO_COLOR: '1',
    LC_ALL: 'C.UTF-8',
    ...env,
  };
  const tmux = (words: string[], input?: string): string => {
    const options = { env: world, cwd: folder, encoding: 'utf8' as const, ...(input !== undefined && { input }) };
    return spawnSync('tmux', ['-u', '-S', join(folder, 'socket'), ...words], options).stdout;
  };
  t.after(() => {
    tmux(['kill-server']);
    // What ran there may still be writing its last words.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'roo'), `#!/bin/sh\nexec '${process.execPath}' '${ROO}' "$@"\n`, { mode: 0o755 });
  tmux(['-f', '/dev/null', 'new-session', '-d', '-s', 'roo', '-x', String(columns), '-y', String(rows), '/bin/sh']);
  const screen = (): string => tmux(['capture-pane', '-p', '-t', 'roo']);
  const put = (text: string, ...options: string[]): void => {
    tmux(['load-buffer', '-'], text);
    tmux(['paste-buffer', '-r', ...options, '-t', 'roo']);
  };
  const literally = (text: string): void => void tmux(['send-keys', '-t', 'roo', '-l', text]);
  return {
    folder,
    type: (...keys) => void tmux(['send-keys', '-t', 'roo', ...keys]),
    literally,
    paste: (text) => put(text, '-p'),
    bytes: (text) => put(text),
    resize: (width, height) => void tmux(['resize-window', '-t', 'roo', '-x', String(width), '-y', String(height)]),
    screen,
    async shows(wanted) {
      for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += LOOK_MS) {
        if (wanted.test(screen())) return;
        await wait(LOOK_MS);
      }
      assert.match(screen(), wanted);
    },
    roo: (...words) => literally(`${['roo', ...words].join(' ')}\n`),
  };
}
