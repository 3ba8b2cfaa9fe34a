import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseJson } from '../../../src/core/json.ts';
import { isUnsafe } from '../../../src/core/safe-text.ts';
import type { Closing } from '../../../src/cli/output/closing.ts';
import { jsonEnvelope } from '../../../src/cli/output/json.ts';
import { yamlEnvelope } from '../../../src/cli/output/yaml.ts';

const METADATA = { command: 'x', version: '1', timestamp: '2026-01-01T00:00:00.000Z', durationMs: 1, exitCode: 0 };

function closing(failure: unknown): Closing {
  const errors = failure === undefined ? [] : [{ code: 'INTERNAL' as const, message: String(failure), op: 'read' }];
  return { warnings: [], errors, metadata: METADATA };
}

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

async function* tornItems(): AsyncIterable<number> {
  yield 1;
  throw new Error('torn');
}

const HOSTILE = {
  controls: 'a\u001b[31m\u009b\u007f\u202e\u2028\ud800',
  multiline: 'one\n  two\n\nthree: # four\n',
  looks: ['true', 'null', '0x10', '- x', '1e3', '', ' ', '2026-01-01'],
  ['__proto__x']: { constructor: 1 },
  nested: [[], {}, [[{ a: null }]]],
};

for (const [format, envelope, read] of [
  ['JSON', jsonEnvelope, (text: string) => JSON.parse(text) as unknown],
  ['YAML', yamlEnvelope, (text: string) => parse(text) as unknown],
] as const) {
  test(`${format}: what was given comes back, whatever the strings hold`, async () => {
    const text = await textOf(
      envelope({ data: { value: HOSTILE }, list: { key: 'items', items: [HOSTILE, 1, null, []] } }, closing),
    );
    const { data } = read(text) as { data: Record<string, unknown> };
    const expected = JSON.parse(JSON.stringify(HOSTILE)) as unknown;
    assert.deepEqual(data, { value: expected, items: [expected, 1, null, []] });
    assert.equal(isUnsafe(text), false);
  });

  test(`${format}: an empty list is a list`, async () => {
    const text = await textOf(envelope({ data: {}, list: { key: 'items', items: [] } }, closing));
    assert.deepEqual(read(text), { data: { items: [] }, warnings: [], errors: [], metadata: METADATA });
  });

  test(`${format}: without an answer data is null`, async () => {
    assert.deepEqual(read(await textOf(envelope(null, closing))), {
      data: null,
      warnings: [],
      errors: [],
      metadata: METADATA,
    });
  });

  test(`${format}: a list that fails half way is closed, and the error stands behind it`, async () => {
    const text = await textOf(envelope({ data: {}, list: { key: 'items', items: tornItems() } }, closing));
    const document = read(text) as { data: unknown; errors: { message: string }[] };
    assert.deepEqual(document.data, { items: [1] });
    assert.match(document.errors[0]!.message, /torn/);
  });

  test(`${format}: integers that a double cannot hold keep their digits`, async () => {
    const text = await textOf(envelope({ data: { id: parseJson('12345678901234567890') } }, closing));
    assert.match(text, /"?id"?: ?12345678901234567890\b/);
  });
}
