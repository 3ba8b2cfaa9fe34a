// A short write to the index, whole or not at all.

import type { DatabaseSync } from 'node:sqlite';

/** Runs work in a transaction. Takes the write lock at once: a reader that turns writer could not wait for it. */
export function writing<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite ends the transaction by itself on some errors; the first error is the one to tell.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
