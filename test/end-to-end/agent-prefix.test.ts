// What is sent after a restart is, byte for byte, what would have been sent without one: the caches of providers stay
// warm.

import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ended, records, start } from '../helpers/built-roo.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { DIALECTS, scriptedWorld, TALK } from '../helpers/scripted-world.ts';
import type { ScriptedWorld } from '../helpers/scripted-world.ts';

/** The smallest picture there is: one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const STUCK = 'This answer stops here and the rest of it never comes at all.';
/** Everything that a conversation can hold and that is easily not the same after a restart. */
const HARD: Turn[] = [
  { prompt: 'Look at this.', steps: [{ think: 'A picture.', sealed: 'c2VhbGVk', text: 'A pixel.' }] },
  {
    prompt: 'Say it in all tongues.',
    steps: [{ text: 'naïve \u{1f468}‍\u{1f469}‍\u{1f467} \u200f \u0000 \ud800 日本' }],
  },
  { prompt: 'Count far.', steps: [{ calls: [{ shell: 'seq 1 60000' }] }, { text: 'Counted.' }] },
  { prompt: 'Write where you may not.', steps: [{ calls: [{ write: 'no.txt', content: 'no' }] }, { text: 'Denied.' }] },
  { prompt: 'Get stuck.', steps: [{ text: STUCK, fault: 'stall', times: 1000 }] },
  ...TALK,
];
/** `^C`: the answer is interrupted once its first half is there. */
const LINES = [
  'Look at this. @pixel.png and @a.txt',
  '!printf "typed \\303\\251\\n"; exit 3',
  'Say it in all tongues.',
  'Count far.',
  'Write where you may not.',
  'Write it.',
  'Get stuck.',
  '^C',
  'Break the arguments.',
  '/compact',
  'Look twice.',
  'Thanks.',
];

for (const dialect of DIALECTS) {
  test(`every request of a session that is left and resumed at each line is, byte for byte, that of one that is not (${dialect})`, async (t) => {
    const world = await scriptedWorld(t, HARD, dialect);
    writeFileSync(join(world.at.cwd, 'pixel.png'), Buffer.from(PIXEL, 'base64'));
    const whole = await requestsOf(world, [LINES]);
    rmSync(join(world.at.cwd, 'made.txt'));
    // Each line in a process of its own; the interruption belongs to the line before it.
    const alone = LINES.flatMap((line, i) => (line === '^C' ? [] : [LINES[i + 1] === '^C' ? [line, '^C'] : [line]]));
    assertSame(await requestsOf(world, alone), whole);
    assert.ok(whole[1]!.includes(PIXEL));
    const ends = records(world.at).filter(({ type }) => type === 'tool-end');
    assert.equal(ends.filter(({ blob }) => blob !== undefined).length, 2);
    assert.deepEqual([...new Set(ends.map(({ status }) => status))].toSorted(), ['denied', 'error', 'ok']);
    assert.equal(records(world.at).filter(({ stop }) => stop === 'interrupted').length, 2);
  });
}

/** The bodies that are sent when these lines are typed, each list of them into a process of its own. */
async function requestsOf({ at, server }: ScriptedWorld, processes: readonly string[][]): Promise<string[]> {
  for (const [index, lines] of processes.entries()) {
    const child = start(at, [...(index === 0 ? [] : ['-c']), '--allow', 'execute_command,write_file:made.txt']);
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += String(chunk)));
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    for (const line of lines) {
      if (line === '^C') await interrupt(child, () => printed);
      else child.stdin.write(`${line}\n`);
    }
    child.stdin.end();
    assert.equal(await ended(child), 0, errors);
  }
  return server.requests.splice(0).map(({ text }) => text);
}

async function interrupt(child: ChildProcessWithoutNullStreams, printed: () => string): Promise<void> {
  while (!printed().includes('stops here')) await new Promise((resolve) => child.stdout.once('data', resolve));
  const before = printed().length;
  child.kill('SIGINT');
  while (!printed().slice(before).includes('interrupted')) {
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }
}

function assertSame(actual: readonly string[], expected: readonly string[]): void {
  assert.equal(actual.length, expected.length);
  for (const [index, text] of actual.entries()) {
    const wanted = expected[index]!;
    if (text === wanted) continue;
    const from = Array.from(text).findIndex((character, i) => character !== wanted[i]);
    const around = (one: string): string => one.slice(Math.max(0, from - 80), from + 160);
    assert.equal(around(text), around(wanted), `request ${index} differs`);
    assert.fail(`request ${index} differs`);
  }
}
