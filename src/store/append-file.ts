// One file of a log, open for appending. Bytes count as written only when they are synced and the file at the log's
// path is still this one: a copy that was swapped in under a writer would make its acknowledgements lies.

import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { ensureDirectory, syncDirectory, writeFully } from './durable-files.ts';
import { openPrivate } from './private-file.ts';

const APPEND = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

export class AppendFile {
  readonly path: string;
  readonly part: number;
  /** End of what is durable. */
  endBytes: number;
  #fd: number;

  /** Opens a file that was just read to `endBytes`. Throws LOG_CHANGED when it is no longer that file. */
  static open(path: string, part: number, endBytes: number, ino: number): AppendFile {
    const file = new AppendFile(path, part, endBytes, openFile(path, APPEND));
    try {
      if (fstatSync(file.#fd).ino !== ino) throw changedError(path, 'was replaced', endBytes);
      file.#assertUnchanged(endBytes);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Makes a file that must not be there yet; throws SESSION_EXISTS when it is. */
  static create(path: string, part: number): AppendFile {
    ensureDirectory(dirname(path));
    return new AppendFile(path, part, 0, openFile(path, APPEND | constants.O_CREAT | constants.O_EXCL));
  }

  private constructor(path: string, part: number, endBytes: number, fd: number) {
    this.path = path;
    this.part = part;
    this.endBytes = endBytes;
    this.#fd = fd;
  }

  /**
   * Resolves when the bytes would survive a power cut. Rejects with the file as it was (STORE_FULL, STORE_UNREADABLE),
   * or with LOG_CHANGED or LOG_POISONED, after which this file must not be written any more.
   */
  async append(bytes: Buffer): Promise<void> {
    this.#assertUnchanged(this.endBytes);
    try {
      writeFully(this.#fd, bytes);
    } catch (error) {
      this.#takeBack();
      throw systemError(error, 'append to', this.path);
    }
    try {
      if (this.endBytes === 0) {
        fsyncSync(this.#fd);
        syncDirectory(dirname(this.path));
      } else await this.#syncData();
    } catch (error) {
      // After a failed sync the kernel may call lost pages clean: only reading the disk again tells what is there.
      throw poisonedError(this.path, 'could not be synced', error);
    }
    this.#assertUnchanged(this.endBytes + bytes.length);
    this.endBytes += bytes.length;
  }

  /** Removes a file that nothing was made durable in. */
  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #syncData(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Takes back what a full disk let through, so that the log ends in a whole frame. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#fd, this.endBytes);
      fdatasyncSync(this.#fd);
    } catch (error) {
      throw poisonedError(this.path, 'could not be brought back in order', error);
    }
  }

  /** Throws LOG_CHANGED when the file is not as this writer left it: somebody else wrote, cut or replaced it. */
  #assertUnchanged(expectedBytes: number): void {
    const { open, there } = this.#look();
    if (open.size === expectedBytes && there?.ino === open.ino && there.dev === open.dev) return;
    const what = there === undefined ? 'was removed' : there.ino === open.ino ? 'was changed' : 'was replaced';
    throw changedError(this.path, what, expectedBytes);
  }

  #look(): { open: Stats; there: Stats | undefined } {
    try {
      return { open: fstatSync(this.#fd), there: statSync(this.path, { throwIfNoEntry: false }) };
    } catch (error) {
      throw systemError(error, 'look at', this.path);
    }
  }
}

/** True for errors after which a log must be opened again before it is written. */
export function endsWriting(error: SessionError): boolean {
  return error.code === 'LOG_CHANGED' || error.code === 'LOG_POISONED';
}

export function poisonedError(path: string, what: string, cause: unknown): SessionError {
  return new SessionError('LOG_POISONED', `${path} ${what}`, {
    op: 'append',
    path,
    cause,
    hint: 'check the disk; open the session again to see what it holds',
  });
}

function openFile(path: string, flags: number): number {
  try {
    return openPrivate(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw systemError(error, 'open', path);
    throw new SessionError('SESSION_EXISTS', `${path} is already there`, { op: 'create', path, cause: error });
  }
}

function changedError(path: string, what: string, offsetBytes: number): SessionError {
  return new SessionError('LOG_CHANGED', `${path} ${what} by somebody else while it was open for writing`, {
    op: 'append',
    path,
    offsetBytes,
    hint: 'nothing that was acknowledged before is lost from the file as it was; open the session again',
  });
}
