// Files made to do harm, or damaged beyond use: each is refused with its code, or taken in without doing what it says.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SessionError } from '../../../src/core/errors.ts';
import { isSessionId } from '../../../src/core/session-file-name.ts';
import { writeSample } from './sample-session.ts';
import { testStore } from './serializer-store.ts';
import type { TestStore } from './serializer-store.ts';

function write(store: TestStore, content: string | Uint8Array, name = 'file'): string {
  const path = join(store.folder, name);
  writeFileSync(path, content);
  return path;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SessionError) return error.code;
    throw error;
  }
  return 'none';
}

function document(session: unknown): string {
  const text = JSON.stringify(session);
  const checksum = createHash('sha256').update(text).digest('hex');
  return `{"version":"1.0","session":${text},"checksum":"${checksum}","compressed":false}`;
}

const at = '2026-03-01T10:00:00.000Z';
const HEAD = '{"format":"roo-session","version":1}\n';
const FIRST = {
  type: 'session',
  id: 'r',
  at,
  format: 2,
  sessionId: '01234567-89ab-4cde-8f01-23456789abcd',
  project: { path: '/p' },
  origin: { kind: 'human', agent: 'roo' },
};
const jsonl = (...records: unknown[]): string =>
  HEAD + [FIRST, ...records, { format: 'roo-session-end' }].map((record) => `${JSON.stringify(record)}\n`).join('');

for (const [what, content, code] of [
  ['nothing', '', 'FORMAT_UNKNOWN'],
  ['an image', Buffer.from('89504e470d0a1a0a', 'hex'), 'FORMAT_UNKNOWN'],
  ['some JSON', '{"a":1}', 'FORMAT_UNKNOWN'],
  ['some YAML', 'a: 1\nb: 2\n', 'FORMAT_UNKNOWN'],
  ['a Markdown transcript', '# A name\n\n## user\n\nhello\n', 'FORMAT_UNKNOWN'],
  ['packed nothing', gzipSync(''), 'FORMAT_UNKNOWN'],
  ['no gzip behind its magic', Buffer.from([0x1f, 0x8b, 8, 0, 9, 9, 9, 9]), 'FORMAT_UNKNOWN'],
  ['a changed document', document({ id: 'x', history: {} }).replace('"x"', '"y"'), 'CHECKSUM_MISMATCH'],
  ['half a document', document({ id: 'x', history: { messages: [{ content: 'a' }] } }).slice(0, 60), 'LOG_UNREADABLE'],
  ['a document of a later version', document({ id: 'x' }).replace('1.0', '7.0'), 'FORMAT_NEWER'],
  ['records of a later version', HEAD.replace('1', '7'), 'FORMAT_NEWER'],
  ['a session of a later format', HEAD + JSON.stringify({ ...FIRST, format: 3 }), 'FORMAT_NEWER'],
  ['records without a session', HEAD + '{"type":"meta","id":"m"}\n', 'FORMAT_UNKNOWN'],
  ['YAML that is none', 'id: x\nmetadata: {\nhistory: ]\n', 'LOG_UNREADABLE'],
  [
    'YAML that repeats itself',
    `id: x\nmetadata: &a [x]\nhistory: &b [${'*a,'.repeat(50)}]\nz: [${'*b,'.repeat(50)}]`,
    'IMPORT_REFUSED',
  ],
  ['YAML without end', `id: x\nmetadata: {}\nz: ${'['.repeat(20_000)}`, 'RECORD_TOO_DEEP'],
  ['YAML of many levels', `id: x\nmetadata: {}\nz: ${'['.repeat(900)}${']'.repeat(900)}`, 'RECORD_TOO_DEEP'],
  ['a bomb', gzipSync(document({ id: 'x', history: {}, name: 'x'.repeat(40_000_000) })), 'IMPORT_REFUSED'],
] as const) {
  test(`${what} is refused, and nothing is imported or left behind`, async (t) => {
    const store = testStore(t);
    assert.equal(await codeOf(store.serializer.importFile(write(store, content), {})), code);
    assert.deepEqual(store.ids(), []);
    assert.deepEqual(readdirSync(store.folder), ['file']);
  });
}

