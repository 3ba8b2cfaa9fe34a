// What goes out comes back: each format into an empty store, and out again.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseDocument } from 'yaml';
import type { LogRecord } from '../../../src/core/record.ts';
import { parseJson, stringifyJson } from '../../../src/core/json.ts';
import { putIntoInbox } from '../../../src/store/inbox.ts';
import { planFork } from '../../../src/store/session-fork.ts';
import { assertSameText, LARGE_OUTPUT, LARGE_TEXT, textOf, writeSample } from './sample-session.ts';
import { testStore } from './serializer-store.ts';
import type { TestStore } from './serializer-store.ts';

interface Message {
  id: string;
  content: string;
  parts?: { type: string; output?: string; text?: string; raw?: unknown; status?: string }[];
  raw?: unknown;
}
interface Document {
  session: { metadata: Record<string, unknown>; history: { messages: Message[]; [other: string]: unknown } };
  checksum: string;
}

function records(store: TestStore, id: string): LogRecord[] {
  return store.records(id).flatMap((record) => {
    if (['session', 'epoch', 'snapshot', 'close'].includes(record.type)) return [];
    return [{ ...record, ...('pointer' in record && { pointer: null }) } as LogRecord];
  });
}

/** Without what is counted over all branches and records: such a document has only those of the active branch. */
function withoutTotals(text: string): string {
  return withoutAccess(text)
    .replace(/"duration":\d+/, '')
    .replace(/"commandCount":\d+/, '');
}

/** Without what says when somebody looked. */
function withoutAccess(text: string): string {
  return text.replace(/("lastAccessedAt":")[^"]*/, '$1').replace(/"checksum":"\w+"/, '');
}

test('a JSON Lines export gives the same records in another store, all branches, and the same export', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const text = await textOf(here.serializer.exportStream(id, 'jsonl'));
  const there = testStore(t);
  const path = join(there.folder, 'export.jsonl');
  writeFileSync(path, text);
  const { imported, warnings } = await there.serializer.importFile(path, {});
  assert.deepEqual(warnings, []);
  assert.equal(imported[0]!.id, id);
  assert.equal(imported[0]!.status, 'new');
  assert.equal(imported[0]!.name, 'A sample');
  assert.deepEqual(records(there, id), records(here, id));
  assertSameText(await textOf(there.serializer.exportStream(id, 'jsonl')), text);
  assert.equal(there.fold(id).head.messageId, here.fold(id).head.messageId);
});

test('every line of a JSON Lines export is one JSON object, and the first names the format', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const lines = (await textOf(here.serializer.exportStream(id, 'jsonl'))).trimEnd().split('\n');
  const values = lines.map((line) => parseJson(line) as Record<string, unknown>);
  assert.deepEqual(values[0], { format: 'roo-session', version: 1, sessionId: id });
  assert.equal(values[1]!['type'], 'session');
  assert.deepEqual(values.at(-1), {
    format: 'roo-session-end',
    records: values.filter((value) => value['type'] !== undefined && value['type'] !== 'blob').length,
  });
  const blob = values.filter((value) => value['type'] === 'blob');
  assertSameText(blob.map((value) => value['text']).join(''), LARGE_OUTPUT);
  assert.ok(lines.every((line) => line.length < 1_000_000));
});

test("a JSON export is the story's SessionFile, with all messages of the branch and their results", async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const text = await here.serializer.exportSession(id, 'json');
  const document = JSON.parse(text) as Document & Record<string, unknown>;
  assert.deepEqual(Object.keys(document), ['version', 'session', 'checksum', 'compressed']);
  assert.deepEqual([document['version'], document['compressed']], ['1.0', false]);
  const bytes = text.slice(text.indexOf('"session":') + 10, text.lastIndexOf(',"checksum"'));
  assert.equal(document.checksum, createHash('sha256').update(bytes).digest('hex'));
  const { messages } = document.session.history;
  assert.equal(messages.length, here.fold(id).counts.messages - 1, 'all but the branch that was left');
  assert.ok(!messages.some((message) => message.id === 'side'));
  const parts = messages[1]!.parts!;
  assert.deepEqual(
    parts.map((part) => part.type),
    ['thinking', 'text', 'tool-call', 'tool-result', 'tool-call', 'tool-result', 'tool-call', 'tool-result'],
  );
  assert.ok(parts[3]!.output === LARGE_OUTPUT);
  assert.equal(parts[5]!.output, 'half \ud800 of it');
  assert.deepEqual(parts[5]!.raw, { note: LARGE_TEXT });
  assert.equal(parts[7]!.status, 'interrupted');
  assert.ok(messages[2]!.content === LARGE_TEXT);
  assert.match(text, /"raw":\{"id":12345678901234567890,/);
});

for (const [format, pack] of [
  ['json', (text: string) => text],
  ['json', (text: string) => gzipSync(text)],
  ['yaml', (text: string) => text],
] as const) {
  test(`a ${format} export comes back with the same messages and metadata`, async (t) => {
    const here = testStore(t);
    const id = await writeSample(here);
    const first = await textOf(here.serializer.exportStream(id, 'json'));
    const there = testStore(t);
    const path = join(there.folder, 'export');
    writeFileSync(path, pack(await textOf(here.serializer.exportStream(id, format))));
    const { imported, warnings } = await there.serializer.importFile(path, {});
    assert.deepEqual(warnings, []);
    assert.equal(imported[0]!.id, id);
    const second = await textOf(there.serializer.exportStream(id, 'json'));
    assertSameText(withoutTotals(second), withoutTotals(first));
    const again = await there.serializer.importFile(path, {});
    assert.equal(again.imported[0]!.status, 'unchanged');
  });
}

