// One supervisor a session. As with a session's own lock, an exclusive transaction on a small SQLite file: the kernel
// gives it back when the holder is killed, and no file that was left behind has to be judged.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemError } from '../../core/errors.ts';

/** A look by `isSupervised` must not pass for a supervisor. */
const LOCK_TIMEOUT_MS = 500;
const SQLITE_BUSY = 5;

export interface SupervisorLock {
  release(): void;
}

/** Null when another supervisor, in this process or another one, is at work. */
export function trySupervise(folder: string, timeoutMs = LOCK_TIMEOUT_MS): SupervisorLock | null {
  const path = join(folder, 'supervisor.lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: timeoutMs });
    chmodSync(path, 0o600); // By name: opening it would cost the lock.
    // Nothing is ever written, so there is nothing to keep a journal of.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return null;
    throw systemError(Object.assign(error as Error, { code: 'EIO' }), 'lock', path);
  }
  const lock = database;
  return { release: () => lock.close() };
}

export function isSupervised(folder: string): boolean {
  const lock = trySupervise(folder, 0);
  lock?.release();
  return lock === null;
}
