// Reading a session in a test: a sink that keeps what it gets, and questions to it.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringifyJson } from '../../src/core/json.ts';
import { messageText } from '../../src/core/message-text.ts';
import type { ToolStatus } from '../../src/core/record.ts';
import type {
  Adapter,
  ForeignHeader,
  ForeignRecord,
  ForeignSession,
  Sink,
  UnreadableEntry,
} from '../../src/adapters/adapter.ts';

export interface ExpectedCall {
  name: string;
  /** The whole text of the arguments. */
  input?: string;
  /** `none`: the call never came back. */
  status: ToolStatus | 'none';
  exitCode?: number;
}
/** A sink that keeps what it gets. */
export class Collected implements Sink {
  readonly headers: ForeignHeader[] = [];
  readonly records: ForeignRecord[] = [];
  readonly unreadables: UnreadableEntry[] = [];
  header(header: ForeignHeader): void {
    this.headers.push(header);
  }
  record(record: ForeignRecord): void {
    this.records.push(record);
  }
  unreadable(entry: UnreadableEntry): void {
    this.unreadables.push(entry);
  }
}

export function fixtureHome(name: string): string {
  return path.join(import.meta.dirname, '..', 'fixtures', 'agents', name);
}

export async function collect(adapter: Adapter, paths: readonly string[]): Promise<Collected> {
  const collected = new Collected();
  await adapter.read(paths, collected);
  return collected;
}

/** Reads a session made up of these entries, one a line; a text is a line as it is. */
export async function collectEntries(
  adapter: Adapter,
  entries: readonly unknown[],
  name = 'session.jsonl',
): Promise<Collected> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roo-adapter-'));
  try {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      entries.map((entry) => `${typeof entry === 'string' ? entry : stringifyJson(entry)}\n`).join(''),
    );
    return await collect(adapter, [file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The records of one type. */
export function recordsOf<T extends ForeignRecord['type']>(
  got: Collected,
  type: T,
): Extract<ForeignRecord, { type: T }>[] {
  return got.records.filter((record): record is Extract<ForeignRecord, { type: T }> => record.type === type);
}

/** Role and words of the messages on the active branch. */
export function spoken(got: Collected): [string, string][] {
  return activePath(got).map((message) => [message.role, messageText(message)]);
}

export async function listed(adapter: Adapter, home: string): Promise<ForeignSession[]> {
  const sessions: ForeignSession[] = [];
  for await (const session of adapter.list(home, {})) sessions.push(session);
  return sessions.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function promptsOf({ records }: Collected): string[] {
  return records.flatMap((record) =>
    record.type === 'message' && record.role === 'user' ? [messageText(record)] : [],
  );
}

export function callsOf({ records }: Collected): (ExpectedCall & { input: string })[] {
  const ends = new Map(
    records.flatMap((record) => (record.type === 'tool-end' ? [[record.callId, record] as const] : [])),
  );
  return records.flatMap((record) => {
    if (record.type !== 'message') return [];
    return record.parts.flatMap((part) => {
      if (part.type !== 'tool-call') return [];
      const end = ends.get(part.callId);
      const exitCode = end?.exitCode === undefined ? {} : { exitCode: end.exitCode };
      return [{ name: part.name, input: part.input, status: end?.status ?? ('none' as const), ...exitCode }];
    });
  });
}

/** The messages from the root to the active leaf. */
export function activePath({ records }: Collected): Extract<ForeignRecord, { type: 'message' }>[] {
  const messages = new Map(
    records.flatMap((record) => (record.type === 'message' ? [[record.id, record] as const] : [])),
  );
  const head = records.findLast((record): record is Extract<ForeignRecord, { type: 'head' }> => record.type === 'head');
  const found: Extract<ForeignRecord, { type: 'message' }>[] = [];
  for (let id: string | null = head?.messageId ?? null; id !== null;) {
    const message = messages.get(id);
    assert.ok(message, `the active branch names ${id}, which is there`);
    found.unshift(message);
    id = message.parentId ?? null;
  }
  return found;
}

/** Parents before children, an end after its call and before the answer to it, ids once. */
export function inLogOrder({ records, headers }: Collected): void {
  assert.ok(headers.length > 0, 'the session has an id');
  const ids = new Set<string>();
  const messages = new Set<string>();
  /** Call → message that holds it; gone once it has an end. */
  const open = new Map<string, string>();
  /** Messages that have an answer. */
  const answered = new Set<string>();
  for (const record of records) {
    assert.ok(!ids.has(record.id), `the id ${record.id} is given once`);
    ids.add(record.id);
    if (record.type === 'message') {
      const { parentId } = record;
      assert.ok(parentId !== undefined, 'an adapter always says where a message hangs');
      assert.ok(parentId === null || messages.has(parentId), `the parent of ${record.id} comes before it`);
      messages.add(record.id);
      if (parentId !== null) answered.add(parentId);
      for (const part of record.parts) if (part.type === 'tool-call') open.set(part.callId, record.id);
    }
    if (record.type === 'tool-end') {
      assert.ok(!answered.has(open.get(record.callId) ?? ''), `${record.callId} ends before the answer to it`);
      assert.ok(open.delete(record.callId), `${record.callId} ends once, after its call`);
    }
    if (record.type === 'compaction') assert.ok(messages.has(record.messageId));
    if (record.type === 'head') assert.ok(record.messageId === null || messages.has(record.messageId));
  }
  if (messages.size > 0) assert.equal(records.at(-1)?.type, 'head', 'the active branch is named at the end');
}