function at(minute: number): string {
  return new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString();
}

test('a session without branches comes back from JSON with its statistics too', async (t) => {
  const here = testStore(t);
  const session = here.newSession();
  const writer = here.store.createWriter(session);
  await writer.append([
    { type: 'message', at: at(1), role: 'user', parts: [{ type: 'text', text: 'go' }] },
    {
      type: 'message',
      at: at(3),
      role: 'assistant',
      parts: [{ type: 'tool-call', callId: 'c', name: 'bash', input: 'ls' }],
      usage: { inputTokens: 3 },
    },
    { type: 'tool-end', at: at(4), callId: 'c', status: 'ok', output: 'a.ts' },
    { type: 'message', at: at(30), role: 'user', parts: [{ type: 'text', text: 'thanks' }] },
    { type: 'meta', at: at(31), status: 'completed' },
  ]);
  await writer.close();
  const first = await here.serializer.exportSession(session.sessionId, 'json');
  const there = testStore(t);
  const path = join(there.folder, 'export.json');
  writeFileSync(path, first);
  await there.serializer.importFile(path, {});
  assertSameText(withoutAccess(await there.serializer.exportSession(session.sessionId, 'json')), withoutAccess(first));
  assert.match(first, /"duration":300000,"commandCount":2,/);
});

test('a YAML export says the same as a JSON export', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const json = parseJson(await textOf(here.serializer.exportStream(id, 'json'))) as Document;
  const yaml = parseDocument(await textOf(here.serializer.exportStream(id, 'yaml')), { intAsBigInt: true });
  assert.deepEqual(yaml.errors, []);
  const plain = JSON.stringify(yaml.toJS(), (_key, value: unknown) =>
    typeof value === 'bigint' ? parseJson(String(value)) : value,
  );
  assertSameText(plain, stringifyJson(json.session));
});

test('a log that was copied with its blobs is imported record by record, and so is what gunzip prints of it', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const log = here.layout.logPath(id);
  const there = testStore(t);
  const { imported, warnings } = await there.serializer.importFile(log, {});
  assert.deepEqual(warnings, []);
  assert.equal(imported[0]!.status, 'new');
  assert.deepEqual(records(there, id), records(here, id));

  const elsewhere = testStore(t);
  const path = join(elsewhere.folder, 'printed.jsonl');
  writeFileSync(path, execFileSync('gunzip', ['-c', log], { maxBuffer: 100_000_000 }));
  const printed = await elsewhere.serializer.importFile(path, {});
  assert.equal(printed.imported[0]!.messages, imported[0]!.messages);
  assert.equal(printed.imported[0]!.quarantined, 1, 'only the record that was quarantined before');
});

test('a log without its blobs is imported with what its lines hold, and a warning for each part that is not there', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const there = testStore(t);
  const path = join(there.folder, 'some copy');
  copyFileSync(here.layout.logPath(id), path);
  const { imported, warnings } = await there.serializer.importFile(path, {});
  assert.equal(imported[0]!.messages, here.fold(id).counts.messages);
  assert.deepEqual([...new Set(warnings.map((warning) => warning.code))], ['BLOB_MISSING']);
  assert.equal(warnings.length, 3, 'an output, a message and a result that were kept in blobs');
});

test('a fork takes its past along', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const reader = here.store.openReader(id);
  const { session, records: start } = planFork(reader, 'second', 'A fork', here.store.clock, here.store.openBase);
  reader.close();
  const writer = here.store.createWriter(session);
  await writer.append([...start, { type: 'message', role: 'user', parts: [{ type: 'text', text: 'other way' }] }]);
  await writer.close();
  const fork = session.sessionId;
  for (const format of ['json', 'jsonl'] as const) {
    const there = testStore(t);
    const path = join(there.folder, 'export');
    writeFileSync(path, await textOf(here.serializer.exportStream(fork, format)));
    const { imported, warnings } = await there.serializer.importFile(path, {});
    assert.deepEqual(warnings, []);
    assert.equal(imported[0]!.id, fork);
    const document = JSON.parse(await there.serializer.exportSession(fork, 'json')) as Document;
    assert.deepEqual(
      document.session.history.messages.map(({ content }) => content),
      ['Look at `this`.', 'Looking.', 'other way'],
    );
    assert.ok(document.session.history.messages[1]!.parts![3]!.output === LARGE_OUTPUT);
  }
});

test('a change that waits for the holder of a session is in its exports', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  putIntoInbox(here.layout, id, [{ type: 'meta', name: 'Renamed meanwhile' }], here.store.clock);
  const json = JSON.parse(await here.serializer.exportSession(id, 'json')) as { session: { name: string } };
  assert.equal(json.session.name, 'Renamed meanwhile');
  assert.match(await here.serializer.exportSession(id, 'jsonl'), /"name":"Renamed meanwhile"/);
});

test('a damaged log is exported around the damage, which the document tells and the import keeps', async (t) => {
  const here = testStore(t);
  const id = await writeSample(here);
  const path = here.layout.logPath(id);
  const bytes = readFileSync(path);
  const half = Math.floor(bytes.length / 2);
  bytes.fill(0, half, half + 20);
  writeFileSync(path, bytes);
  const stream = here.serializer.exportStream(id, 'jsonl');
  const there = testStore(t);
  const copy = join(there.folder, 'export.jsonl');
  writeFileSync(copy, await textOf(stream));
  assert.ok(stream.warnings.some((warning) => warning.code === 'LOG_DAMAGED'));
  const { imported } = await there.serializer.importFile(copy, {});
  assert.equal(imported[0]!.quarantined, 2);
  const again = await there.serializer.importFile(copy, {});
  assert.equal(again.imported[0]!.status, 'unchanged');
});
