import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choices,
  count,
  days,
  durationMs,
  momentOf,
  sizeBytes,
  ValueMistake,
  when,
} from '../../../src/cli/args/values.ts';

const HOUR_MS = 3_600_000;

test('durations are counts of a unit', () => {
  assert.equal(durationMs('90s'), 90_000);
  assert.equal(durationMs('1.5h'), 1.5 * HOUR_MS);
  assert.equal(durationMs('2w'), 14 * 24 * HOUR_MS);
});

test('days may be written bare', () => {
  assert.equal(days('30'), 30);
  assert.equal(days('30d'), 30);
  assert.equal(days('12h'), 0.5);
});

test('sizes are in powers of 1000 unless they say otherwise', () => {
  assert.equal(sizeBytes('500'), 500);
  assert.equal(sizeBytes('5GB'), 5e9);
  assert.equal(sizeBytes('1.5 GiB'), 1.5 * 1024 ** 3);
  assert.equal(sizeBytes('10k'), 10_000);
});

const REFUSED: [name: string, parse: (text: string) => unknown, texts: string[]][] = [
  ['a count', count, ['0', '-1', '1.5', 'ten', '']],
  ['a duration', durationMs, ['7', 'd', '-7d', '7 days', '']],
  ['a number of days', days, ['0', '0d', 'soon']],
  ['a size', sizeBytes, ['0', '-1GB', '5 elephants', '']],
  ['a time', when, ['yesterday', '2026-13-45', '']],
  ['a choice', choices(['a', 'b']).parse, ['c', '']],
];
for (const [name, parse, texts] of REFUSED) {
  test(`${name} that makes no sense is refused`, () => {
    for (const text of texts) assert.throws(() => parse(text), ValueMistake, JSON.stringify(text));
  });
}

test('an age counts back from now', () => {
  const nowMs = Date.parse('2026-02-01T00:00:00.000Z');
  assert.equal(momentOf(when('7d'), 'since', nowMs), '2026-01-25T00:00:00.000Z');
});

test('a date alone means its whole day here', () => {
  const day = when('2026-01-31');
  const sinceMs = Date.parse(momentOf(day, 'since', 0));
  const untilMs = Date.parse(momentOf(day, 'until', 0));
  assert.equal(sinceMs, new Date(2026, 0, 31).getTime());
  assert.equal(untilMs - sinceMs, 24 * HOUR_MS - 1);
});
