import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { snippet } from '../../../src/store/index/find-snippet.ts';
import type { Place } from '../../../src/store/index/text-needle.ts';

const place = (text: string, word: string, term = 0): Place => {
  const start = text.indexOf(word);
  return { start, end: start + word.length, term };
};
const shown = (text: string): string => text.replaceAll('\u0001', '[').replaceAll('\u0002', ']');

describe('a snippet', () => {
  test('is the whole of a short text, on one line', () => {
    const text = '  one\n\ttwo\u0001  three ';
    assert.equal(shown(snippet(text, [place(text, 'two')])), 'one [two] three');
  });

  test('is the beginning where nothing is to be marked', () => {
    assert.match(snippet('word '.repeat(200), []), /^word .* word…$/);
  });

  test('is where most of the terms stand together', () => {
    const text = `apple ${'filler '.repeat(100)} apple near pie ${'filler '.repeat(100)}`;
    const second = text.indexOf('apple', 10);
    const places = [place(text, 'apple', 0), { start: second, end: second + 5, term: 0 }, place(text, 'pie', 1)];
    assert.match(shown(snippet(text, places)), /^…filler .* \[apple\] near \[pie\] filler .*…$/);
  });

  test('cuts neither words nor characters, and holds no control character but its marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.nat(), fc.nat({ max: 30 }), (raw, at, length) => {
        const text = raw.toWellFormed().normalize('NFC');
        const start = Math.min(at % (text.length + 1), text.length);
        const end = Math.min(text.length, start + length);
        const made = snippet(text, end > start ? [{ start, end, term: 0 }] : []);
        // A place in the middle of a pair of surrogates is the caller's; the cuts are ours.
        const isWhole = (i: number): boolean => text.slice(0, i).isWellFormed();
        if (isWhole(start) && isWhole(end)) assert.ok(made.isWellFormed());
        assert.doesNotMatch(made.replaceAll(/[\u0001\u0002]/g, ''), /[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
