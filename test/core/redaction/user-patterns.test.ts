import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import { makeRedactor } from '../../../src/core/redaction/redactor.ts';

const redactorWith = (source: string) => makeRedactor({ tag: () => '0123456789', patterns: [{ name: 'own', source }] });

const REFUSED = [
  '(a+)+b',
  '(a|b)*c',
  '(a|aa)+$',
  '(a?){40}a{40}',
  '(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)b',
  'a??'.repeat(40) + 'b',
  '(?:a{1,9}){9}b',
  'a{1,64}a{1,64}a{1,64}b',
  '(\\w+\\s?)+$',
  '(?=.*a)(?=.*b)x',
  'a*b*c*d',
  'x=.*y.*z',
  '(x)\\1',
  '',
  'x*',
  '[',
];

for (const source of REFUSED) {
  test(`the pattern ${JSON.stringify(source.slice(0, 40))} is refused`, () => {
    assert.throws(
      () => redactorWith(source),
      (error) => error instanceof SessionError && error.code === 'CONFIG_INVALID',
    );
  });
}

const USED: readonly (readonly [source: string, text: string, redacted: string])[] = [
  ['TCK-([0-9]{6})', 'see TCK-123456.', 'see TCK-[REDACTED:own:01234567].'],
  ['foo-[a-z]+-[0-9]+-x', 'a foo-bar-77-x b', 'a [REDACTED:own:01234567] b'],
  ['acme-(?:dev|prod)-([a-z0-9]{8,64})', 'acme-dev-qwertyui12', 'acme-dev-[REDACTED:own:01234567]'],
  ['(?:[A-Z]{3}-\\d{4}){1,3}', 'on ABC-1234XYZ-9999', 'on [REDACTED:own:01234567]'],
  ['note: (.*)$', 'note: all of it\nnext', 'note: [REDACTED:own:01234567]\nnext'],
  ['(?<card>[0-9]{4}-[0-9]{4})', '1234-5678', '[REDACTED:own:01234567]'],
];

for (const [source, text, redacted] of USED) {
  test(`the pattern ${source} is used`, () => assert.equal(redactorWith(source).redactText(text).text, redacted));
}

test('what a pattern may cost is bounded: twice the text takes about twice the time', () => {
  const microseconds = (source: string, text: string) => {
    const { redactText } = redactorWith(source);
    const before = process.threadCpuUsage();
    redactText(text);
    const { user, system } = process.threadCpuUsage(before);
    return Math.max(2000, user + system);
  };
  for (const [source, piece] of [
    ['([a-z]+-)+x', 'foo-a-'],
    ['\\w+@\\w+\\.\\w+', 'ab'],
    ['.*b', 'A-1'],
  ] as const) {
    const [short, long] = [piece.repeat(2000), piece.repeat(8000)].map((text) => microseconds(source, text));
    assert.ok(long! / short! < 12, source);
  }
});
