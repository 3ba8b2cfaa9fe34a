// Texts that were made to be slow. A segment of text is at most 64 KiB long, so what could grow with the square of the
// length does so inside one; and beyond one, a text costs what its segments cost.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { makeRedactor } from '../../../src/core/redaction/redactor.ts';
import { HOSTILE_RUNS } from '../../helpers/secret-corpus/hostile-runs.ts';
import { HOSTILE_NAMES, HOSTILE_SHAPES, HOSTILE_STARTS, repeated } from '../../helpers/secret-corpus/hostile.ts';
import { runs } from '../../helpers/slow.ts';

const tag = (value: string) => createHmac('sha256', 'test').update(value).digest('hex');
const knownValues = Array.from({ length: 40 }, (_, index) => `known-${index * 7919}!value${index}\nline`);
const { redactText, stream } = makeRedactor({ tag, knownValues });

const SEGMENT_CHARACTERS = 60_000;
const PART_CHARACTERS = 4_000;
/** Linear is 1, the square of the length 15. Values are read up to 8 KiB, which makes some texts cost a little more. */
const GROWTH_MAX = 5;
const TRIES = 4;
/** Below this a time says nothing but how noisy the machine is. */
const NOISE_MICROSECONDS = 2_000;

/** Of this thread alone, so that other work on the machine does not count. */
function microseconds(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return Math.max(NOISE_MICROSECONDS, user + system);
}

/** How much more a text costs than its parts, at best of some tries. */
function growth(text: string, partCharacters: number): number {
  const parts = Array.from({ length: Math.ceil(text.length / partCharacters) }, (_, index) =>
    text.slice(index * partCharacters, (index + 1) * partCharacters),
  );
  let least = Infinity;
  for (let attempt = 0; attempt < TRIES && least > GROWTH_MAX; attempt++) {
    const whole = microseconds(() => redactText(text));
    least = Math.min(least, whole / microseconds(() => parts.forEach((part) => redactText(part))));
  }
  return least;
}

test('no hostile text takes more than about the length of it', () => {
  const all = [...HOSTILE_SHAPES, ...HOSTILE_STARTS, ...HOSTILE_NAMES, ...HOSTILE_RUNS];
  assert.ok(all.length > 5000);
  const stride = runs(41, 11);
  const tried = all.filter((_, index) => index % stride === 0);
  const slow = tried.filter((piece) => growth(repeated(piece, SEGMENT_CHARACTERS), PART_CHARACTERS) > GROWTH_MAX);
  assert.deepEqual(
    slow.map((piece) => piece.slice(0, 60)),
    [],
  );
});

test('what once took the square of its length no longer does', () => {
  const pieces = [
    'authorization=',
    'Authorization:',
    'set-cookie={',
    `api_key="${'x.y/'.repeat(2000)}"`,
    `secret: ${'a-'.repeat(4000)}1-`,
    'pw='.repeat(83) + ' ',
    `-----BEGIN PRIVATE KEY-----\n${'abcd\n'.repeat(5000)}!\n${'=\n'.repeat(15_000)}`,
  ];
  for (const piece of pieces) {
    assert.ok(growth(repeated(piece, SEGMENT_CHARACTERS), PART_CHARACTERS) <= GROWTH_MAX, piece.slice(0, 60));
  }
});

test('eight segments cost no more than two and two and two and two', () => {
  for (const piece of ["pwd='", `${'secret=a-'.repeat(7)} `]) {
    assert.ok(growth(repeated(piece, 480_000), 120_000) <= GROWTH_MAX, piece);
  }
});

test('a stream that comes byte by byte costs no more than one that comes in pieces', () => {
  const text = repeated('password="a b ', 40_000);
  const inPieces = (characters: number) => {
    const redacted = stream();
    for (let at = 0; at < text.length; at += characters) redacted.write(text.slice(at, at + characters));
    redacted.end();
  };
  assert.ok(microseconds(() => inPieces(1)) / microseconds(() => inPieces(4000)) < 50);
});
