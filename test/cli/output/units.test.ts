import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, amount, duration, money, plural, size } from '../../../src/cli/output/units.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00.000Z');

function ago(ms: number): string {
  return age(new Date(NOW_MS - ms).toISOString(), NOW_MS);
}

test('ages name their largest unit', () => {
  assert.equal(ago(20_000), 'just now');
  assert.equal(ago(3 * 3_600_000 + 59 * 60_000), '3h ago');
  assert.equal(ago(8 * 86_400_000), '1w ago');
  assert.equal(ago(400 * 86_400_000), '1y ago');
  assert.equal(ago(-2 * 86_400_000), 'in 2d');
});

test('a date that is none is shown as it is', () => {
  assert.equal(age('never', NOW_MS), 'never');
});

test('sizes are in powers of 1000 and never say 1000 of a unit', () => {
  assert.equal(size(0), '0 B');
  assert.equal(size(999), '999 B');
  assert.equal(size(1200), '1.2 kB');
  assert.equal(size(999_999), '1.0 MB');
  assert.equal(size(123_400_000), '123 MB');
});

test('durations have two units at most', () => {
  assert.equal(duration(120), '120ms');
  assert.equal(duration(65_000), '1m 5s');
  assert.equal(duration(3_600_000), '1h');
  assert.equal(duration(90_061_000), '1d 1h');
});

test('counts, nouns and money', () => {
  assert.equal(amount(1_234_567), '1,234,567');
  assert.equal(plural(1, 'session'), '1 session');
  assert.equal(plural(0, 'session'), '0 sessions');
  assert.equal(money(0.0042), '$0.0042');
  assert.equal(money(12.5), '$12.50');
});
