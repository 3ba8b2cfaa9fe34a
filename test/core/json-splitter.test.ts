// The splitter sees bytes as they arrive, so every test cuts its document at every place.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionError } from '../../src/core/errors.ts';
import { parseJson, stringifyJson } from '../../src/core/json.ts';
import { VALUE_BYTES_MAX } from '../../src/core/json-capture.ts';
import { JsonSplitter } from '../../src/core/json-splitter.ts';
import { JsonUnescaper } from '../../src/core/json-unescape.ts';

const DESCENT = { a: { list: 'items' } } as const;

interface Event {
  what: string;
  path: string;
  text?: string;
  offset: number;
}

function split(text: string | Uint8Array, cuts: readonly number[], longTexts: string[] = []): Event[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const events: Event[] = [];
  const splitter = new JsonSplitter(DESCENT, {
    value: ({ path, offsetBytes }, value) => {
      events.push({ what: 'value', path: path.join('/'), text: Buffer.from(value).toString(), offset: offsetBytes });
    },
    tooLong: ({ path, offsetBytes }) => events.push({ what: 'too long', path: path.join('/'), offset: offsetBytes }),
    enter: (path, offset) => events.push({ what: 'enter', path: path.join('/'), offset }),
    leave: (path, offset) => events.push({ what: 'leave', path: path.join('/'), offset }),
    longString: () => {
      const unescaper = new JsonUnescaper();
      let whole = '';
      return {
        write: (escaped) => (whole += unescaper.write(escaped)),
        end: () => {
          longTexts.push(whole + unescaper.end());
          return `long ${longTexts.length}`;
        },
      };
    },
  });
  // One buffer for all chunks, as when reading a file: what is held must be a copy.
  const buffer = Buffer.alloc(bytes.length);
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    const chunk = buffer.subarray(0, cut - at);
    chunk.set(bytes.subarray(at, cut));
    splitter.write(chunk);
    chunk.fill(0x21);
    at = cut;
  }
  splitter.end();
  return events;
}

const DOCUMENT =
  '\uFEFF { "first" : 12345678901234567890, "a": {"x\\"y": "é\\u00e9\\\\", "list": [ {"b": [1,{"c":"]}"}]}, "s\\"]", -1.5e3,true , null, []],' +
  '"z":{}}, "a2": "{\\"a\\":1}", "": false }\n ';

test('a document gives the same pieces wherever its bytes are cut', () => {
  const whole = split(DOCUMENT, []);
  assert.deepEqual(
    whole.filter((event) => event.what === 'value').map(({ path, text }) => [path, text]),
    [
      ['first', '12345678901234567890'],
      ['a/x"y', '"é\\u00e9\\\\"'],
      ['a/list', '{"b": [1,{"c":"]}"}]}'],
      ['a/list', '"s\\"]"'],
      ['a/list', '-1.5e3'],
      ['a/list', 'true'],
      ['a/list', 'null'],
      ['a/list', '[]'],
      ['a/z', '{}'],
      ['a2', '"{\\"a\\":1}"'],
      ['', 'false'],
    ],
  );
  const bytes = Buffer.from(DOCUMENT);
  for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(split(bytes, [cut]), whole, `cut at ${cut}`);
  assert.deepEqual(split(bytes, [...bytes.keys()]), whole);
});

test('the places of a container are those of its brackets', () => {
  const bytes = Buffer.from(DOCUMENT);
  const events = split(bytes, []);
  const enter = events.find((event) => event.what === 'enter' && event.path === 'a')!.offset;
  const leave = events.find((event) => event.what === 'leave' && event.path === 'a')!.offset;
  assert.equal(bytes.subarray(enter, leave).toString().slice(0, 5), '{"x\\"');
  JSON.parse(bytes.subarray(enter, leave).toString());
});

for (const [what, text] of [
  ['cut short', '{"a": {"list": [1, 2'],
  ['empty', ''],
  ['followed by more', '{} {}'],
  ['without a colon', '{"a" 1}'],
  ['without a comma', '{"a": 1 "b": 2}'],
  ['closed with the wrong bracket', '{"a": {"list": [1}}}'],
  ['with a key that is no string', '{1: 2}'],
  ['with a key that is no JSON', '{"\\x": 2}'],
] as const) {
  test(`a document that is ${what} is refused with its place`, () => {
    assert.throws(
      () => split(text, []),
      (error) => error instanceof SessionError && error.code === 'LOG_UNREADABLE' && error.offsetBytes !== undefined,
    );
  });
}

test('a value that is too long is passed over and told with its place and length', () => {
  const filler = Buffer.alloc(VALUE_BYTES_MAX, 'x');
  const bytes = Buffer.concat([Buffer.from('{"a":{"list":["'), filler, Buffer.from('",7]}}')]);
  const cuts = Array.from({ length: 64 }, (_, index) => index * 1024 * 1024);
  const events = split(bytes, cuts).filter((event) => event.path === 'a/list');
  assert.deepEqual(events.filter((event) => event.what === 'too long').length, 1);
  assert.deepEqual(events.find((event) => event.what === 'value')?.text, '7');
});

test('an output of megabytes goes where long texts go, whatever it is escaped as and wherever it is cut', () => {
  const ending = '"quote" \\ \u0000 é 店 🎉 \ud83d end';
  const output = 'line of output\n'.repeat(120_000) + ending;
  const message = { output, other: 'short', nested: { output: 'short too' } };
  const escaped = stringifyJson(message).replaceAll('🎉', '\\ud83c\\udf89');
  const bytes = Buffer.from(`{"a":{"list":[${escaped}]}}`);
  const end = bytes.length - Buffer.byteLength(JSON.stringify(ending)) - 80;
  for (let cut = end; cut < bytes.length; cut++) {
    const texts: string[] = [];
    const value = split(bytes, [100, 700_000, 1_500_000, cut], texts).find((event) => event.what === 'value');
    assert.deepEqual(parseJson(value!.text!), { output: 'long 1', other: 'short', nested: { output: 'short too' } });
    assert.equal(texts.length, 1);
    assert.ok(texts[0] === output, `cut at ${cut}`);
  }
});

test('a text is unescaped the same in one piece and byte by byte', () => {
  const text = 'a\\"b\\\\ \\u0041 \\ud83d\\ude00 \\\\\\\\u0041 \\ud83d x é 店 🎉 \\n';
  const bytes = Buffer.from(text);
  const unescaper = new JsonUnescaper();
  let pieces = '';
  for (const byte of bytes) pieces += unescaper.write(Uint8Array.of(byte));
  assert.equal(pieces + unescaper.end(), JSON.parse(`"${text}"`));
});
