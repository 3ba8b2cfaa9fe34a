// One at a time on a shadow repository, over all processes: a checkpoint, a restore, a garbage collection. The lock is
// a transaction on a small SQLite file, which the kernel gives back at once when its holder is killed. The file stands
// beside the repository and goes with it: whoever locked one that was taken away meanwhile has locked nothing.

import { rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError, systemError } from '../../core/errors.ts';

const LOOK_MS = 15;
/** A first checkpoint of a large tree, or a collection, may take this long; more means that something hangs. */
const WAIT_MS_MAX = 120_000;

/** The last of those that wait in this process, by path: SQLite would grant a second lock to one process on some systems. */
const turns = new Map<string, Promise<unknown>>();

/** Runs work while nobody else does, in any process. Throws CHECKPOINT_FAILED when the others take too long. */
export async function inShadowLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(path) ?? Promise.resolve();
  const locked = (): Promise<T> => holding(path, work);
  const turn = before.then(locked, locked);
  turns.set(path, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(path) === turn) turns.delete(path);
  }
}

async function holding<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = await take(path);
  try {
    return await work();
  } finally {
    lock.exec('ROLLBACK');
    lock.close();
  }
}

async function take(path: string): Promise<DatabaseSync> {
  for (let waitedMs = 0; waitedMs < WAIT_MS_MAX; waitedMs += LOOK_MS) {
    const lock = tryTake(path);
    if (lock) return lock;
    await sleep(LOOK_MS);
  }
  throw new SessionError('CHECKPOINT_FAILED', 'another process has been at work on the checkpoints for two minutes', {
    op: 'lock',
    path,
    hint: 'wait for it, or end it, and try again',
  });
}

/** Takes the lock file away for good. The caller holds the lock. */
export function dropShadowLock(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // Windows removes nothing that is open: there it stays, empty.
    if (process.platform !== 'win32') throw systemError(error, 'remove', path);
  }
}

/** Undefined where there is none yet. */
function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function tryTake(path: string): DatabaseSync | null {
  let database: DatabaseSync | undefined;
  try {
    const before = inodeOf(path);
    database = new DatabaseSync(path, { timeout: 0 });
    // Nothing is ever written, so there is nothing to keep a journal of.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    if (before !== undefined && inodeOf(path) === before) return database;
    database.close();
    return null;
  } catch (error) {
    database?.close();
    // SQLITE_BUSY, with whatever is said about it in the higher bits.
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) return null;
    throw systemError(Object.assign(error as Error, { code: 'EIO' }), 'lock', path);
  }
}
