import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, constantFrom, nat, oneof, property, string } from 'fast-check';
import { SafeStream } from '../../../../src/cli/commands/interactive/safe-stream.ts';
import { safeText } from '../../../../src/core/safe-text.ts';
import { runs } from '../../../helpers/slow.ts';

const DANGEROUS = constantFrom(
  '\r',
  '\n',
  '\r\n',
  '\u001b[2J',
  '\u009b',
  '\ud83d',
  '\ude00',
  '😀',
  '\u202e',
  '\t',
  'a',
);

test('text in pieces is made safe as the whole text is, wherever it is cut', () => {
  assertProperty(
    property(array(oneof(DANGEROUS, string({ unit: 'binary' }))), array(nat(40)), (words, cuts) => {
      const text = words.join('');
      const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
      const stream = new SafeStream();
      const shown = places.slice(1).map((end, i) => stream.push(text.slice(places[i], end)));
      assert.equal(shown.join('') + stream.end(), safeText(text));
    }),
    { numRuns: runs(500, 20_000) },
  );
});

test('what cannot change any more is shown at once', () => {
  const stream = new SafeStream();
  assert.equal(stream.push('word\u001b'), 'word\\u{1b}');
  assert.equal(stream.push('line\r'), 'line');
  assert.equal(stream.push('\nnext \ud83d'), '\nnext ');
  assert.equal(stream.push('\ude00'), '😀');
  assert.equal(stream.push('\r'), '');
  assert.equal(stream.end(), '\\u{d}');
  assert.equal(stream.end(), '');
});
