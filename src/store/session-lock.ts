// One writer a session. The lock is an exclusive transaction on a small SQLite file: the kernel gives it back at once
// when the holder dies, and keeps it while the holder sleeps. Nothing but node:sqlite may ever open that file, and it
// is never deleted while the session lives: closing any other descriptor on it would drop the lock of this process.

import { DatabaseSync } from 'node:sqlite';
import { chmodSync, rmSync, statfsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { ensureDirectory } from './durable-files.ts';
import { isSafeFile, readSafely } from './safe-file.ts';
import type { StoreLayout } from './store-layout.ts';
import { FILE_MODE } from './store-layout.ts';
import { overwrite } from './durable-files.ts';

/** Who holds a lock, as far as it could say so: for messages, never for deciding. */
export interface Holder {
  pid: number;
  host: string;
  since: string;
}

export interface SessionLock {
  release(): void;
}

/** Locks this process holds: SQLite would grant a second one to the same process on some systems. */
const held = new Set<string>();

/** Longer than a look by `isLocked` takes, which must not pass for a writer; short enough to answer a person at once. */
const LOCK_TIMEOUT_MS = 50;

/**
 * Takes the lock of a session, or answers null when it is held. Waits for no writer. Throws STORE_ON_NETWORK where the
 * file system cannot be trusted with locks, and STORE_UNREADABLE where the folder cannot be used.
 */
export function tryLock(layout: StoreLayout, id: string, since: string): SessionLock | null {
  ensureDirectory(layout.locksDir);
  assertLocalFileSystem(layout.locksDir);
  const path = join(layout.locksDir, `${id}.lock`);
  if (held.has(path)) return null;
  isSafeFile(path, 'lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
    // Nothing is ever written, so there is nothing to keep a journal of: else SQLite would make a file for it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (isBusy(error)) return null;
    throw systemError(Object.assign(error as Error, { code: 'EIO' }), 'lock', path);
  }
  held.add(path);
  const lock = database;
  const giveBack = (): void => {
    lock.exec('ROLLBACK');
    lock.close();
    held.delete(path);
  };
  try {
    chmodSync(path, FILE_MODE); // By name: opening it would cost the lock.
    sayWho(ownerPath(layout, id), { pid: process.pid, host: hostname(), since });
  } catch (error) {
    giveBack();
    throw systemError(error, 'lock', path);
  }
  return {
    release() {
      if (!held.has(path)) return;
      try {
        rmSync(ownerPath(layout, id), { force: true });
      } finally {
        giveBack();
      }
    },
  };
}

function sayWho(path: string, owner: Holder): void {
  try {
    overwrite(path, Buffer.from(JSON.stringify(owner)));
  } catch (error) {
    // On a full disk sessions must still be deleted, which needs their lock; the name is for messages only.
    if (systemError(error, 'write', path).code !== 'STORE_FULL') throw error;
  }
}

/** True when some process, this one included, holds the lock at this moment. */
export function isLocked(layout: StoreLayout, id: string): boolean {
  const path = join(layout.locksDir, `${id}.lock`);
  if (held.has(path)) return true;
  if (!isSafeFile(path, 'look at lock')) return false; // Nobody ever wrote this session from here.
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0, readOnly: true });
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw systemError(Object.assign(error as Error, { code: 'EIO' }), 'look at lock', path);
  } finally {
    database?.close();
  }
}

/** What the holder left about itself; null when it left nothing that could be understood. */
export function readHolder(layout: StoreLayout, id: string): Holder | null {
  try {
    const bytes = readSafely(ownerPath(layout, id));
    const holder = bytes && (JSON.parse(bytes.toString('utf8')) as Partial<Holder> | null);
    const isWhole =
      typeof holder?.pid === 'number' && [holder.host, holder.since].every((one) => typeof one === 'string');
    return isWhole ? (holder as Holder) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw systemError(error, 'read', ownerPath(layout, id));
  }
}

export function inUseError(layout: StoreLayout, id: string): SessionError {
  const holder = readHolder(layout, id);
  const who = holder ? `process ${holder.pid} on ${holder.host} since ${holder.since}` : 'another process';
  return new SessionError('SESSION_IN_USE', `session ${id} is being written by ${who}`, {
    op: 'lock',
    path: layout.logPath(id),
    hint: `read it (roo session show ${id} --follow), go on in a copy (roo session fork ${id}), or try again later`,
    data: { holder },
  });
}

function ownerPath(layout: StoreLayout, id: string): string {
  return join(layout.locksDir, `${id}.owner.json`);
}

function isBusy(error: unknown): boolean {
  // The low byte is SQLITE_BUSY, what stands above it says why.
  return (((error as { errcode?: number }).errcode ?? 0) & 0xff) === 5;
}

/** f_type values of statfs(2) for file systems that are served by another machine. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
]);

/** Name of the network file system a folder is on, or null. `type` is `statfs(2)`'s f_type. */
export function networkFileSystem(path: string, type: number = statfsSync(path).type): string | null {
  return NETWORK_TYPES.get(type >>> 0) ?? null;
}

function assertLocalFileSystem(path: string): void {
  const network = networkFileSystem(path);
  if (network === null) return;
  throw new SessionError('STORE_ON_NETWORK', `${path} is on ${network}, where locks cannot be trusted`, {
    op: 'lock',
    path,
    hint: 'set ROO_HOME to a local folder, and ROO_SESSIONS_DIR to the shared one',
  });
}
