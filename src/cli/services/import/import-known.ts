// What a session here holds already, so that an import adds only what is missing. Only ids are kept.

import { isLooseObject } from '../../../core/loose-values.ts';
import type { CustomRecord, LogRecord } from '../../../core/record.ts';
import type { Fold } from '../../../core/fold.ts';
import type { LogReader } from '../../../store/log-reader.ts';
import type { OpenBase } from '../../../store/message-walk.ts';

/** Kind of the `custom` record that an import from another agent ends with. */
export const IMPORT_SOURCE = 'import-source';

/** Where an import came from: as long as size and time are the same, nothing is new there. */
export interface ImportSource {
  agent: string;
  sessionId: string;
  path: string;
  sizeBytes: number;
  mtimeMs: number;
  /** Message here that the other agent's session stood at. */
  head: string | null;
}

export interface KnownSession {
  fold: Fold;
  family: string;
  messages: ReadonlySet<string>;
  has(id: string): boolean;
  source: ImportSource | null;
}

/** Reads a whole log, and for a fork those of its past. */
export function knownSession(reader: LogReader, openBase: OpenBase): KnownSession {
  const messages = new Set<string>();
  const others = new Set<string>();
  let source: ImportSource | null = null;
  const take = (record: LogRecord): void => {
    (record.type === 'message' ? messages : others).add(record.id);
    source = sourceIn(record) ?? source;
  };
  takePast(reader, openBase, take, [reader.id]);
  takeRecords(reader, take);
  const has = (id: string): boolean => messages.has(id) || others.has(id);
  return { fold: reader.fold(), family: reader.session.family, messages, has, source };
}

/** `passed` are the sessions on the way there: a log from a stranger may name itself as its past. */
function takePast(
  reader: LogReader,
  openBase: OpenBase,
  take: (record: LogRecord) => void,
  passed: readonly string[],
): void {
  const { base } = reader.session;
  if (!base || passed.includes(base.sessionId)) return;
  const past = openBase(base.sessionId);
  try {
    takePast(past, openBase, take, [...passed, base.sessionId]);
    takeRecords(past, take);
  } finally {
    past.close();
  }
}

function takeRecords(reader: LogReader, take: (record: LogRecord) => void): void {
  for (const item of reader.forwards()) {
    if ('damage' in item) continue;
    for (const record of reader.records(item)) take(record);
  }
}

/** Frames looked at from the end: an import writes its source last, and few go on with an imported session here. */
const FRAMES_MAX = 32;

/** Where a session was last imported from, as far as the end of its log tells; null when it does not. */
export function lastImport(reader: LogReader): ImportSource | null {
  let frames = 0;
  for (const item of reader.backwards()) {
    if ('damage' in item) continue;
    for (const record of reader.records(item).toReversed()) {
      const source = sourceIn(record);
      if (source) return source;
    }
    if (++frames >= FRAMES_MAX) return null;
  }
  return null;
}

function sourceIn(record: LogRecord): ImportSource | null {
  if (record.type !== 'custom' || (record as CustomRecord).kind !== IMPORT_SOURCE) return null;
  const { value } = record as CustomRecord;
  return isLooseObject(value) ? (value as unknown as ImportSource) : null;
}
