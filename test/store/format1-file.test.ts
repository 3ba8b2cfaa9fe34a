import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SessionError } from '../../src/core/errors.ts';
import type { NewRecord } from '../../src/core/record.ts';
import { BlobStore } from '../../src/store/blob-store.ts';
import { format1Header, isFormat1, readFormat1 } from '../../src/store/format1-file.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const SESSION = {
  id: '01234567-89ab-4cde-8f01-23456789abcd',
  name: 'A name',
  metadata: { createdAt: '2026-03-01T09:00:00.000Z', updatedAt: '2026-03-01T10:00:00.000Z' },
  state: { workingDirectory: '/work' },
  history: {
    messages: [
      { id: 'm1', role: 'user', content: 'hello' },
      { id: 'm2', role: 'assistant', parts: [{ type: 'tool-call', callId: 'c', name: 'bash', input: '{}' }] },
    ],
    context: {},
    checkpoints: [],
  },
};

function documentOf(session: unknown, fields: object = {}): string {
  const text = JSON.stringify(session);
  const checksum = createHash('sha256').update(text).digest('hex');
  return `{"version":"1.0","session":${text},"checksum":"${checksum}","compressed":true}`.replace(
    /}$/,
    Object.entries(fields)
      .map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`)
      .join('') + '}',
  );
}

function file(test: TestContext, content: string | Uint8Array): { path: string; blobs: BlobStore } {
  const folder = tempFolder(test);
  const path = join(folder, 'session-x.json.gz');
  writeFileSync(path, content);
  return { path, blobs: new BlobStore(join(folder, 'blobs')) };
}

function records(path: string, blobs: BlobStore): NewRecord[] {
  return [...readFormat1(path, format1Header(path), blobs)];
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SessionError) return error.code;
    throw error;
  }
  return 'none';
}

for (const [how, pack] of [
  ['plain', (text: string) => Buffer.from(text)],
  ['packed', (text: string) => gzipSync(text)],
  ['packed in members', (text: string) => Buffer.concat([gzipSync(text.slice(0, 50)), gzipSync(text.slice(50))])],
  ['with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
] as const) {
  test(`a document is recognised and read ${how}`, (t) => {
    const { path, blobs } = file(t, pack(documentOf(SESSION)));
    assert.ok(isFormat1(path));
    const header = format1Header(path);
    assert.equal(header.id, SESSION.id);
    assert.equal(header.name, 'A name');
    assert.equal(header.messages, 2);
    assert.equal(header.toolCalls, 1);
    assert.equal(header.firstPrompt, 'hello');
    assert.deepEqual(header.warnings, []);
    assert.deepEqual(
      records(path, blobs).map(({ type, id }) => [type, id]),
      [
        ['message', 'm1'],
        ['message', 'm2'],
        ['state', undefined],
        ['meta', undefined],
      ],
    );
  });
}

test('other files are told from documents', (t) => {
  for (const text of ['', '{', '[]', '{"messages":[]}', '{"session":"text"}', 'session: {}', '\u001f\u008b']) {
    assert.ok(!isFormat1(file(t, text).path), text);
  }
  assert.ok(!isFormat1(file(t, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])).path));
});

test('a single changed byte of the session is a wrong checksum', (t) => {
  const text = documentOf(SESSION);
  for (const change of [text.replace('hello', 'hellO'), text.replace('"id"', ' "id"').replace('{ "id"', '{ "id"')]) {
    assert.equal(
      codeOf(() => format1Header(file(t, change).path)),
      'CHECKSUM_MISMATCH',
    );
  }
});

test('a checksum that is missing is a warning, one with the name of its algorithm is understood', (t) => {
  const text = documentOf(SESSION);
  const without = file(t, text.replace(/"checksum":"\w+"/, '"checksum":""'));
  assert.equal(format1Header(without.path).warnings[0]?.code, 'CHECKSUM_MISMATCH');
  const named = file(t, text.replace('"checksum":"', '"checksum":"sha256:'));
  assert.deepEqual(format1Header(named.path).warnings, []);
});

test('a later major version is not read', (t) => {
  const { path } = file(t, documentOf(SESSION).replace('"version":"1.0"', '"version":"2.0"'));
  assert.equal(
    codeOf(() => format1Header(path)),
    'FORMAT_NEWER',
  );
});

test('a document cut short anywhere is refused', (t) => {
  const text = documentOf(SESSION);
  const packed = gzipSync(text);
  for (let length = 1; length < text.length; length += 7) {
    const code = codeOf(() => format1Header(file(t, text.slice(0, length)).path));
    assert.equal(code, 'LOG_UNREADABLE', `${length} bytes`);
  }
  for (let length = 2; length < packed.length; length += 7) {
    const code = codeOf(() => format1Header(file(t, packed.subarray(0, length)).path));
    assert.equal(code, 'LOG_UNREADABLE', `${length} packed bytes`);
  }
});

test('a file that unpacks to two hundred times its size is refused', (t) => {
  const { path } = file(t, gzipSync(documentOf({ ...SESSION, name: 'x'.repeat(30_000_000) })));
  assert.equal(
    codeOf(() => format1Header(path)),
    'IMPORT_REFUSED',
  );
});

test('two messages under one id, and ids that are no names, lose them', (t) => {
  const messages = ['same', 'same', '../x', 'a'.repeat(65)].map((id) => ({ id, role: 'user', content: 'x' }));
  const { path, blobs } = file(t, documentOf({ ...SESSION, history: { messages } }));
  const ids = records(path, blobs)
    .filter(({ type }) => type === 'message')
    .map(({ id }) => id);
  assert.deepEqual(ids, ['same', undefined, undefined, undefined]);
});

test('an output of megabytes goes into a blob; other fields of that name stay in their record', (t) => {
  const output = '"quoted" line of output 店 🎉\n'.repeat(100_000);
  const parts = [
    { type: 'tool-call', callId: 'c', name: 'bash', input: '{}' },
    { type: 'tool-result', callId: 'c', name: 'bash', status: 'ok', output, raw: { output } },
  ];
  const messages = [{ id: 'm', role: 'assistant', content: '', parts }];
  const { path, blobs } = file(t, documentOf({ ...SESSION, history: { messages } }));
  const [, end] = records(path, blobs) as Extract<NewRecord, { type: 'tool-end' }>[];
  assert.equal(end!.output, undefined);
  assert.equal(blobs.read(end!.blob!).toString(), output);
  assert.equal(end!.head, output.slice(0, end!.head!.length));
  assert.ok(end!.head!.length > 1000 && end!.tail!.length > 1000);
  assert.ok(output.endsWith(end!.tail!));
  assert.deepEqual(end!.raw, { output });
});

test('a text that breaks off leaves nothing behind', (t) => {
  const start = documentOf({
    history: { messages: [{ parts: [{ type: 'tool-result', output: 'x'.repeat(3_000_000) }] }] },
  });
  const { path, blobs } = file(t, documentOf(SESSION));
  const header = format1Header(path);
  writeFileSync(path, start.slice(0, 2_500_000));
  assert.equal(
    codeOf(() => [...readFormat1(path, header, blobs)]),
    'LOG_UNREADABLE',
  );
  assert.deepEqual(readdirSync(blobs.directory), []);
});

test('bytes behind the end of the packed data are no part of the document', (t) => {
  const { path } = file(t, gzipSync(documentOf(SESSION)));
  appendFileSync(path, Buffer.alloc(512));
  assert.equal(format1Header(path).messages, 2);
});
