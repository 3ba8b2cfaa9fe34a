import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { makeRedactor } from '../../../src/core/redaction/redactor.ts';
import { ALNUM, BASE64, seededRandom } from '../../helpers/secret-corpus/random-text.ts';
import type { Random } from '../../helpers/secret-corpus/random-text.ts';
import { HARD_NEGATIVES } from '../../helpers/secret-corpus/hard-negatives.ts';
import { LABELLED_FORMATS } from '../../helpers/secret-corpus/labelled-formats.ts';
import { NAMED_SURROUNDINGS, SURROUNDINGS } from '../../helpers/secret-corpus/surroundings.ts';
import { TOKEN_FORMATS } from '../../helpers/secret-corpus/token-formats.ts';
import { runs } from '../../helpers/slow.ts';

const tag = (value: string) => createHmac('sha256', 'test').update(value).digest('hex');
const KNOWN = 'first line of it\nsecond L1ne!\nthird';
const redactor = makeRedactor({ tag, knownValues: [KNOWN, 'kn0wn value with spaces'] });
const HELD_MAX = 65_536;

function mixedText(random: Random, pieces: number): string {
  const parts = Array.from({ length: pieces }, () => {
    switch (random.below(6)) {
      case 0:
        return random.pick(SURROUNDINGS)[1](random.pick(TOKEN_FORMATS)[1](random));
      case 1: {
        const [name, make] = random.pick(LABELLED_FORMATS);
        return random.pick(NAMED_SURROUNDINGS)[1](name, make(random));
      }
      case 2:
        return random.pick([KNOWN, 'kn0wn value with spaces', encodeURIComponent(KNOWN)]);
      case 3:
        return random.text(BASE64, random.below(400));
      default:
        return random.pick(HARD_NEGATIVES);
    }
  });
  return parts.map((part) => part + random.pick(['\n', '\n', ' ', '\r\n', ', '])).join('');
}

function inPieces(text: string, random: Random, piecesMax: number): string {
  const stream = redactor.stream();
  let redacted = '';
  for (let at = 0; at < text.length;) {
    const end = at + 1 + random.below(piecesMax);
    redacted += stream.write(text.slice(at, end));
    at = end;
  }
  return redacted + stream.end();
}

test('a stream gives the same as the whole text, however it is cut', () => {
  const random = seededRandom(41);
  for (let run = 0; run < runs(12, 150); run++) {
    const text = mixedText(random, 30);
    assert.equal(inPieces(text, random, random.pick([1, 7, 80, 3000])), redactor.redactText(text).text);
  }
});

test('lines and keys longer than what may be held are cut alike, and no secret with them', () => {
  const random = seededRandom(42);
  const token = TOKEN_FORMATS[0]![1];
  const long = Array.from({ length: 30_000 }, () => (random.below(400) === 0 ? token(random) : random.text(ALNUM, 6)));
  const key = TOKEN_FORMATS.find(([name]) => name === 'rsa key')![1](random);
  const [begin, end] = [key.split('\n')[0]!, key.split('\n').at(-1)!];
  const longKey = [begin, ...Array.from({ length: 3000 }, () => random.text(BASE64, 64)), end, 'after'].join('\n');
  for (const text of [long.join(' '), long.join(''), longKey, random.text(BASE64, 150_000)]) {
    const whole = redactor.redactText(text).text;
    assert.equal(inPieces(text, random, 9000), whole);
    assert.equal(/AKIA[A-Z2-7]{16}(?![A-Za-z0-9])/.test(long.join(' ') === text ? whole : ''), false);
  }
  assert.match(redactor.redactText(longKey).text, /^(\[REDACTED:private-key:[0-9a-f]{8}\])+\nafter$/);
});

test('no more than 64 KiB are held back', () => {
  const random = seededRandom(43);
  for (const piece of ['password:\n', 'x'.repeat(1000), `-----BEGIN PRIVATE ${'KEY'}-----\n`, 'a b ']) {
    const stream = redactor.stream();
    let handedOn = 0;
    let written = 0;
    for (let i = 0; i < 300; i++) {
      const chunk = piece.repeat(1 + random.below(5));
      written += chunk.length;
      handedOn += stream.write(chunk).length;
      assert.ok(written - handedOn <= HELD_MAX + chunk.length, JSON.stringify(piece));
    }
  }
});

test('an unfinished line is shown up to where no secret can begin', () => {
  const shown = (text: string) => {
    const stream = redactor.stream();
    return stream.write(text) + stream.flushSafe();
  };
  assert.equal(shown('Downloading 12 of 40 files'), 'Downloading 12 of 40 ');
  assert.equal(shown('your password is '), 'your ');
  assert.equal(shown('DB_PASSWORD = "one two'), '');
  assert.equal(shown('see kn0wn value '), 'see ');
});

test('after early showing no secret comes through either', () => {
  const random = seededRandom(44);
  for (let run = 0; run < runs(200, 2000); run++) {
    const [name, make] = random.pick(LABELLED_FORMATS);
    const secret = make(random);
    const text = `some words before ${random.pick(NAMED_SURROUNDINGS)[1](name, secret)} and after`;
    const stream = redactor.stream();
    let redacted = '';
    for (let at = 0; at < text.length;) {
      const end = at + 1 + random.below(12);
      redacted += stream.write(text.slice(at, end)) + stream.flushSafe();
      at = end;
    }
    redacted += stream.end();
    if (redactor.redactText(text).text.includes(secret)) continue;
    assert.equal(redacted.includes(secret), false, text);
  }
});

test('a piece may be a buffer that is read into again', () => {
  const wanted = Buffer.from([0x61, 0xc1, 0x62, 0xe2, 0x82, 0xac, 0xff]);
  const stream = redactor.byteStream();
  const piece = Buffer.alloc(1);
  const out = Array.from(wanted, (byte) => {
    piece[0] = byte;
    return Buffer.from(stream.write(piece));
  });
  assert.deepEqual(Buffer.concat([...out, stream.end()]), wanted);
});

test('bytes may be cut inside a character, and bytes that are no UTF-8 come out as they went in', () => {
  const random = seededRandom(45);
  const secret = TOKEN_FORMATS[0]![1](random);
  const bytes = Buffer.concat([
    Buffer.from(`größe 😀 ${secret} `),
    Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0]),
    Buffer.from(' ünd 😀\n'),
    Buffer.from([0xe2, 0x82]),
  ]);
  const stream = redactor.byteStream();
  const parts = [...bytes].map((byte) => stream.write(Uint8Array.of(byte)));
  const redacted = Buffer.concat([...parts, stream.end()]);
  assert.equal(redacted.includes(secret), false);
  const [before, after] = redacted.toString('latin1').split(/\[REDACTED:aws-key-id:[0-9a-f]{8}\]/);
  assert.equal(before + secret + after, bytes.toString('latin1'));
});