test('a path that is no file is refused with what to do', async (t) => {
  const store = testStore(t);
  mkdirSync(join(store.folder, 'folder'));
  for (const [path, code] of [
    ['folder', 'FORMAT_UNKNOWN'],
    ['missing', 'STORE_UNREADABLE'],
  ] as const) {
    assert.equal(await codeOf(store.serializer.importFile(join(store.folder, path), {})), code);
  }
  assert.equal(await codeOf(store.serializer.importFile(write(store, '{}'), { from: 'nobody' })), 'FORMAT_UNKNOWN');
});

test('a million empty gzip members in front of a document do no harm', async (t) => {
  const store = testStore(t);
  const empty = gzipSync('');
  const members = Buffer.alloc(empty.length * 1_000_000);
  for (let i = 0; i < members.length; i += empty.length) empty.copy(members, i);
  const content = Buffer.concat([members, gzipSync(document({ id: 'x', history: { messages: [{ content: 'a' }] } }))]);
  // The format cannot be seen so far behind; named, it is read.
  const path = write(store, content);
  assert.equal(await codeOf(store.serializer.importFile(path, {})), 'FORMAT_UNKNOWN');
  assert.equal((await store.serializer.importFile(path, { from: 'json' })).imported[0]!.messages, 1);
});

for (const id of ['../../x', 'CON', 'a\u0000b', 'x'.repeat(300), '', 'a/b', 'session~01234567', '\ud800']) {
  test(`a session called ${JSON.stringify(id.slice(0, 20))} gets a name of its own, and the same one again`, async (t) => {
    const store = testStore(t);
    const message = {
      type: 'message',
      id: 'm',
      at,
      parentId: null,
      role: 'user',
      parts: [{ type: 'text', text: 'x' }],
    };
    const contents = [
      document({ id, history: { messages: [{ content: 'x' }] } }),
      jsonl(message).replace(JSON.stringify(FIRST.sessionId), JSON.stringify(id)),
    ];
    for (const content of contents) {
      const path = write(store, content);
      const first = await store.serializer.importFile(path, {});
      const again = await store.serializer.importFile(path, {});
      assert.ok(isSessionId(first.imported[0]!.id) && first.imported[0]!.id !== id);
      assert.deepEqual([again.imported[0]!.id, again.imported[0]!.status], [first.imported[0]!.id, 'unchanged']);
    }
    assert.deepEqual(readdirSync(store.folder).sort(), ['.roo', 'file']);
  });
}

async function takenIn(t: TestContext, ...records: unknown[]): Promise<{ store: TestStore; quarantined: number }> {
  const store = testStore(t);
  const { imported } = await store.serializer.importFile(write(store, jsonl(...records)), {});
  assert.equal((await store.serializer.importFile(join(store.folder, 'file'), {})).imported[0]!.status, 'unchanged');
  return { store, quarantined: imported[0]!.quarantined };
}

const id = FIRST.sessionId;
const message = { type: 'message', id: 'm', at, parentId: null, role: 'user', parts: [{ type: 'text', text: 'x' }] };

