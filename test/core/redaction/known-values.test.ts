import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { knownValuesFrom } from '../../../src/core/redaction/known-values.ts';
import { makeRedactor } from '../../../src/core/redaction/redactor.ts';
import { ALNUM, seededRandom } from '../../helpers/secret-corpus/random-text.ts';
import { runs } from '../../helpers/slow.ts';

const tag = (value: string) => createHmac('sha256', 'test').update(value).digest('hex');
const SIGNS = `${ALNUM}!"#$%&'()*+,-./:;<=>?@[]^_{|}~ äß€`;

const hexEscape = (text: string) =>
  text.replace(/[^A-Za-z0-9]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
const ENCODINGS: readonly (readonly [name: string, encode: (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['in a URL', encodeURIComponent],
  ['in JSON', (value) => JSON.stringify(value)],
  ['in JSON with \\u escapes', (value) => `"${hexEscape(value)}"`],
  ['in hexadecimal', (value) => Buffer.from(value).toString('hex')],
  [
    'in HTML',
    (value) =>
      value
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;'),
  ],
  ...[0, 1, 2].flatMap((offset) =>
    (['base64', 'base64url'] as const).map(
      (alphabet) =>
        [
          `in ${alphabet} at ${offset}`,
          (value: string) => Buffer.from(`${'xy'.slice(0, offset)}${value}tail`).toString(alphabet),
        ] as const,
    ),
  ),
];

for (const [name, encode] of ENCODINGS) {
  test(`a known value is found ${name}`, () => {
    const random = seededRandom(31);
    for (let run = 0; run < runs(25, 400); run++) {
      const value = random.text(ALNUM, 3) + random.text(SIGNS, 6 + random.below(40)) + random.text(ALNUM, 3);
      const { text, found } = makeRedactor({ tag, knownValues: [value] }).redactText(`before ${encode(value)} after`);
      assert.ok(found.length > 0, `${JSON.stringify(value)} as ${encode(value)}`);
      assert.equal(text.includes(encode(value)), false);
    }
  });
}

test('secret-looking variables and files give known values; trivial ones do not', () => {
  const values = knownValuesFrom({
    environment: {
      API_TOKEN: 'q8Zr-77fPq2L',
      HOME: '/home/jane',
      SSH_AUTH_SOCK: '/tmp/ssh/agent.1',
      MY_KEY: 'true',
      DATABASE_URL: 'postgres://app:Zx9%21kLmQ2@db/x',
    },
    dotenv: ['# comment\nexport DB_PASSWORD="pa ss\\"w0rd1"\nDEBUG=true\nCLIENT_SECRET=kJ8-1f0a99xy # note\n'],
    npmrc: [
      '//registry.npmjs.org/:_authToken=b2c4e6f8-aaaa-4bbb-8ccc-123456abcdef\nregistry=https://registry.npmjs.org/\n',
    ],
    netrc: ['machine x.example login bob password n3tRc-Pa55\n'],
  });
  assert.deepEqual(
    new Set(values),
    new Set([
      'q8Zr-77fPq2L',
      'Zx9%21kLmQ2',
      'Zx9!kLmQ2',
      'pa ss"w0rd1',
      'kJ8-1f0a99xy',
      'b2c4e6f8-aaaa-4bbb-8ccc-123456abcdef',
      'n3tRc-Pa55',
    ]),
  );
});
