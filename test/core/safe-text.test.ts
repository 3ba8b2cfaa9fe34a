import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as assertProperty, jsonValue, property, string } from 'fast-check';
import { isUnsafe, safeJson, safeLine, safeText } from '../../src/core/safe-text.ts';

const DANGEROUS: [what: string, text: string, shown: string][] = [
  ['an escape sequence', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
  ['a C1 control sequence introducer', '\u009b31m', '\\u{9b}31m'],
  ['DEL', '\u007f', '\\u{7f}'],
  ['a bell', '\u0007', '\\u{7}'],
  ['a lone carriage return', 'shown\rhidden', 'shown\\u{d}hidden'],
  ['a right-to-left override', 'abc\u202etxt.exe', 'abc\\u{202e}txt.exe'],
  ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ['an Arabic letter mark', '\u061c', '\\u{61c}'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['half a surrogate pair', '\ud83d!', '\\u{d83d}!'],
  ['the other half', '!\ude00', '!\\u{de00}'],
];

for (const [what, text, shown] of DANGEROUS) {
  test(`${what} is shown and not sent to the terminal`, () => {
    assert.equal(safeText(text), shown);
    assert.equal(safeLine(text), shown.replace('\r', ' ').replace('\\u{d}', ' '));
  });
}

test('ordinary text of any language, emoji, tabs and line ends stay as they are', () => {
  const text = 'naïve 接続 العربية 👩‍👩‍👧 \t x\nnext';
  assert.equal(safeText(text), text);
  assert.equal(isUnsafe(text), false);
});

test('Windows line ends become plain ones', () => {
  assert.equal(safeText('a\r\nb'), 'a\nb');
});

test('a line has no line breaks and no tabs', () => {
  assert.equal(safeLine('a\r\nb\nc\td'), 'a b c d');
});

test('JSON made safe means the same, and holds nothing that steers a terminal', () => {
  assertProperty(
    property(jsonValue(), string({ unit: 'binary' }), (value, text) => {
      const json = safeJson(JSON.stringify({ value, text }));
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ value, text })));
      assert.equal(isUnsafe(json), false);
    }),
  );
});
