import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { requiredLiterals } from '../../../src/store/index/regex-literals.ts';

describe('texts that every match of a pattern holds', () => {
  const patterns: Record<string, string[]> = {
    plain: ['plain'],
    'foo.*bar': ['foo', 'bar'],
    'foo|bar': [],
    '(foo|bar)baz': ['baz'],
    'colou?r': ['colo', 'r'],
    'a+bc': ['a', 'bc'],
    'ab{2,3}c': ['a', 'c'],
    '^start$': ['start'],
    '\\bword\\b': ['word'],
    '1\\.2': ['1.2'],
    '\\d+items': ['items'],
    '[xyz]abc': ['abc'],
    '\\x41bc': ['bc'],
    '\\u0041bc': ['bc'],
    '\\p{Lu}bc': ['bc'],
    '(?<n>a)\\k<n>bc': ['bc'],
    '(a)\\1bc': ['bc'],
    '(?=abc)def': ['def'],
    '(a(b|c)d)ef': ['ef'],
    '漢字+列': ['漢字', '列'],
    '😀*x': ['x'],
    '': [],
  };
  for (const [pattern, literals] of Object.entries(patterns)) {
    test(`of ${pattern} are ${literals.join(', ') || 'none'}`, () => {
      assert.deepEqual(requiredLiterals(pattern), literals);
    });
  }

  test('stand in every match, whatever the pattern', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'ab',
      '.',
      '\\d',
      '\\.',
      '[ab]',
      '(a|b)',
      '(?:ab)',
      '\\x61',
      '^',
      '$',
      '\\b',
      'é',
    );
    const quantified = fc.tuple(atom, fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,1}', '??', '+?'));
    const pattern = fc
      .array(quantified, { maxLength: 6 })
      .map((parts) => parts.map(([atom, times]) => (/^[\^$]|\\b/.test(atom) ? atom : atom + times)).join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1', 'é', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(pattern, text, (source, haystack) => {
        const found = new RegExp(source).exec(haystack);
        if (!found) return;
        for (const literal of requiredLiterals(source)) assert.ok(haystack.includes(literal), `${source}: ${literal}`);
      }),
      { numRuns: process.env['SLOW'] ? 100_000 : 3_000 },
    );
  });
});
