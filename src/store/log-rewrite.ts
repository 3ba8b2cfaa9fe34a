// Writes a log anew: smaller frames become full ones, parts become one file, damage is left behind. The new file gets a
// new generation, is synced and counted before it takes the old one's place, and the old one is whole until then.

import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { systemError } from '../core/errors.ts';
import type { SessionRecord } from '../core/record.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import { removeAnchor, writeAnchor } from './anchor.ts';
import type { BlobStore } from './blob-store.ts';
import { syncDirectory } from './durable-files.ts';
import { FLAG } from './frame.ts';
import { besidePath, buildLog, takePlace } from './log-build.ts';
import { LogReader } from './log-reader.ts';
import { assertWritable } from './log-warnings.ts';
import type { AnewOptions } from './log-records-anew.ts';
import { recordsAnew } from './log-records-anew.ts';
import type { StoreLayout } from './store-layout.ts';

export interface Rewritten {
  records: number;
  bytesBefore: number;
  bytesAfter: number;
  generation: string;
}

export interface RewriteOptions extends AnewOptions {
  clock: Clock;
  level: number;
  /** Where the large parts are that the new log names; the session's own when absent. */
  blobs?: BlobStore;
  /** What the new log is sealed with: null makes it one that anybody can read; as it was when absent. */
  cipher?: SessionCipher | null;
  /** Changes of the first record. `base: undefined` makes a fork stand alone. */
  session?: { [Key in keyof SessionRecord]?: SessionRecord[Key] | undefined };
}

/** Rewrites a session's log in place. The caller holds its lock; forks of it find their place again by message id. */
export function rewriteLog(layout: StoreLayout, id: string, options: RewriteOptions): Rewritten {
  const path = layout.logPath(id);
  // Before it is read: that counts as an access for some file systems.
  const accessedAtMs = statSync(path, { throwIfNoEntry: false })?.atimeMs ?? options.clock.now();
  const reader = LogReader.open(layout, id);
  const beside = besidePath(path);
  try {
    assertWritable(reader);
    const { clock, level, cipher = reader.cipher } = options;
    const { records, targets } = recordsAnew(reader, options);
    const rewrites = cipher ? (reader.session.rewrites ?? 0) + 1 : undefined;
    const changed = { ...reader.session, ...options.session, generation: clock.sessionId(), part: 1, rewrites };
    const session = Object.fromEntries(
      Object.entries(changed).filter(([, value]) => value !== undefined),
    ) as unknown as SessionRecord;
    const epoch = Math.max(1, reader.fold().epoch);
    const { blobs = reader.blobs } = options;
    const written = buildLog(layout, beside, { session, epoch, records, targets, blobs, cipher, clock, level });
    takePlace(beside, path, accessedAtMs);
    if (cipher) writeAnchor(layout, id, cipher, written.anchor);
    else removeAnchor(layout, id);
    for (let part = 2; part <= reader.parts; part++) rmSync(layout.logPath(id, part), { force: true });
    if (reader.parts > 1) syncDirectory(dirname(path));
    return { ...written, generation: session.generation, bytesBefore: reader.sizeBytes };
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'rewrite', path);
  } finally {
    reader.close();
  }
}

/** True for a log that was written whole and not changed since: writing it again would not make it smaller. */
export function isPacked(reader: LogReader): boolean {
  const first = reader.file(1).frameAt(0);
  // A live writer says in its first frame that its epoch begins; a log that is written whole has none.
  return (
    reader.parts === 1 &&
    first !== null &&
    !(first.flags & FLAG.epoch) &&
    first.epoch === reader.lastFrame()?.frame.epoch
  );
}
