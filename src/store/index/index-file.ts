// The SQLite file of the index: opened, made when it is missing, taken away when it cannot be used. Everything in it
// can be read again from the logs, so it is never repaired and never worth an error.

import { chmodSync, closeSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FILE_MODE } from '../store-layout.ts';
import { IndexDamaged, IndexUnwritable } from './index-errors.ts';
import { createSchema, SCHEMA_VERSION } from './index-schema.ts';
import { createPrivate, makePrivateFolder } from '../private-file.ts';
import { isSafeFile } from '../safe-file.ts';

/** A little more than one batch of texts takes to write; whoever waits longer answers without writing. */
const BUSY_TIMEOUT_MS = 500;

/** Opens or makes the file. Throws IndexDamaged or SQLite's error when that cannot be; the caller decides. */
export function openIndexFile(path: string): DatabaseSync {
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    const version = versionOf(database);
    if (version === 0) createOnce(database);
    else if (version !== SCHEMA_VERSION) throw new IndexDamaged(`the index has version ${version}`);
    database.exec('PRAGMA journal_mode = WAL');
    return prepared(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** An index in memory: complete, private, and gone with the process. */
export function memoryIndex(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  createSchema(database);
  return prepared(database);
}

/** A copy in memory of what the file knows of sessions, for answering while another process writes. No texts. */
export function catalogueCopy(path: string): DatabaseSync {
  const copy = memoryIndex();
  copy.prepare('ATTACH ? AS disk').run(path);
  copy.exec(`BEGIN;
    INSERT INTO meta SELECT * FROM disk.meta WHERE key NOT IN ('ordinal', 'filled', 'orphans');
    INSERT INTO session SELECT * FROM disk.session;
    INSERT INTO tag SELECT * FROM disk.tag;
    COMMIT; DETACH disk`);
  return copy;
}

/** Names the file itself, however it is called: another one may have taken its place meanwhile. */
export function fileIdentity(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev}:${stat.ino}` : null;
}

/**
 * Deletes an unusable file, unless another process has already replaced it. Several may find the damage at once, and
 * the second must not delete what the first has made; so this is done under a lock of its own. Whoever still has the
 * old file open goes on with it unharmed: SQLite does not touch the log of a file that was moved away.
 */
export function removeIndexFile(path: string, identity: string | null): void {
  const lockPath = `${path}.replace`;
  makePrivate(lockPath);
  const lock = new DatabaseSync(lockPath, { timeout: 5_000 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    if (identity !== null && fileIdentity(path) !== identity) return;
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  } finally {
    lock.close();
  }
}

/** SQLite would create the file with the umask's mode; its -wal and -shm get the mode of the file. */
function makePrivate(path: string): void {
  try {
    if (!isSafeFile(path, 'open')) {
      makePrivateFolder(dirname(path));
      closeSync(createPrivate(path));
    } else if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, FILE_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return; // Another process was first.
    throw new IndexUnwritable((error as Error).message, { cause: error });
  }
}

/** Two first commands may meet here; the second finds the tables made. */
function createOnce(database: DatabaseSync): void {
  // Before anything is written: later it would need every page rewritten.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  try {
    createSchema(database);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    if (versionOf(database) !== SCHEMA_VERSION) throw error;
  }
}

/**
 * Settings that are not kept in the file. What was deleted is overwritten; nothing is sorted in temporary files; a
 * large store is written at random places, which the usual 2 MB of pages are too few for.
 */
function prepared(database: DatabaseSync): DatabaseSync {
  database.exec(`PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32768`);
  return database;
}

function versionOf(database: DatabaseSync): number {
  return database.prepare('PRAGMA user_version').get()!['user_version'] as number;
}
