import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { SessionError } from '../../src/core/errors.ts';
import { asksSessionsOnly, parseFindQuery, parseTime } from '../../src/core/find-query.ts';

const NOW_MS = Date.parse('2026-06-15T12:00:00.000Z');
const DAY_MS = 24 * 3_600_000;

/** Terms as `kind:text`, `-` before what must not be there. */
const terms = (query: string): string[] =>
  parseFindQuery(query, NOW_MS).terms.map(({ kind, text, sign }) => `${sign === 'with' ? '' : '-'}${kind}:${text}`);

describe('a query', () => {
  const examples: Record<string, string[]> = {
    'one two': ['word:one', 'word:two'],
    '  spaced \t out\n': ['word:spaced', 'word:out'],
    '"a phrase"  here': ['phrase:a phrase', 'word:here'],
    '"never closed': ['phrase:never closed'],
    '"spread\n  out"': ['phrase:spread out'],
    'yes -no -"not this"': ['word:yes', '-word:no', '-phrase:not this'],
    'auth* foo*bar': ['prefix:auth', 'word:foo*bar'],
    'x => :: !== -=>': ['word:x', 'symbols:=>', 'symbols:::', 'symbols:!==', '-symbols:=>'],
    '--verbose stop-gap': ['word:--verbose', 'word:stop-gap'],
    'http://a/b std::string C:\\x': ['word:http://a/b', 'word:std::string', 'word:C:\\x'],
    'tag: role:': ['word:tag:', 'word:role:'],
    'nofield:"two words"': ['phrase:nofield: two words'],
    '" OR': ['phrase:OR'],
    'NEAR( AND OR NOT': ['word:NEAR(', 'word:AND', 'word:OR', 'word:NOT'],
    'cafe\u0301': ['word:café'],
    'a\0b': ['word:a', 'word:b'],
    '': [],
    '* - ** ""': [],
  };
  for (const [query, expected] of Object.entries(examples)) {
    test(`${JSON.stringify(query)} asks for ${expected.join(', ') || 'no words'}`, () => {
      assert.deepEqual(terms(query), expected);
    });
  }

  test('has fields, quoted or not, wanted or not, in any case', () => {
    const query = parseFindQuery(
      'tag:a -tag:"b c" Project:/x/y TOOL:Bash file:src/a.ts role:User -status:paused',
      NOW_MS,
    );
    assert.deepEqual(query.tags, [
      { value: 'a', sign: 'with' },
      { value: 'b c', sign: 'without' },
    ]);
    assert.deepEqual(query.projects, [{ value: '/x/y', sign: 'with' }]);
    assert.deepEqual(query.tools, [{ value: 'Bash', sign: 'with' }]);
    assert.deepEqual(query.files, [{ value: 'src/a.ts', sign: 'with' }]);
    assert.deepEqual(query.roles, [{ value: 'user', sign: 'with' }]);
    assert.deepEqual(query.statuses, [{ value: 'paused', sign: 'without' }]);
    assert.deepEqual(query.terms, []);
  });

  test('has bounds of time', () => {
    const query = parseFindQuery('x after:2026-01-31 before:7d', NOW_MS);
    assert.equal(query.afterMs, Date.parse('2026-01-31T00:00:00Z'));
    assert.equal(query.beforeMs, NOW_MS - 7 * DAY_MS);
  });

  test('asks for sessions only when nothing is looked for in their messages', () => {
    assert.equal(asksSessionsOnly(parseFindQuery('tag:x after:7d role:user', NOW_MS)), true);
    assert.equal(asksSessionsOnly(parseFindQuery('tag:x tool:bash', NOW_MS)), false);
    assert.equal(asksSessionsOnly(parseFindQuery('x', NOW_MS)), false);
  });

  const refused = {
    'a date that is none': 'after:someday',
    'an impossible date': 'before:2026-13-45',
    'an unknown role': 'role:robot',
    'an unknown status': 'status:done',
    'the opposite of a date': '-after:7d',
    'only what is not wanted': '-this -tool:that',
    'a text beyond all measure': 'x'.repeat(5_000),
    'more words than anybody types': 'w '.repeat(101),
  };
  for (const [what, query] of Object.entries(refused)) {
    test(`is refused for ${what}`, () => {
      assert.throws(() => parseFindQuery(query, NOW_MS), { code: 'USAGE' });
    });
  }

  test('is understood, or refused by name, whatever is typed', () => {
    const pieces = fc.constantFrom(
      '"',
      '-',
      ':',
      '*',
      '(',
      ' ',
      'tag:',
      'role:',
      'before:',
      'a',
      '漢',
      '\ud800',
      '\0',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (text) => {
          try {
            for (const { text: term } of parseFindQuery(text, NOW_MS).terms) {
              assert.ok(term.length > 0 && term.isWellFormed() && !term.includes('"') && !term.includes('\0'));
            }
          } catch (error) {
            assert.ok(error instanceof SessionError && error.code === 'USAGE', String(error));
          }
        },
      ),
      { numRuns: process.env['SLOW'] ? 100_000 : 2_000 },
    );
  });
});

describe('a time', () => {
  const times: Record<string, string | number | null> = {
    '2026': '2026-01-01T00:00:00.000Z',
    '2026-03': '2026-03-01T00:00:00.000Z',
    '2026-03-04': '2026-03-04T00:00:00.000Z',
    '2026-03-04T05:06': '2026-03-04T05:06:00.000Z',
    '2026-03-04T05:06:07.5Z': '2026-03-04T05:06:07.500Z',
    '2026-03-04T05:06+02:00': '2026-03-04T03:06:00.000Z',
    '30m': NOW_MS - 30 * 60_000,
    '12h': NOW_MS - DAY_MS / 2,
    '2W': NOW_MS - 14 * DAY_MS,
    '1y': NOW_MS - 365 * DAY_MS,
    '7': null,
    d7: null,
    yesterday: null,
    '2026-02-30T99:00': null,
    '1/2/2026': null,
    '': null,
  };
  for (const [text, expected] of Object.entries(times)) {
    test(`${JSON.stringify(text)} is ${expected ?? 'none'}`, () => {
      assert.equal(parseTime(text, NOW_MS), typeof expected === 'string' ? Date.parse(expected) : expected);
    });
  }
});
