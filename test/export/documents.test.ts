// The exporters on their own: the same value goes in, its parts streaming, and must come out of every document.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseDocument } from 'yaml';
import { parseJson, stringifyJson } from '../../src/core/json.ts';
import { StreamedList, StreamedText } from '../../src/export/document.ts';
import { exportJson } from '../../src/export/json-export.ts';
import { exportYaml } from '../../src/export/yaml-export.ts';
import { runs } from '../helpers/slow.ts';
import { NASTY_TEXTS } from './nasty.ts';

async function whole(chunks: AsyncIterable<string>): Promise<string> {
  const pieces: string[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return pieces.join('');
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The value with its texts in two pieces and its list streaming, and the value as one. */
function session(text: string, cutAt: number, other: unknown): { streamed: Record<string, unknown>; plain: unknown } {
  const output = new StreamedText(() => each([text.slice(0, cutAt), text.slice(cutAt)]));
  const build = (texts: unknown, list: (items: unknown[]) => unknown): Record<string, unknown> => ({
    id: 's',
    name: text,
    absent: undefined,
    history: {
      messages: list([
        { id: 'm1', content: text, raw: other },
        { id: 'm2', parts: [{ output: texts }, { other }] },
      ]),
      context: { systemPrompt: text },
      empty: list([]),
    },
    tools: [{ toolName: text }],
    [text]: other,
  });
  return {
    streamed: build(output, (items) => new StreamedList(each(items))),
    plain: JSON.parse(stringifyJson(build(text, (items) => items))),
  };
}

const text = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...NASTY_TEXTS)).map((texts) => texts.join('')),
  fc
    .array(fc.constantFrom(...'\n \t\ra#:-"\'\u2028|>\\`?'.split(''), '\ud800', '\udc00'))
    .map((units) => units.join('')),
);
const other = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.dictionary(text, text, { maxKeys: 3 }), fc.integer());
const options = { numRuns: runs(150, 10_000) };

test('a JSON document is what JSON.stringify makes of the session, with the checksum of its bytes', async () => {
  const property = fc.asyncProperty(text, fc.nat(40), other, async (words, cutAt, value) => {
    const { streamed, plain } = session(words, cutAt, value);
    const document = JSON.parse(await whole(exportJson(streamed))) as Record<string, unknown>;
    const bytes = JSON.stringify(plain);
    assert.equal(JSON.stringify(document['session']), bytes);
    assert.equal(document['checksum'], createHash('sha256').update(bytes).digest('hex'));
    assert.deepEqual(Object.keys(document), ['version', 'session', 'checksum', 'compressed']);
  });
  await fc.assert(property, options);
});

test('a YAML document reads back as the session', async () => {
  const property = fc.asyncProperty(text, fc.nat(40), other, async (words, cutAt, value) => {
    const { streamed, plain } = session(words, cutAt, value);
    const document = parseDocument(await whole(exportYaml(streamed, words)));
    assert.deepEqual(document.errors, []);
    assert.deepEqual(JSON.parse(JSON.stringify(document.toJS())), plain);
  });
  await fc.assert(property, options);
});

test('integers that a double cannot hold keep their digits in every document', async () => {
  const value = parseJson('{"id":12345678901234567890,"list":[-98765432109876543210]}') as Record<string, unknown>;
  const json = await whole(exportJson(value));
  assert.match(json, /"id":12345678901234567890,"list":\[-98765432109876543210\]/);
  const yaml = parseDocument(await whole(exportYaml(value, 'x')), { intAsBigInt: true }).toJS() as unknown;
  assert.deepEqual(yaml, { id: 12345678901234567890n, list: [-98765432109876543210n] });
});

test('a long text in YAML stands in the place of its key, and can itself look like a place', async () => {
  const inner = 't01234567-89ab-4cde-8f01-23456789abcd';
  const { streamed, plain } = session(inner, 5, inner);
  assert.deepEqual(parseDocument(await whole(exportYaml(streamed, 'x'))).toJS(), plain);
});
