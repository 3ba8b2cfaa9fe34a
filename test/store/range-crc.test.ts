import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { assert as assertProperty, nat, property, tuple } from 'fast-check';
import { movedCrc, RangeCrc } from '../../src/store/range-crc.ts';
import { noise } from '../helpers/reference-logs.ts';

const FILE = Buffer.from(noise(1, 2_500_000), 'latin1');

test('the sum of any stretch is that of its bytes, over blocks and groups of them', () => {
  const sums = new RangeCrc((buffer, offset) => {
    FILE.copy(buffer, 0, offset);
    return buffer;
  }, FILE.length);
  const place = nat(FILE.length);
  assertProperty(
    property(tuple(place, place), ([a, b]) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      assert.equal(sums.of(from, to), crc32(FILE.subarray(from, to)));
    }),
    { numRuns: 60, examples: [[[0, 0]], [[0, FILE.length]], [[4096, 8192]], [[1024 * 1024 - 1, 1024 * 1024 + 1]]] },
  );
});

test('a sum is moved over what comes behind it', () => {
  const [front, behind] = [FILE.subarray(0, 1000), FILE.subarray(1000, 71_000)];
  const whole = crc32(FILE.subarray(0, 71_000));
  assert.equal((movedCrc(crc32(front), behind.length) ^ crc32(behind)) >>> 0, whole);
});
