// Where an answer is worked out: on the index file, or, when that cannot be, in memory. Nobody who asks has to know.

import type { DatabaseSync } from 'node:sqlite';
import type { Warning } from '../../core/errors.ts';
import type { IndexTrouble } from './index-errors.ts';
import { indexTrouble, IndexUnwritable } from './index-errors.ts';
import { catalogueCopy, fileIdentity, memoryIndex, openIndexFile, removeIndexFile } from './index-file.ts';

export interface IndexPlace {
  database: DatabaseSync;
  /**
   * `disk`: the file. `copy`: its catalogue in memory, because another process is writing; for one answer.
   * `memory`: nothing but memory, because the file cannot be used; until the process ends.
   */
  kind: 'disk' | 'copy' | 'memory';
}

/** One answer is tried on the file, on a new file if the first was damaged, and in memory. */
const ATTEMPTS_MAX = 4;

export class IndexHandle {
  readonly #path: string;
  readonly #warn: (warning: Warning) => void;
  #disk: { database: DatabaseSync; identity: string | null } | null = null;
  #memory: DatabaseSync | null = null;

  constructor(path: string, warn: (warning: Warning) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  /** Works an answer out, from the beginning again where the index fails underneath. Other errors pass through. */
  answer<Result>(work: (place: IndexPlace) => Result): Result {
    let kind: IndexPlace['kind'] = this.#memory ? 'memory' : 'disk';
    for (let attempt = 1; ; attempt++) {
      let place: IndexPlace | null = null;
      try {
        place = this.#place(kind);
        return work(place);
      } catch (error) {
        kind = this.#after(error, kind, attempt);
      } finally {
        if (place?.kind === 'copy') place.database.close();
      }
    }
  }

  /** The same for work that takes its time. */
  async answerLater<Result>(work: (place: IndexPlace) => Promise<Result>): Promise<Result> {
    let kind: IndexPlace['kind'] = this.#memory ? 'memory' : 'disk';
    for (let attempt = 1; ; attempt++) {
      let place: IndexPlace | null = null;
      try {
        place = this.#place(kind);
        return await work(place);
      } catch (error) {
        kind = this.#after(error, kind, attempt);
      } finally {
        if (place?.kind === 'copy') place.database.close();
      }
    }
  }

  /** The file's database, for reading beside a copy. */
  disk(): DatabaseSync {
    return this.#place('disk').database;
  }

  /** Deletes the file; the next answer makes it anew. */
  discard(): void {
    const identity = fileIdentity(this.#path);
    this.close();
    if (identity !== null) removeIndexFile(this.#path, identity);
  }

  close(): void {
    this.#disk?.database.close();
    this.#memory?.close();
    this.#disk = null;
    this.#memory = null;
  }

  #place(kind: IndexPlace['kind']): IndexPlace {
    if (kind === 'memory') return { kind, database: (this.#memory ??= memoryIndex()) };
    if (kind === 'copy') return { kind, database: catalogueCopy(this.#path) };
    const identity = fileIdentity(this.#path);
    // Somebody deleted the file, or made it anew: what is still open here belongs to nobody any more.
    if (this.#disk && this.#disk.identity !== identity) this.#closeDisk();
    if (!this.#disk) {
      const database = openIndexFile(this.#path);
      this.#disk = { database, identity: fileIdentity(this.#path) };
    }
    return { kind, database: this.#disk.database };
  }

  /** Where to go on after an error; throws it when it is not about the index or nothing is left to try. */
  #after(error: unknown, kind: IndexPlace['kind'], attempt: number): IndexPlace['kind'] {
    const trouble = indexTrouble(error);
    if (trouble === null || kind === 'memory' || attempt >= ATTEMPTS_MAX) throw error;
    if (kind === 'copy') return 'memory';
    if (trouble === 'busy') return 'copy';
    if (trouble === 'damaged' && attempt === 1 && this.#replace(error as Error)) return 'disk';
    this.#closeDisk();
    this.#say(trouble, error as Error);
    return 'memory';
  }

  #replace(error: Error): boolean {
    const identity = this.#disk?.identity ?? fileIdentity(this.#path);
    this.#closeDisk();
    try {
      removeIndexFile(this.#path, identity);
    } catch (failure) {
      if (indexTrouble(failure) === null && (failure as NodeJS.ErrnoException).syscall === undefined) throw failure;
      return false;
    }
    this.#warn({
      code: 'INDEX_UNUSABLE',
      message: `the index was unusable (${error.message}) and is made anew; no session was touched`,
      path: this.#path,
    });
    return true;
  }

  #say(trouble: IndexTrouble, error: Error): void {
    this.#warn({
      code: 'INDEX_UNUSABLE',
      message: `the index is ${trouble === 'damaged' ? 'damaged' : 'not usable'} (${error.message}): answering from the logs`,
      path: this.#path,
      hint: error instanceof IndexUnwritable ? 'check the free space, and who owns the folder' : 'roo session reindex',
    });
  }

  #closeDisk(): void {
    const open = this.#disk;
    this.#disk = null;
    open?.database.close();
  }
}