for (const [what, record] of [
  [
    'a blob that names another file',
    { type: 'tool-end', id: 'e', at, callId: 'c', status: 'ok', blob: { hash: '../../secret', bytes: 3 } },
  ],
  ['a spilled record that names another file', { ...message, id: 'n', spilled: { hash: '/etc/passwd', bytes: 3 } }],
  [
    'an image that names another file',
    { ...message, id: 'n', parts: [{ type: 'image', mediaType: 'x', blob: { hash: '..', bytes: 1 } }] },
  ],
  ['a message without parts', { type: 'message', id: 'n', at, role: 'user' }],
  ['a state that is none', { type: 'state', id: 'n', at, patch: 5 }],
  ['a state with processes that are none', { type: 'state', id: 'n', at, patch: { activeProcesses: 'many' } }],
  ['tags that are no list', { type: 'meta', id: 'n', at, addTags: 'one' }],
  ['tokens that are no number', { ...message, id: 'n', usage: { inputTokens: 'many' } }],
  ['no type', { id: 'n', at }],
  ['no id', { type: 'meta', at, name: 'x' }],
] as const) {
  test(`a record with ${what} is set aside as it is`, async (t) => {
    const { store, quarantined } = await takenIn(t, message, record);
    assert.equal(quarantined, 1);
    const kept = store.records(id).find(({ type }) => type === 'quarantine') as unknown as { text: string };
    assert.deepEqual(JSON.parse(kept.text), record);
    await store.serializer.exportSession(id, 'json');
  });
}

test('keys and tool names like __proto__ and constructor change nothing but the data they are', async (t) => {
  const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const call = (name: string): unknown => ({
    ...message,
    id: `call-${name}`,
    role: 'assistant',
    parts: [{ type: 'tool-call', callId: name, name, input: '' }],
  });
  const { store } = await takenIn(
    t,
    { ...message, raw: 'RAW' },
    call('__proto__'),
    call('constructor'),
    { type: 'tool-state', id: 't', at, toolName: '__proto__', cache: 1 },
    { type: 'config', id: 'c', at, patch: JSON.parse(evil) as unknown },
    { type: 'state', id: 's', at, patch: JSON.parse(evil) as unknown },
  );
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.equal(({} as { usageCount?: unknown }).usageCount, undefined);
  const exported = JSON.parse(await store.serializer.exportSession(id, 'json')) as { session: { tools: unknown[] } };
  assert.equal(exported.session.tools.length, 2);
});

