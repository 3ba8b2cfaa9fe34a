// Changes to a session that another process is writing: each is a file of its own beside the log, durable before it is
// acknowledged. Readers see it at once; the holder, or the next writer, takes it into the log and removes it.

import { readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import type { Warning } from '../core/errors.ts';
import { SessionError, systemError, warningOf } from '../core/errors.ts';
import type { LogRecord, NewRecord } from '../core/record.ts';
import { parseJson } from '../core/json.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import { assertRecord, encodeLine } from './frame-lines.ts';
import { ensureDirectory, syncDirectory, writeNewFile } from './durable-files.ts';
import { lockedError } from './log-warnings.ts';
import { assertRealFolder, readSafely, SMALL_BYTES_MAX } from './safe-file.ts';
import type { StoreLayout } from './store-layout.ts';

/** Types that stand for themselves wherever they land; messages need a place in the tree and cannot wait here. */
const ALLOWED: ReadonlySet<string> = new Set(['meta', 'config', 'state', 'checkpoint', 'custom', 'tool-state']);

/**
 * A writer remembers the last 256 records that it took in (the fold's `applied`). It takes in fewer at a time, so that
 * after a crash between taking in and removing none is taken in twice.
 */
const ENTRY_RECORDS_MAX = 64;
const BATCH_RECORDS_MAX = 128;
/** The folder goes whenever the holder has taken the last entry; it is made again this often. */
const ATTEMPTS_MAX = 10;

export interface InboxEntry {
  name: string;
  records: LogRecord[];
}

export interface Inbox {
  /** Oldest first. */
  entries: InboxEntry[];
  warnings: Warning[];
}

/**
 * Stores records for the session's writer; durable when it returns. `cipher` of an encrypted session. Throws
 * SESSION_IN_USE for types that cannot wait.
 */
export function putIntoInbox(
  layout: StoreLayout,
  id: string,
  records: readonly NewRecord[],
  clock: Clock,
  cipher: SessionCipher | null = null,
): LogRecord[] {
  const refused = records.find((record) => !ALLOWED.has(record.type));
  if (refused) {
    throw new SessionError(
      'SESSION_IN_USE',
      `a ${refused.type} record can only be written by the process that holds session ${id}`,
      {
        op: 'append',
        path: layout.logPath(id),
      },
    );
  }
  const files: { name: string; entry: LogRecord[]; bytes: Buffer }[] = [];
  for (let start = 0; start < records.length; start += ENTRY_RECORDS_MAX) {
    const name = nextName(clock);
    const entry = records.slice(start, start + ENTRY_RECORDS_MAX).map(({ type, id: recordId, at, ...fields }) =>
      assertRecord({
        type,
        id: recordId ?? clock.recordId(),
        at: at ?? isoTime(clock.now()),
        ...fields,
        inbox: name,
      }),
    );
    const bytes = entryBytes(name, entry, cipher);
    if (bytes.length > SMALL_BYTES_MAX) throw tooLarge(layout, id, bytes.length);
    files.push({ name, entry, bytes });
  }
  // All of them are known to be valid before the first one is written.
  for (const { name, bytes } of files) putEntry(layout, id, name, bytes);
  return files.flatMap(({ entry }) => entry);
}

/** An entry as it stands in its file; sealed to its name where the session is encrypted. */
export function entryBytes(name: string, records: readonly LogRecord[], cipher: SessionCipher | null): Buffer {
  const lines = Buffer.concat(records.map(encodeLine));
  return cipher ? Buffer.from(cipher.sealText('inbox', name, lines.toString('utf8'))) : lines;
}

let lastMs = 0;
let count = 0;

/** Sorts behind every name that this process gave before, also within a millisecond and when the clock went back. */
function nextName(clock: Clock): string {
  lastMs = Math.max(lastMs, clock.now());
  return `${String(lastMs).padStart(15, '0')}-${String(++count).padStart(9, '0')}-${clock.recordId()}.json`;
}

function putEntry(layout: StoreLayout, id: string, name: string, bytes: Buffer): void {
  const directory = layout.inboxDir(id);
  const beside = join(directory, `${name}.tmp`);
  for (let attempt = 1, isPut = false; !isPut; attempt++) {
    try {
      ensureDirectory(directory);
      assertRealFolder(directory, 'write');
      writeNewFile(beside, bytes);
      renameSync(beside, join(directory, name));
      isPut = true;
    } catch (error) {
      rmSync(beside, { force: true });
      if (!isGone(error) || attempt === ATTEMPTS_MAX) throw systemError(error, 'write', directory);
    }
  }
  try {
    syncDirectory(directory);
  } catch (error) {
    // The holder took the entry already, and with it the folder: it is in the log.
    if (!isGone(error)) throw systemError(error, 'write', directory);
  }
  // Also where somebody else made the folder a moment ago and has not synced its name yet.
  syncDirectory(layout.sessionsDir);
}

function tooLarge(layout: StoreLayout, id: string, bytes: number): SessionError {
  return new SessionError('RECORD_TOO_LARGE', `${bytes} bytes are too many to wait for session ${id}`, {
    op: 'append',
    path: layout.logPath(id),
    hint: 'try again when no other process holds the session',
  });
}

function isGone(error: unknown): boolean {
  const cause = error instanceof SessionError ? error.cause : error;
  return (cause as NodeJS.ErrnoException).code === 'ENOENT';
}

/** What waits for a session. An entry that cannot be read is left alone and reported. */
export function readInbox(layout: StoreLayout, id: string): Inbox {
  const directory = layout.inboxDir(id);
  const entries: InboxEntry[] = [];
  const warnings: Warning[] = [];
  for (const name of inboxNames(directory)) {
    const path = join(directory, name);
    try {
      const bytes = readSafely(path);
      if (!bytes) continue; // The holder took it in between.
      const isSealed = layout.keys?.isSealed(id) ?? false;
      entries.push({ name, records: recordsIn(isSealed ? opened(layout, id, name, bytes) : bytes) });
    } catch (error) {
      if (!(error instanceof SessionError) && !(error instanceof SyntaxError)) throw error;
      if (error instanceof SessionError && (error.code === 'STORE_UNSAFE' || error.code === 'SESSION_ENCRYPTED')) {
        warnings.push(warningOf(error));
        continue;
      }
      const message = `a waiting change of session ${id} cannot be read: ${error.message}`;
      warnings.push({ code: 'LOG_DAMAGED', message, path, hint: 'the file is left where it is; nothing else is lost' });
    }
  }
  return { entries, warnings };
}

/** Throws for what was not left by somebody with the session's key, whatever it says. */
function opened(layout: StoreLayout, id: string, name: string, bytes: Buffer): Buffer {
  const cipher = layout.keys?.cipherOf(id);
  if (!cipher) throw lockedError(id, join(layout.inboxDir(id), name));
  const text = cipher.openText('inbox', name, bytes);
  if (text !== null) return Buffer.from(text);
  throw new SyntaxError('it was not written with the key of this session');
}

/** Entries are written whole, so one that does not end in a line end was cut afterwards. */
function recordsIn(bytes: Buffer): LogRecord[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '' || lines.length === 0) throw new SyntaxError('it was cut short');
  return lines.map((line) => assertRecord(parseJson(line)));
}

