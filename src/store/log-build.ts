// A whole log written at once, beside its place: packed into full frames, synced, and read back and counted. What makes
// it take its place is up to the caller, so that the old file is whole until then.

import { closeSync, fstatSync, fsyncSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { isoTime, timeMsOf } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import { emptyFold } from '../core/fold.ts';
import type { NewRecord, Pointer, SessionRecord } from '../core/record.ts';
import type { BlobStore } from './blob-store.ts';
import { syncDirectory, writeFully } from './durable-files.ts';
import { FLAG } from './frame.ts';
import { FrameComposer } from './frame-composer.ts';
import { CHAIN_START } from './log-chain.ts';
import { LogReader } from './log-reader.ts';
import type { StoreLayout } from './store-layout.ts';
import { createPrivate } from './private-file.ts';

/** Payload of a packed frame: large enough for gzip to see repetition, small enough to be read for one message. */
export const PACKED_FRAME_BYTES: number = 64 * 1024;
const WRITE_BYTES = 1024 * 1024;

export interface BuildOptions {
  session: SessionRecord;
  epoch: number;
  /** In their order; without `session` and `snapshot` records, which are made here. */
  records: Iterable<NewRecord>;
  /** Messages that later records go back to: their places are remembered. */
  targets: ReadonlySet<string>;
  blobs: BlobStore;
  clock: Clock;
  level: number;
}

export interface Built {
  /** All records but the first one and the snapshots. */
  records: number;
  bytesAfter: number;
}

/** Where the new log of a path is written. The caller holds the lock, so what is there was left by a crash. */
export function besidePath(path: string): string {
  const beside = `${path}.tmp`;
  rmSync(beside, { force: true });
  return beside;
}

/** Moves a log that was built in the place of the file before it, durably. Being rewritten is no access of a session. */
export function takePlace(beside: string, path: string, accessedAtMs: number): void {
  utimesSync(beside, accessedAtMs / 1000, statSync(beside).mtimeMs / 1000);
  renameSync(beside, path);
  syncDirectory(dirname(path));
}

/** Writes the log as a new file at `path`. Throws, and leaves the file to the caller, when it is not what was given. */
export function buildLog(layout: StoreLayout, path: string, options: BuildOptions): Built {
  const { session, blobs, clock, level, targets } = options;
  const places = new Map<string, Pointer>();
  if (session.base) places.set(session.base.messageId, session.base.at);
  // The records that say so may be lost.
  const fold = { ...emptyFold(session), epoch: options.epoch };
  const start = { fold, link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
  const find = (messageId: string): Pointer | null => places.get(messageId) ?? null;
  const composer = new FrameComposer(start, { clock, level, blobs, frameBytes: PACKED_FRAME_BYTES, find });
  const fd = createPrivate(path);
  let records = 0;
  try {
    composer.add([session]);
    for (const record of options.records) {
      // With the head records that a parent out of line asks for.
      records += composer.add([record]).length;
      if (record.type === 'message' && targets.has(record.id!)) places.set(record.id!, composer.placeOf(record.id!));
      if (composer.readyBytes >= WRITE_BYTES) writeFully(fd, composer.take());
    }
    composer.add([{ type: 'close', at: isoTime(timeMsOf(composer.fold.updatedAt)) }]);
    composer.flag(FLAG.close);
    composer.snapshot();
    writeFully(fd, composer.take());
    fsyncSync(fd);
    const built = { records: records + 1, bytesAfter: fstatSync(fd).size };
    assertCount(layout, session, path, built.records);
    return built;
  } finally {
    closeSync(fd);
  }
}

/** Reads the new file back: as many records as were written, every frame in order. */
function assertCount(layout: StoreLayout, session: SessionRecord, path: string, expected: number): void {
  const place = { ...layout, logPath: (_id: string, part = 1) => (part === 1 ? path : `${path}.part${part}`) };
  const reader = LogReader.open(place, session.sessionId);
  let found = 0;
  try {
    for (const item of reader.forwards()) {
      if ('damage' in item) break;
      found += reader.records(item).filter(({ type }) => type !== 'session' && type !== 'snapshot').length;
    }
    if (found === expected && reader.health === 'ok' && reader.session.generation === session.generation) return;
    const details = { op: 'write', path, hint: 'nothing was changed; check the disk and try again' };
    throw new SessionError('LOG_DAMAGED', `the new log holds ${found} of ${expected} records`, details);
  } finally {
    reader.close();
  }
}