function deep(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`;
}

test('what is nested too deeply is set aside, by itself', async (t) => {
  const store = testStore(t);
  const lines = [499, 500, 501, 100_000].map(
    (levels) => `{"type":"custom","id":"d${levels}","at":"${at}","kind":"k","value":${deep(levels)}}\n`,
  );
  const path = write(
    store,
    jsonl(message).replace('{"format":"roo-session-end"}', () => `${lines.join('')}{"format":"roo-session-end"}`),
  );
  const { imported } = await store.serializer.importFile(path, {});
  assert.equal(imported[0]!.quarantined, 3);
  assert.equal(imported[0]!.messages, 1);
});

test('a message under a parent that is not there goes under the one before it, and a head without one is no head', async (t) => {
  const store = testStore(t);
  const path = write(
    store,
    jsonl(
      message,
      { ...message, id: 'n', parentId: 'nowhere' },
      { type: 'head', id: 'h', at, messageId: 'nowhere', pointer: null },
    ),
  );
  const { warnings } = await store.serializer.importFile(path, {});
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['LOG_DAMAGED'],
  );
  assert.equal(store.fold(id).head.messageId, 'n');
  assert.equal((store.records(id).find((record) => record.id === 'n') as { parentId?: string }).parentId, 'm');
});

test('two records under one id are both kept', async (t) => {
  const { store } = await takenIn(t, message, { ...message, parts: [{ type: 'text', text: 'another' }] });
  const messages = store.records(id).filter(({ type }) => type === 'message');
  assert.equal(messages.length, 2);
  assert.notEqual(messages[0]!.id, messages[1]!.id);
});

test('a blob that is not what it is said to be is not taken for it', async (t) => {
  const store = testStore(t);
  const hash = createHash('sha256').update('right').digest('hex');
  const end = {
    type: 'tool-end',
    id: 'e',
    at,
    callId: 'c',
    status: 'ok',
    blob: { hash, bytes: 5 },
    head: 'r',
    tail: '',
  };
  for (const pieces of [
    [{ offset: 0, text: 'wrong' }],
    [{ offset: 0, text: 'rig' }],
    [{ offset: 1, text: 'ight' }],
    [{ offset: 0, text: 'far too long' }],
  ]) {
    const lines = pieces.map((piece) => ({ type: 'blob', hash, bytes: 5, ...piece }));
    const result = await store.serializer.importFile(write(store, jsonl(message, ...lines, end)), {});
    assert.ok(!store.store.blobs(id).has({ hash, bytes: 5 }), JSON.stringify(pieces));
    assert.ok(result.warnings.length + result.imported[0]!.quarantined > 0, JSON.stringify(pieces));
  }
  await store.serializer.importFile(
    write(store, jsonl(message, { type: 'blob', hash, bytes: 5, offset: 0, base64: 'cmlnaHQ=' }, end)),
    {},
  );
  assert.equal(store.store.blobs(id).read({ hash, bytes: 5 }).toString(), 'right');
});

test('records cut short give what they hold, and a warning', async (t) => {
  const here = testStore(t);
  const sample = await writeSample(here);
  const text = await here.serializer.exportSession(sample, 'jsonl');
  for (const [content, what] of [
    [text.slice(0, -5000), 'plain'],
    [gzipSync(text).subarray(0, -500), 'packed'],
  ] as const) {
    const there = testStore(t);
    const { imported, warnings } = await there.serializer.importFile(write(there, content), {});
    assert.ok(imported[0]!.messages > 10, what);
    assert.ok(
      warnings.some(({ code }) => code === 'LOG_DAMAGED'),
      what,
    );
  }
});

test('integers of any size keep their digits through every format', async (t) => {
  const { store } = await takenIn(t, message);
  const path = write(
    store,
    jsonl({ ...message, raw: 0 })
      .replace('"raw":0', '"raw":[123456789012345678901234567890,-0,1e400]')
      .replace(id, id.replace('0123', '9999')),
  );
  const { imported } = await store.serializer.importFile(path, {});
  for (const format of ['json', 'jsonl'] as const) {
    assert.match(await store.serializer.exportSession(imported[0]!.id, format), /123456789012345678901234567890/);
  }
});

test('a link that the user names is followed to the file it points to', async (t) => {
  const store = testStore(t);
  const sample = await writeSample(store);
  const link = join(store.folder, 'link');
  symlinkSync(store.layout.logPath(sample), link);
  assert.equal((await store.serializer.importFile(link, {})).imported[0]!.id, sample);
});

test('standard input is spooled where only this user reads it, imported, and removed', async (t) => {
  const content = jsonl(message);
  const store = testStore(t, {
    input: (async function* () {
      yield Buffer.from(content.slice(0, 10));
      yield Buffer.from(content.slice(10));
    })(),
  });
  const { imported } = await store.serializer.importFile('-', {});
  assert.equal(imported[0]!.id, id);
  assert.deepEqual(readdirSync(store.folder), ['.roo']);
  assert.ok(!existsSync(join(store.folder, 'roo-import-')));
});

test('JSON of every odd kind is data, or set aside by itself', async (t) => {
  const store = testStore(t);
  const odd = (fields: string): string => `{"type":"custom","at":"${at}","kind":"k",${fields}}\n`;
  const lines = [
    odd('"id":"twice","value":1,"value":2'),
    odd('"id":"large","value":1e999'),
    odd('"id":"half","value":"\\ud800"'),
    odd('"id":"proto","value":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    odd('"id":"nan","value":NaN'),
    odd('"id":"hex","value":0x10'),
    odd('"id":"trailing","value":[1,]'),
    odd('"id":"piece","type":"blob","hash":"x"'),
  ];
  const content = jsonl(message).replace(
    '{"format":"roo-session-end"}',
    () => `${lines.join('')}{"format":"roo-session-end"}`,
  );
  const { imported } = await store.serializer.importFile(write(store, `\ufeff${content}`), {});
  assert.equal(imported[0]!.quarantined, 4);
  const exported = await store.serializer.exportSession(id, 'jsonl');
  for (const value of ['"value":2', '"value":1e999', '"value":"\\ud800"', '"__proto__":{"polluted":1}']) {
    assert.ok(exported.includes(value), value);
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