/** Entries in the order they came, so many at a time as may be taken in before the first of them is removed. */
export function* inboxBatches(entries: readonly InboxEntry[]): Generator<InboxEntry[]> {
  let batch: InboxEntry[] = [];
  let records = 0;
  for (const entry of entries) {
    if (batch.length > 0 && records + entry.records.length > BATCH_RECORDS_MAX) {
      yield batch;
      batch = [];
      records = 0;
    }
    batch.push(entry);
    records += entry.records.length;
  }
  if (batch.length > 0) yield batch;
}

/** Removes entries whose records are in the log; the folder goes with the last one. */
export function clearInbox(layout: StoreLayout, id: string, entries: readonly InboxEntry[]): void {
  if (entries.length === 0) return;
  const directory = layout.inboxDir(id);
  for (const { name } of entries) rmSync(join(directory, name), { force: true });
  try {
    rmdirSync(directory);
  } catch (error) {
    // Another change came in meanwhile, or somebody else removed the folder: both are fine.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'EEXIST') throw systemError(error, 'remove', directory);
  }
}

/** Names of finished entries in the order they were made. */
export function inboxNames(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
    // Only where something waits: most sessions have no inbox, and a list looks for one in each that changed.
    if (names.length > 0) assertRealFolder(directory, 'list');
    return names.toSorted();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') assertRealFolder(directory, 'list');
    throw systemError(error, 'list', directory);
  }
}
