// A format 1 file in the store becomes a log: written beside it, read back and counted, and only then put in its place.
// The original stays in the folder under another name.

import { rmSync, statSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import { BlobStore } from './blob-store.ts';
import { format1Header, readFormat1 } from './format1-file.ts';
import { sessionOfDocument, timed } from './format1-source.ts';
import { keepOriginal } from './kept-original.ts';
import { besidePath, buildLog, takePlace } from './log-build.ts';
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
  const beside = besidePath(path);
  try {
    const accessedAtMs = statSync(path).atimeMs;
    const document = format1Header(path);
    const session = sessionOfDocument(path, id, document, { record: clock.recordId(), generation: clock.sessionId() });
    const blobs = new BlobStore(layout.blobDir(id));
    const records = timed(readFormat1(path, document, blobs), session.at);
    buildLog(layout, beside, {
      session,
      epoch: 1,
      records,
      targets: new Set(),
      blobs,
      cipher: null,
      clock,
      level: LEVEL,
    });
    assertMessages(layout, beside, id, document.messages);
    const originalPath = freePath(path.replace(/\.json\.gz$/, '.format1'));
    keepOriginal(path, originalPath);
    takePlace(beside, path, accessedAtMs);
    return { messages: document.messages, originalPath };
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'migrate', path);
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
