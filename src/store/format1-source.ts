// What lists and searches ask of a document of format 1 that nobody opened yet: the same as of a log, read from the
// document each time it has changed. It stays as it is; opening the session is what brings it over.

import { statSync } from 'node:fs';
import { isoTime } from '../core/clock.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord, emptyFold } from '../core/fold.ts';
import type { LogRecord, NewRecord, Pointer, SessionRecord } from '../core/record.ts';
import { isThere } from './durable-files.ts';
import type { Format1Document } from './format1-file.ts';
import { format1Header, isFormat1, readFormat1 } from './format1-file.ts';
import type { BlobTarget } from './format1-long-texts.ts';
import type { StoreLayout } from './store-layout.ts';

/** All texts of a document are told at one place: there is no way into its middle. */
export const DOCUMENT_PLACE: Pointer = { part: 1, offset: 0, seq: 0 };

const NOWHERE: BlobTarget = {
  writer: () => ({
    write: () => undefined,
    finish: () => ({ hash: '0'.repeat(64), bytes: 0 }),
    abandon: () => undefined,
  }),
  read: () => Buffer.alloc(0),
};

/** True for a session whose file is a document of format 1: to be asked when it is no log. */
export function isOldDocument(layout: StoreLayout, id: string): boolean {
  const path = layout.logPath(id);
  return isThere(path) && isFormat1(path);
}

/** First record of the log that a document becomes. `ids` are of no consequence where it is not written. */
export function sessionOfDocument(
  path: string,
  id: string,
  document: Format1Document,
  ids: { record: string; generation: string },
): SessionRecord {
  return {
    type: 'session',
    id: ids.record,
    at: document.createdAt ?? isoTime(Math.floor(statSync(path).mtimeMs)),
    format: 2,
    sessionId: id,
    generation: ids.generation,
    part: 1,
    family: id,
    project: document.project,
    origin: document.origin ?? { kind: 'human', agent: 'roo' },
  };
}

/** The state after all of a document. Throws what reading it throws, CHECKSUM_MISMATCH among it. */
export function foldOfDocument(path: string, id: string): Fold {
  const { session, records } = documentRecords(path, id);
  const fold = emptyFold(session);
  for (const record of records) applyRecord(fold, record, DOCUMENT_PLACE);
  return fold;
}

/** The records a document would become, long outputs left out. */
export function documentRecords(path: string, id: string): { session: SessionRecord; records: Iterable<LogRecord> } {
  const document = format1Header(path);
  const session = sessionOfDocument(path, id, document, { record: '', generation: '' });
  return { session, records: asInLog(readFormat1(path, document, NOWHERE), session.at) };
}

function* asInLog(records: Iterable<NewRecord>, firstAt: string): Generator<LogRecord> {
  let count = 0;
  for (const record of timed(records, firstAt)) yield { id: `${++count}`, ...record } as LogRecord;
}

/** A record without a time has that of the one before it: being read or brought over is no activity of the session. */
export function* timed(records: Iterable<NewRecord>, firstAt: string): Generator<NewRecord & { at: string }> {
  let at = firstAt;
  for (const record of records) {
    at = record.at ?? at;
    yield { ...record, at };
  }
}
