import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { reveal } from '../../../src/core/redaction/placeholder.ts';
import { makeRedactor } from '../../../src/core/redaction/redactor.ts';
import { LABELLED_FORMATS } from '../../helpers/secret-corpus/labelled-formats.ts';
import { HARD_NEGATIVES } from '../../helpers/secret-corpus/hard-negatives.ts';
import { MORE_HARD_NEGATIVES } from '../../helpers/secret-corpus/more-hard-negatives.ts';
import { ALNUM, HEX, LOWER, seededRandom } from '../../helpers/secret-corpus/random-text.ts';
import { NAMED_SURROUNDINGS, SURROUNDINGS } from '../../helpers/secret-corpus/surroundings.ts';
import { MORE_TOKEN_FORMATS } from '../../helpers/secret-corpus/more-token-formats.ts';
import { TOKEN_FORMATS as USUAL_TOKEN_FORMATS } from '../../helpers/secret-corpus/token-formats.ts';
import { SLOW, runs } from '../../helpers/slow.ts';

const tag = (value: string) => createHmac('sha256', 'test').update(value).digest('hex');
const redactor = makeRedactor({ tag });

const TOKEN_FORMATS = [...USUAL_TOKEN_FORMATS, ...MORE_TOKEN_FORMATS];

/** Whether enough of a secret is still there to be of use. */
function leaks(redacted: string, secret: string): boolean {
  const core = secret.includes('\n') ? secret.split('\n')[1]! : secret.replace(/^AccountName=x;/, '');
  return redacted.includes(core) || redacted.includes(core.slice(-12));
}

test('at least 99 % of tokens of 250 formats or more are redacted in thirty surroundings', () => {
  const random = seededRandom(SLOW ? 20 : 7);
  assert.ok(TOKEN_FORMATS.length >= 250 && SURROUNDINGS.length >= 30);
  const missed: string[] = [];
  let count = 0;
  for (const [format, make] of TOKEN_FORMATS) {
    for (const [place, around] of SURROUNDINGS) {
      for (let run = 0; run < runs(1, 5); run++) {
        const secret = make(random);
        count++;
        if (leaks(redactor.redactText(around(secret)).text, secret)) missed.push(`${format} in ${place}`);
      }
    }
  }
  assert.ok(missed.length <= count / 100, `${missed.length} of ${count} missed: ${missed.slice(0, 20).join(', ')}`);
});

test('at least 99 % of secrets that only their name gives away are redacted', () => {
  const random = seededRandom(SLOW ? 21 : 8);
  const missed: string[] = [];
  let count = 0;
  for (const [name, make] of LABELLED_FORMATS) {
    for (const [place, around] of NAMED_SURROUNDINGS) {
      for (let run = 0; run < runs(1, 15); run++) {
        const secret = make(random);
        count++;
        if (leaks(redactor.redactText(around(name, secret)).text, secret)) missed.push(`${name} in ${place}`);
      }
    }
  }
  assert.ok(missed.length <= count / 100, `${missed.length} of ${count} missed: ${missed.slice(0, 20).join(', ')}`);
});

test('texts that only look like secrets pass untouched', () => {
  const texts = [...HARD_NEGATIVES, ...MORE_HARD_NEGATIVES];
  assert.ok(texts.length >= 380);
  const flagged = texts.filter((text) => redactor.redactText(text).text !== text);
  assert.deepEqual(flagged, []);
});

test('none of 6,000 hashes, ids, digests and paths is touched', () => {
  const random = seededRandom(9);
  const kinds: (() => string)[] = [
    () => random.text(HEX, 40),
    () => random.uuid(),
    () => random.text(HEX, 64),
    () => `"integrity": "sha512-${Buffer.from(random.text(ALNUM, 64)).toString('base64')}"`,
    () => `/home/${random.text(LOWER, 6)}/${random.text(ALNUM, 10)}/${random.text(ALNUM, 12)}.ts`,
    () => `https://${random.text(LOWER, 8)}.example.com/${random.text(ALNUM, 12)}?id=${random.text(HEX, 16)}`,
    () => `github.com/x/y v1.2.3 h1:${random.text(ALNUM, 43)}=`,
    () => `image: registry.example.com/app@sha256:${random.text(HEX, 64)}`,
    () => `src/${random.text(LOWER, 8)}.ts:${1000 + random.below(9000)}:7: ${random.text(LOWER, 6)} ${random.uuid()}`,
    () => `<img src="data:image/png;base64,iVBORw0KGgo${random.text(ALNUM, 200)}=">`,
    () => `/assets/${random.text(LOWER, 6)}-${random.text(ALNUM, 8)}.js?v=${random.text(HEX, 20)}`,
    () => `cache-key: v1-${random.text(LOWER, 5)}-${random.text(HEX, 64)}`,
  ];
  const flagged: string[] = [];
  for (let i = 0; i < 6000; i++) {
    const text = kinds[i % kinds.length]!();
    if (redactor.redactText(text).found.length > 0) flagged.push(text);
  }
  assert.deepEqual(flagged, []);
});

test('what is redacted already passes unchanged', () => {
  const random = seededRandom(10);
  for (const [, make] of TOKEN_FORMATS) {
    for (const [, around] of SURROUNDINGS) {
      const once = redactor.redactText(around(make(random))).text;
      assert.equal(redactor.redactText(once).text, once);
    }
  }
});

test('placeholders are put back from memory, and unknown ones stay', () => {
  const text = `password=${'s3cr3t'}-Pa55word and ${'curl -u bob'}:sw0rdFish https://x.example`;
  const { text: redacted, found } = redactor.redactText(text);
  assert.equal(found.length, 2);
  const memory = new Map(found.map(({ placeholder, value }) => [placeholder, value]));
  assert.equal(
    reveal(redacted, (one) => memory.get(one)),
    text,
  );
  assert.equal(
    reveal('[REDACTED:x:01234567]', () => undefined),
    '[REDACTED:x:01234567]',
  );
});

test('a placeholder does not shield what is glued to it', () => {
  const { text } = redactor.redactText('DB_PASSWORD=[REDACTED:x:01234567]Tr0ub4dor&3');
  assert.equal(text.includes('Tr0ub4dor'), false);
  assert.equal(text.includes('[REDACTED:x:01234567]'), true);
});

test('allowed values pass, by value, by placeholder and by tag', () => {
  const text = 'DB_PASSWORD=Tr0ub4dor&3x';
  const [found] = redactor.redactText(text).found;
  assert.ok(found !== undefined);
  for (const entry of [found.value, found.placeholder, tag(found.value).slice(0, 8)]) {
    assert.equal(makeRedactor({ tag, allow: [entry] }).redactText(text).text, text, entry);
  }
});
