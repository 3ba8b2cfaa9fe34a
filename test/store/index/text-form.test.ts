import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { folded } from '../../../src/store/index/text-fold.ts';
import { composed, identifierParts, indexedForm, queriedForm } from '../../../src/store/index/text-form.ts';

const words = (form: string): string[] => form.split(/\s+/).filter(Boolean);

describe('the spelling of a text in the index', () => {
  const forms: Record<string, string> = {
    'plain words, 123': 'plain words, 123',
    parseJsonText: 'parseJsonText parse Json Text',
    'a.parseJson()': 'a.parseJson parse Json()',
    HTTPServer: 'HTTPServer HTTP Server',
    my_snakeCase: 'my_snakeCase snake Case',
    aGVsbG8gV29ybGQgQWdhaW4gQW5kIEFnYWlu: 'aGVsbG8gV29ybGQgQWdhaW4gQW5kIEFnYWlu',
    漢字列: '漢字 字列',
    a漢b: 'a 漢 b',
    'テスト です': 'テス スト です',
    𠀋𠀌: '𠀋𠀌',
    'cafe\u0301': 'caf\u00e9',
  };
  for (const [text, form] of Object.entries(forms)) {
    test(`of ${text} is ${form}`, () => {
      assert.deepEqual(words(indexedForm(text)), words(form));
    });
  }

  test('takes time in step with the length, whatever the text holds', () => {
    for (const unit of ['a', 'aB', 'A', '漢', 'a1', '\u0301', 'x_']) {
      assert.ok(indexedForm(unit.repeat(1_000_000)).length >= 500_000, unit);
    }
  });

  test('keeps every word of the text, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zA-Z0-9]{1,12}$/)), (all) => {
        const form = words(indexedForm(all.join(' ')));
        let at = 0;
        for (const word of all) {
          at = form.indexOf(word, at) + 1;
          assert.ok(at > 0, word);
        }
      }),
    );
  });
});

describe('the spelling of what is looked for', () => {
  const forms: [text: string, ...form: [form: string, start: string, end: string]][] = [
    ['plain', 'plain', 'whole', 'whole'],
    ['漢', '漢', 'ending', 'beginning'],
    ['漢字', '漢字', 'whole', 'whole'],
    ['漢字列', '漢字 字列', 'whole', 'whole'],
    ['x 漢', 'x 漢', 'whole', 'beginning'],
    ['漢 x', '漢 x', 'ending', 'whole'],
    ['漢字 x', '漢字 x', 'whole', 'whole'],
    ['', '', 'whole', 'whole'],
  ];
  for (const [text, ...expected] of forms) {
    test(`of ${text} is ${expected.join(', ')}`, () => {
      const { form, start, end } = queriedForm(text);
      assert.deepEqual([words(form).join(' '), start, end], expected);
    });
  }

  test('any piece of a text in such a script is a piece of its spelling', () => {
    const text = fc.string({ unit: fc.constantFrom(...'漢字列表 数据'), minLength: 1 });
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, a, b) => {
        const [from, to] = [a % whole.length, b % whole.length].sort((x, y) => x - y) as [number, number];
        const { form, start, end } = queriedForm(whole.slice(from, to + 1));
        const wanted = words(form);
        const held = words(indexedForm(whole));
        const fits = (word: string, at: number, other = ''): boolean =>
          word === other ||
          (start === 'ending' && at === 0 && other.endsWith(word)) ||
          (end === 'beginning' && at === wanted.length - 1 && other.startsWith(word));
        assert.ok(
          held.some((_, i) => wanted.every((word, j) => fits(word, j, held[i + j]))) || wanted.length === 0,
          `${whole} holds ${form}`,
        );
      }),
    );
  });
});

describe('identifiers', () => {
  test('have parts where their humps are', () => {
    assert.deepEqual(identifierParts('parseJSONText'), ['parse', 'JSON', 'Text']);
    assert.deepEqual(identifierParts('XMLHttp'), ['XML', 'Http']);
    assert.equal(identifierParts('plain'), null);
    assert.equal(identifierParts('UPPER'), null);
    assert.equal(identifierParts('not one'), null);
  });
});

describe('a folded text', () => {
  test('has neither case nor accents, and every place where it was', () => {
    assert.equal(folded('Ünïcödé ŁÓDŹ'), 'unicode łodz');
    assert.equal(folded('e\u0301x'), 'ex');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(folded(text).length, composed(text).length);
      }),
    );
  });
});
