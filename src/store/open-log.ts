// Opening a session for reading wherever it is: as a log, as a format 1 file that is brought over first, or, for the
// past of a fork, in trash.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import { isFormat1 } from './format1-file.ts';
import { migrateFormat1 } from './format1-migrate.ts';
import { LogReader } from './log-reader.ts';
import type { StoreLayout } from './store-layout.ts';
import { trashedLayout } from './trash.ts';

/** The reader of a session in the store; a format 1 file becomes a log, its original is kept. The caller closes. */
export function openLog(layout: StoreLayout, id: string, clock: Clock): LogReader {
  try {
    return LogReader.open(layout, id);
  } catch (error) {
    const isOther = error instanceof SessionError && error.code === 'LOG_UNREADABLE';
    if (!isOther || !isFormat1(layout.logPath(id))) throw error;
  }
  migrateFormat1(layout, id, clock);
  return LogReader.open(layout, id);
}

/** The log that a fork's past is in. Throws BASE_MISSING when it is neither in the store nor in trash. */
export function openPast(layout: StoreLayout, id: string, clock: Clock): LogReader {
  if (existsSync(layout.logPath(id))) return openLog(layout, id, clock);
  const trashed = trashedLayout(layout, id);
  if (existsSync(trashed.logPath(id))) return LogReader.open(trashed, id);
  throw new SessionError('BASE_MISSING', `the session ${id}, which holds the past of this fork, is not there`, {
    op: 'open',
    path: layout.logPath(id),
    hint: `bring it back: copy session-${id}.json.gz into ${join(layout.sessionsDir, '')}`,
  });
}
