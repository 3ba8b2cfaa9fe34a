// Keys in a real terminal while a turn runs and asks: what interrupts, what answers, and what waits for the prompt.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';
import type { Terminal } from '../helpers/terminal.ts';

const CHILD = fileURLToPath(new URL('../helpers/children/turn-at-terminal.ts', import.meta.url));
const options = { skip: NO_TERMINAL };

async function beginTurn(t: TestContext, subject: string, columns = 80, rows = 24): Promise<Terminal> {
  const terminal = openTerminal(t, columns, rows);
  writeFileSync(join(terminal.folder, 'subject'), JSON.stringify(subject));
  terminal.literally(`clear; '${process.execPath}' '${CHILD}' "$(cat subject)"\n`);
  await terminal.shows(/^turn begun$/m);
  return terminal;
}

async function ask(terminal: Terminal): Promise<void> {
  writeFileSync(join(terminal.folder, 'ask'), '');
  await terminal.shows(/never( in this session)?:\s*$/);
}

test('Esc and Ctrl-C interrupt a turn; arrows and pasted text do not', options, async (t) => {
  const terminal = await beginTurn(t, 'ls');
  terminal.type('Up', 'Left', 'F5', 'M-x');
  terminal.bytes('\u001b[A\u001b[200~pas\u0003ted\u001b[201~');
  terminal.type('Escape');
  await terminal.shows(/^interrupted 1$/m);
  terminal.type('C-c');
  await terminal.shows(/^turn begun\ninterrupted 1\ninterrupted 2$/m);
});

test('what is typed in a turn waits for the prompt and answers no question', options, async (t) => {
  const terminal = await beginTurn(t, 'ls');
  terminal.literally('say yes and no');
  await ask(terminal);
  terminal.literally(' always\r');
  await new Promise((resolve) => setTimeout(resolve, 900));
  terminal.literally('n');
  await terminal.shows(/^answer: deny\n(.*\n)*line: "say yes and no always"\nme>\s*$/m);
});

for (const [typed, answer] of [
  ['y', 'once'],
  ['a', 'session'],
  ['n', 'deny'],
  ['d', 'deny-session'],
  ['yes\r', 'once'],
] as const) {
  test(`${JSON.stringify(typed)} answers ${answer}, and nothing of it reaches the prompt`, options, async (t) => {
    const terminal = await beginTurn(t, 'ls');
    await ask(terminal);
    terminal.literally(typed);
    await terminal.shows(new RegExp(`^answer: ${answer}\\nme>\\s*$`, 'm'));
  });
}

for (const key of ['C-c', 'Escape']) {
  test(`${key} at a question denies, and interrupts the turn`, options, async (t) => {
    const terminal = await beginTurn(t, 'ls');
    await ask(terminal);
    terminal.type(key);
    await terminal.shows(/^interrupted 1\nanswer: deny\nme>\s*$/m);
  });
}

test('a question shows a hostile subject as it is, in a narrow terminal', options, async (t) => {
  const lines = Array.from({ length: 30 }, (_, i) => `rm ${i}`);
  const terminal = await beginTurn(t, `echo safe\r\u001b[2Jrm -rf ~ \u202e\n${lines.join('\n')}`, 40, 24);
  await ask(terminal);
  await terminal.shows(
    /May execute\\u\{202e\}_command run this\?\n {2}echo safe\\u\{d\}\\u\{1b\}\[2Jrm -rf ~ \\u\{20\n {2}2e\}\n {2}rm 0\n/,
  );
  await terminal.shows(
    /rm 9\n {2}… of [0-9]+ characters in 31 lines\n\[y\]es {2}\[a\]lways {2}\[n\]o {2}\[d\] never:\s*$/,
  );
  terminal.type('d');
  await terminal.shows(/answer: deny-session/);
});

test('earlier prompts of the session are recalled, and cannot steer the terminal', options, async (t) => {
  const terminal = await beginTurn(t, 'ls');
  await ask(terminal);
  terminal.type('n');
  await terminal.shows(/^me>\s*$/m);
  terminal.type('Up');
  await terminal.shows(/^me> newer$/m);
  terminal.type('Up');
  await terminal.shows(/^me> older\\u\{1b\}\[2J$/m);
  terminal.type('Enter');
  await terminal.shows(/^line: "older\\u001b\[2J"$/m);
});

test('Tab completes what is certain and shows what is not', options, async (t) => {
  const terminal = await beginTurn(t, 'ls');
  await ask(terminal);
  terminal.type('n');
  await terminal.shows(/^me>\s*$/m);
  terminal.literally('/');
  terminal.type('Tab');
  await terminal.shows(/^me> \/\n\/resume {2}does \/resume\n\/rewind {2}does \/rewind\n\/fork {4}does \/fork$/m);
  terminal.literally('r');
  terminal.type('Tab');
  await terminal.shows(/^me> \/re$/m);
  terminal.literally('w');
  terminal.type('Tab');
  await terminal.shows(/^me> \/rewind\s*$/m);
  terminal.literally('x\r');
  await terminal.shows(/^line: "\/rewind x"$/m);
});
