// One process at a time writes the audit log, for less than a millisecond each. The lock is SQLite's, as those of
// sessions are: it is given back when its holder dies. Nothing but node:sqlite may ever open the file.

import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SessionError } from '../../core/errors.ts';
import { isSafeFile } from '../safe-file.ts';
import { FILE_MODE } from '../store-layout.ts';

/** Many processes may come at once, and each may wait for a disk. */
const LOCK_TIMEOUT_MS = 2000;

export class AuditLock {
  readonly #database: DatabaseSync;
  readonly #path: string;

  /** Throws AUDIT_UNUSABLE, STORE_UNSAFE. The caller closes. */
  constructor(path: string) {
    const isThere = isSafeFile(path, 'audit');
    this.#path = path;
    this.#database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
    if (!isThere) this.hold(() => chmodSync(path, FILE_MODE));
  }

  hold<T>(work: () => T): T {
    try {
      // Nothing is ever written, so there is nothing to keep a journal of.
      this.#database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      throw new SessionError('AUDIT_UNUSABLE', `the audit log could not be locked: ${(error as Error).message}`, {
        op: 'audit',
        path: this.#path,
        cause: error,
      });
    }
    try {
      return work();
    } finally {
      this.#database.exec('ROLLBACK');
    }
  }

  close(): void {
    this.#database.close();
  }
}
