// The store of a child process: real lock, ids of its own.

import type { SessionRecord } from '../../../src/core/record.ts';
import { logExists, LogWriter } from '../../../src/store/log-writer.ts';
import type { WriterOptions } from '../../../src/store/log-writer.ts';
import { inUseError, tryLock } from '../../../src/store/session-lock.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';
import { testClock } from '../clock.ts';
import { newSession } from '../temp-store.ts';

/** Opens the session's log, or begins it; says its error code and ends where it cannot. */
export function openOrCreate(home: string, id: string, number: number, partBytesMax: number): LogWriter {
  const layout = storeLayout(home);
  const clock = testClock(number);
  const lock = tryLock(layout, id, new Date().toISOString());
  if (!lock) throw inUseError(layout, id);
  const options: WriterOptions = {
    clock,
    writer: { pid: process.pid, host: 'child', version: '0.0.0' },
    level: 6,
    partBytesMax,
  };
  if (logExists(layout, id)) return LogWriter.open(layout, id, options, lock);
  const session: SessionRecord = newSession({ clock }, { sessionId: id });
  return LogWriter.create(layout, session, options, lock);
}
