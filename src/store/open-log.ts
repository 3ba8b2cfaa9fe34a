// Opening a session for reading wherever it is: as a log, as a format 1 file that is brought over first, or, for the
// past of a fork, in trash.

import type { Clock } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import { migrateFormat1 } from './format1-migrate.ts';
import { isOldDocument } from './format1-source.ts';
import { LogReader } from './log-reader.ts';
import { logExists } from './log-writer.ts';
import type { SessionLock } from './session-lock.ts';
import type { StoreLayout } from './store-layout.ts';
import { trashedLayout } from './trash.ts';

export interface OpenOptions {
  clock: Clock;
  /** Takes a session's lock, for bringing it over. Throws SESSION_IN_USE. */
  lock(id: string): SessionLock;
}

/** The reader of a session in the store; a format 1 file becomes a log, its original is kept. The caller closes. */
export function openLog(layout: StoreLayout, id: string, { clock, lock }: OpenOptions): LogReader {
  try {
    return LogReader.open(layout, id);
  } catch (error) {
    if (!isUnreadable(error) || !isOldDocument(layout, id)) throw error;
  }
  const held = lock(id);
  try {
    return openHeldLog(layout, id, clock);
  } finally {
    held.release();
  }
}

/** The same for a caller that holds the session's lock. */
export function openHeldLog(layout: StoreLayout, id: string, clock: Clock): LogReader {
  try {
    return LogReader.open(layout, id);
  } catch (error) {
    // Another process may have brought it over while this one waited for the lock.
    if (!isUnreadable(error) || !isOldDocument(layout, id)) throw error;
  }
  migrateFormat1(layout, id, clock);
  return LogReader.open(layout, id);
}

/** The log that a fork's past is in. Throws BASE_MISSING when it is neither in the store nor in trash. */
export function openPast(layout: StoreLayout, id: string, options: OpenOptions): LogReader {
  if (logExists(layout, id)) return openLog(layout, id, options);
  const trashed = trashedLayout(layout, id);
  if (logExists(trashed, id)) return LogReader.open(trashed, id);
  throw new SessionError('BASE_MISSING', `the session ${id}, which holds the past of this fork, is not there`, {
    op: 'open',
    path: layout.logPath(id),
    hint: `bring it back: copy session-${id}.json.gz into ${layout.sessionsDir}`,
  });
}

function isUnreadable(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'LOG_UNREADABLE';
}
