// A format 1 file in the store becomes a log: written beside it, read back and counted, and only then put in its place.
// The original stays in the folder under another name.

import { renameSync, rmSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import type { NewRecord, SessionRecord } from '../core/record.ts';
import { BlobStore } from './blob-store.ts';
import { syncDirectory } from './durable-files.ts';
import { format1Header, readFormat1 } from './format1-file.ts';
import { randomName } from './hashing.ts';
import { buildLog } from './log-build.ts';
import { LogReader } from './log-reader.ts';
import { freePath } from './log-recover.ts';
import type { StoreLayout } from './store-layout.ts';

const LEVEL = 6;

/** Migrates one file. Throws what reading it throws; the file is then as it was. The caller holds the lock. */
export function migrateFormat1(
  layout: StoreLayout,
  id: string,
  clock: Clock,
): { messages: number; originalPath: string } {
  const path = layout.logPath(id);
  const document = format1Header(path);
  const createdAt = document.createdAt ?? isoTime(clock.now());
  const session: SessionRecord = {
    type: 'session',
    id: clock.recordId(),
    at: createdAt,
    format: 2,
    sessionId: id,
    generation: clock.sessionId(),
    part: 1,
    family: id,
    project: document.project,
    origin: document.origin ?? { kind: 'human', agent: 'roo' },
  };
  const blobs = new BlobStore(layout.blobDir(id));
  const beside = `${path}.${randomName()}.tmp`;
  try {
    const records = timed(readFormat1(path, document, blobs), createdAt);
    buildLog(layout, beside, { session, epoch: 1, records, targets: new Set(), blobs, clock, level: LEVEL });
    assertMessages(layout, beside, id, document.messages);
    const originalPath = freePath(path.replace(/\.json\.gz$/, '.format1'));
    renameSync(path, originalPath);
    renameSync(beside, path);
    syncDirectory(layout.sessionsDir);
    return { messages: document.messages, originalPath };
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'migrate', path);
  }
}

/** A record without a time has that of the one before it: the migration is no activity of the session. */
function* timed(records: Iterable<NewRecord>, firstAt: string): Generator<NewRecord> {
  let at = firstAt;
  for (const record of records) {
    at = record.at ?? at;
    yield { ...record, at };
  }
}

function assertMessages(layout: StoreLayout, path: string, id: string, expected: number): void {
  const reader = LogReader.open(
    { ...layout, logPath: (_id, part = 1) => (part === 1 ? path : `${path}.part${part}`) },
    id,
  );
  try {
    const found = reader.fold().counts.messages;
    if (found === expected) return;
    throw new SessionError('LOG_DAMAGED', `${found} of ${expected} messages arrived in the new log`, {
      op: 'migrate',
      path,
    });
  } finally {
    reader.close();
  }
}
