// The prompt in a real terminal, wide and narrow: what is typed, pasted, recalled and completed is what is recorded.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { NO_TERMINAL, openTerminal } from '../helpers/terminal.ts';
import type { Terminal } from '../helpers/terminal.ts';

const options = { skip: NO_TERMINAL };

/** To a prompt on an empty screen. That no model is there is said once, behind the first input. */
async function begin(terminal: Terminal): Promise<void> {
  terminal.roo();
  await terminal.shows(/^roo>\s*$/m);
  terminal.literally('begin\r');
  await terminal.shows(/\n(.*\n)*roo>\s*$/);
  terminal.type('C-l');
  await terminal.shows(/^roo>\s*$/);
}

/** The prompts that the session holds behind the first, in order. */
function prompts({ folder }: Terminal): string[] {
  const sessions = join(folder, 'home', 'sessions');
  return readdirSync(sessions)
    .filter((name) => name.endsWith('.json.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(sessions, name)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; parts?: { type: string; text?: string }[] })
    .filter(({ type }) => type === 'message')
    .flatMap(({ parts = [] }) => parts.flatMap(({ text }) => (text === undefined ? [] : [text])))
    .slice(1);
}

for (const [columns, rows] of [
  [80, 24],
  [40, 10],
] as const) {
  test(`a long line of wide characters is edited in a terminal of ${columns}×${rows}`, options, async (t) => {
    const terminal = openTerminal(t, columns, rows);
    await begin(terminal);
    terminal.literally(`${'接続'.repeat(24)} naïve end`);
    await terminal.shows(/naïve end/);
    terminal.type('Home', 'A', 'End', 'BSpace', 'BSpace', 'BSpace', 'x', 'Enter');
    await terminal.shows(/^noted$/m);
    assert.deepEqual(prompts(terminal), [`A${'接続'.repeat(24)} naïve x`]);
  });

  test(`a text taller than a terminal of ${columns}×${rows} is edited in it`, options, async (t) => {
    const terminal = openTerminal(t, columns, rows);
    await begin(terminal);
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    for (const line of lines.slice(0, -1)) terminal.literally(`${line}\\\r`);
    terminal.literally('line 29');
    await terminal.shows(/line 29$/m);
    for (const _ of lines.slice(1)) terminal.type('Up');
    await terminal.shows(/^roo> line 0$/m);
    terminal.type('Up');
    await terminal.shows(/^roo> begin$/m);
    terminal.type('Down');
    await terminal.shows(/line 29$/m);
    terminal.type('Enter');
    await terminal.shows(/^noted$/m);
    assert.deepEqual(prompts(terminal), [lines.join('\n')]);
  });
}

test('a pasted text is one input, and nothing of it runs before Enter', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await begin(terminal);
  terminal.paste('!touch one\n/exit\nthree\u001b[31m\n');
  await terminal.shows(/^roo> !touch one\n {5}\/exit\n {5}three\\u\{1b\}\[31m$/m);
  terminal.type('Home', 'Up', 'Up', 'said: ', 'Enter');
  await terminal.shows(/^noted$/m);
  assert.deepEqual(prompts(terminal), ['said: !touch one\n/exit\nthree\u001b[31m']);
  assert.equal(readdirSync(terminal.folder).includes('one'), false);
});

test('a long paste stands as one word and is sent whole', options, async (t) => {
  const terminal = openTerminal(t, 40, 10);
  await begin(terminal);
  const long = Array.from({ length: 500 }, (_, i) => `row ${i}`).join('\n');
  terminal.literally('look: ');
  terminal.paste(long);
  await terminal.shows(/^roo> look: \[text 1: 500 lines\]$/m);
  terminal.literally(' please');
  terminal.type('Enter');
  await terminal.shows(/^noted$/m);
  terminal.type('Up');
  await terminal.shows(/please\nnoted\n(.*\n)*roo> look: \[text 1: 500 lines\] please$/m);
  terminal.type('Enter');
  await terminal.shows(/noted\n(.*\n)*noted$/m);
  assert.deepEqual(prompts(terminal), [`look: ${long} please`, `look: ${long} please`]);
});

test('lines that arrive at once are taken one after the other', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await begin(terminal);
  terminal.literally('one\rtwo\r!cat\rthree\r');
  await terminal.shows(/^roo> two$/m);
  terminal.type('C-d');
  await terminal.shows(/^roo> three$/m);
  terminal.type('C-d');
  await terminal.shows(/come back with/);
  assert.deepEqual(prompts(terminal), ['one', 'two', 'three']);
});

test('what is typed while a command runs is the next input', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await begin(terminal);
  terminal.type('!echo begun; sleep 1; echo over', 'Enter');
  await terminal.shows(/^begun$/m);
  terminal.literally('typed meanwhile');
  await terminal.shows(/over$/m);
  await terminal.shows(/^roo> typed meanwhile$/m);
  terminal.type('Enter');
  await terminal.shows(/^noted$/m);
  assert.deepEqual(prompts(terminal), ['typed meanwhile']);
});

test('Ctrl-R finds an earlier input, and a search that is left changes nothing', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await begin(terminal);
  terminal.literally('first thing\rsecond thing\rlast\r');
  await terminal.shows(/(noted\n(.*\n)*){3}roo>\s*$/m);
  terminal.literally('draft');
  terminal.type('C-r', 'thing');
  await terminal.shows(/^roo> second thing\nsearch: thing$/m);
  terminal.type('C-r');
  await terminal.shows(/^roo> first thing\nsearch: thing$/m);
  terminal.type('Escape');
  await terminal.shows(/^roo> draft$/m);
  terminal.type('C-c', 'C-r', 'first', 'Enter');
  await terminal.shows(/roo> first thing\nnoted\n(.*\n)*roo>\s*$/m);
});

test('Ctrl-Z stops the program, and it goes on where it was', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await begin(terminal);
  terminal.literally('half a');
  terminal.type('C-z');
  await terminal.shows(/Stopped/);
  terminal.literally('echo in the shell; fg\n');
  await terminal.shows(/^in the shell$/m);
  await terminal.shows(/^roo> half a$/m);
  terminal.literally(' thought\r');
  await terminal.shows(/^noted$/m);
  assert.deepEqual(prompts(terminal), ['half a thought']);
});

test('a window that changes its size shows the input once', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  await begin(terminal);
  terminal.literally('x'.repeat(70));
  await terminal.shows(/x{70}/);
  terminal.resize(40, 20);
  await terminal.shows(/^roo> x{35}\nx{35}\s*$/m);
  terminal.resize(90, 20);
  await terminal.shows(/^roo> x{70}\s*$/m);
  assert.equal(terminal.screen().split('roo> x').length, 2);
});

test('the terminal is left as it was found', options, async (t) => {
  const terminal = openTerminal(t, 80, 24);
  writeFileSync(join(terminal.folder, 'modes'), '');
  terminal.literally('stty -a > before\n');
  await begin(terminal);
  terminal.type('C-d');
  await terminal.shows(/^\$\s*$/m);
  terminal.literally('stty -a > after; echo don"e"\n');
  await terminal.shows(/^done$/m);
  const modes = (name: string): string => readFileSync(join(terminal.folder, name), 'utf8');
  assert.equal(modes('after'), modes('before'));
});
