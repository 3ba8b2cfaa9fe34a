// `roo -r` in a real terminal: the picker finds sessions while one types, and opens the chosen one or none.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';
import type { Terminal } from '../helpers/terminal.ts';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));
const options = { skip: NO_TERMINAL };

/** A session of its own, in a folder below the terminal's, with these lines typed. */
function makeSession({ folder }: Terminal, project: string, lines: string): void {
  const cwd = join(folder, project);
  mkdirSync(join(cwd, '.git'), { recursive: true });
  const env = { ...process.env, ROO_HOME: join(folder, 'home'), HOME: folder, SHELL: '/bin/sh' };
  spawnSync(process.execPath, [ROO], { cwd, env, input: lines });
}

async function makeSessions(terminal: Terminal): Promise<void> {
  makeSession(terminal, 'shop', 'fix the login form\n/tag urgent web\n');
  makeSession(terminal, 'shop', 'crash in 接続 pool\n');
  makeSession(terminal, 'shop', 'hostile\u001b[2J title\n');
  makeSession(terminal, 'bank', 'interest rates\n');
  terminal.literally('cd shop; clear\n');
  await terminal.shows(/^\$\s*$/);
}

for (const [columns, rows] of [
  [80, 24],
  [40, 10],
] as const) {
  test(`the picker finds a session by what is typed, in ${columns}×${rows}`, options, async (t) => {
    const terminal = openTerminal(t, columns, rows);
    await makeSessions(terminal);
    terminal.roo('-r');
    await terminal.shows(/^resume>\s*\n3 of 3 sessions, this project\n> [0-9a-f]{8} .*hostile\\u\{1b\}\[2J/);
    terminal.literally('logn');
    await terminal.shows(/^resume> logn\n1 of 3 sessions.*\n> [0-9a-f]{8} .*fix the l/);
    await terminal.shows(/^ {2}\d messages? · /m);
    terminal.type('Enter');
    await terminal.shows(/Going on with [0-9a-f]{8} “fix the login fo\n?rm”/);
    await terminal.shows(/^roo>\s*$/m);
  });
}

test('tags, other scripts and other projects are found too', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await makeSessions(terminal);
  terminal.roo('-r');
  await terminal.shows(/3 of 3 sessions/);
  terminal.literally('urgent');
  await terminal.shows(/1 of 3 .*\n> .*fix the login form {2}#urgent #web\n/);
  terminal.type('C-u');
  terminal.literally('接続');
  await terminal.shows(/1 of 3 .*\n> .*crash in 接続 pool\n/);
  terminal.type('C-u');
  terminal.literally('interest');
  await terminal.shows(/0 of 3 .*\n {2}no session fits\n/);
  terminal.type('Enter', 'Tab');
  await terminal.shows(/1 of 4 sessions, all projects\n> .* bank .*interest rates\n/);
});

test('arrows choose among those found', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await makeSessions(terminal);
  terminal.roo('-r');
  await terminal.shows(/3 of 3 sessions/);
  terminal.type('Up', 'Down', 'End', 'Down');
  await terminal.shows(/^> [0-9a-f]{8} .*fix the login/m);
  terminal.type('Home', 'C-n', 'Enter');
  await terminal.shows(/Going on with [0-9a-f]{8} “crash in 接続 pool”/);
});

for (const key of ['Escape', 'C-c', 'C-d']) {
  test(`${key} leaves the picker with exit code 130 and the screen as it was`, options, async (t) => {
    const terminal = openTerminal(t, 80, 24);
    await makeSessions(terminal);
    terminal.roo('-r;', 'echo "code $?"');
    await terminal.shows(/3 of 3 sessions/);
    terminal.type(key);
    await terminal.shows(/^\$ roo -r; echo "code \$\?"\nroo: no session was chosen\ncode 130\n\$\s*$/);
  });
}

test('the keys typed behind the choice are the first input of the session', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await makeSessions(terminal);
  terminal.roo('-r');
  await terminal.shows(/3 of 3 sessions/);
  terminal.literally('login\rmore words');
  await terminal.shows(/^roo> more words$/m);
});

test('without a session there is nothing to pick', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  terminal.roo('-r;', 'echo "code $?"');
  await terminal.shows(/there is no session yet\n(.*\n)*code 3\n/);
});
