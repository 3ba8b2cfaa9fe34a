// Content too large for a line, in files named by the SHA-256 of their bytes: `sha256sum` checks them. One folder
// serves a session and its forks, so a forked or repeated image is stored once.

import {
  closeSync,
  createReadStream,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  lstatSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SessionError, systemError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { BlobRef, LogRecord } from '../core/record.ts';
import { isBlobHash, recordFault } from '../core/record-needs.ts';
import { ensureDirectory, isThere, syncDirectory, writeFully, writeNewFile } from './durable-files.ts';
import { newSha256, randomName, sha256Hex } from './hashing.ts';
import { isMissing, openSafely, readSafely } from './safe-file.ts';
import type { Trust } from './safe-file.ts';
import { createPrivate } from './private-file.ts';

/** A record that was spilled is read whole into memory, so it is not written larger than this. */
export const RECORD_BYTES_MAX: number = 256 * 1024 * 1024;

export class BlobStore {
  readonly directory: string;
  readonly #trust: Trust;

  constructor(directory: string, trust: Trust = 'ours') {
    this.directory = directory;
    this.#trust = trust;
  }

  /** Throws BLOB_DAMAGED for a reference that is no hash: a log may come from a stranger, and name another's file. */
  path(ref: BlobRef): string {
    if (isBlobHash(ref.hash)) return join(this.directory, ref.hash);
    throw new SessionError('BLOB_DAMAGED', 'a record names no blob where it should', {
      op: 'read',
      path: this.directory,
    });
  }

  has(ref: BlobRef): boolean {
    return isThere(this.path(ref));
  }

  /** Stores bytes durably before it returns; the same bytes again are not written again. */
  put(bytes: Uint8Array): BlobRef {
    const ref = { hash: sha256Hex(bytes), bytes: bytes.length };
    const beside = join(this.directory, `${randomName()}.tmp`);
    try {
      // A file of another size is what a bad copy left: it is replaced by what it should be.
      if (lstatSync(this.path(ref), { throwIfNoEntry: false })?.size === ref.bytes) {
        syncDirectory(this.directory); // Another process may have named it a moment ago.
        return ref;
      }
      ensureDirectory(this.directory);
      writeNewFile(beside, bytes);
      this.#keep(beside, ref);
    } catch (error) {
      rmSync(beside, { force: true });
      throw systemError(error, 'write', this.path(ref));
    }
    return ref;
  }

  /**
   * A place to write a blob of unknown size into, piece by piece; under its first name until it is finished, so that
   * what a crash leaves can be found. End it with `finish` or `abandon`.
   */
  writer(name = `${randomName()}.tmp`): BlobWriter {
    ensureDirectory(this.directory);
    return new BlobWriter(join(this.directory, name), (beside, ref) => this.#keep(beside, ref));
  }

  /** Beginning and end of what a crash left of an output, or null. */
  partial(callId: string): Buffer | null {
    const path = join(this.directory, `partial-${callId}`);
    // Other clients' call ids may hold anything; those of ours are names.
    return /^[\w-]+$/.test(callId) && existsSync(path) ? readEnds(openSafely(path, this.#trust)) : null;
  }

  /** First and last bytes of a blob, enough for `outputEnds`. */
  ends(ref: BlobRef): Buffer {
    return readEnds(this.#open(ref));
  }

  /** The bytes as a stream. Throws BLOB_MISSING; the content is not checked against the hash on the way. */
  stream(ref: BlobRef): NodeJS.ReadableStream {
    if (!this.has(ref)) throw this.#missing(ref);
    return createReadStream('', { fd: this.#open(ref) });
  }

  /** All bytes, checked. Throws BLOB_MISSING or BLOB_DAMAGED. */
  read(ref: BlobRef): Buffer {
    const bytes = readSafely(this.path(ref), this.#trust, RECORD_BYTES_MAX);
    if (!bytes) throw this.#missing(ref);
    if (bytes.length === ref.bytes && sha256Hex(bytes) === ref.hash) return bytes;
    throw this.#damaged(ref, 'is not what it was written as');
  }

  /** The first bytes as text; a character cut at the end is left out. */
  start(ref: BlobRef, bytesMax: number): string {
    const fd = this.#open(ref);
    try {
      const piece = Buffer.alloc(Math.min(bytesMax, ref.bytes));
      const count = readSync(fd, piece, 0, piece.length, 0);
      return new TextDecoder().decode(piece.subarray(0, count), { stream: true });
    } finally {
      closeSync(fd);
    }
  }

  /** True when the file still has the bytes it was named for; read in pieces, whatever its size. */
  isWhole(ref: BlobRef): boolean {
    const fd = this.#open(ref);
    try {
      const sum = newSha256();
      const piece = Buffer.allocUnsafe(1024 * 1024);
      for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece))
        sum.update(piece.subarray(0, count));
      return sum.digest('hex') === ref.hash;
    } finally {
      closeSync(fd);
    }
  }

  readJson(ref: BlobRef): unknown {
    const bytes = this.read(ref);
    try {
      return parseJson(bytes.toString('utf8'));
    } catch (cause) {
      throw this.#damaged(ref, 'holds no JSON that can be read', cause);
    }
  }

  /** The whole record behind a line; the line itself when it was not spilled. Throws BLOB_MISSING or BLOB_DAMAGED. */
  unspill(record: LogRecord): LogRecord {
    if (!record.spilled) return record;
    const whole = this.readJson(record.spilled);
    // Checked like a line: whoever makes a log can make its blobs.
    if (recordFault(whole) === null && (whole as LogRecord).type === record.type) return whole as LogRecord;
    throw this.#damaged(record.spilled, 'holds no record of the kind that names it');
  }

  #open(ref: BlobRef): number {
    try {
      return openSafely(this.path(ref), this.#trust);
    } catch (error) {
      throw isMissing(error) ? this.#missing(ref) : error;
    }
  }

  #keep(beside: string, ref: BlobRef): void {
    renameSync(beside, this.path(ref));
    syncDirectory(this.directory);
  }

  #damaged(ref: BlobRef, what: string, cause?: unknown): SessionError {
    return new SessionError('BLOB_DAMAGED', `${this.path(ref)} ${what}`, {
      op: 'read',
      path: this.path(ref),
      cause,
      hint: 'restore the file from a backup; the rest of the session is readable',
    });
  }

  #missing(ref: BlobRef): SessionError {
    return new SessionError('BLOB_MISSING', `a part of ${ref.bytes} bytes is not there`, {
      op: 'read',
      path: this.path(ref),
      hint: 'copy the blobs folder together with the session files',
    });
  }
}

export class BlobWriter {
  bytes = 0;
  readonly #path: string;
  readonly #keep: (beside: string, ref: BlobRef) => void;
  readonly #hash = newSha256();
  #fd: number;

  constructor(path: string, keep: (beside: string, ref: BlobRef) => void) {
    this.#path = path;
    this.#keep = keep;
    try {
      this.#fd = createPrivate(path);
    } catch (error) {
      throw systemError(error, 'create', path);
    }
  }

  /** Throws STORE_FULL and what else systemError makes; then the writer is abandoned. */
  write(bytes: Uint8Array): void {
    try {
      writeFully(this.#fd, bytes);
    } catch (error) {
      this.abandon();
      throw systemError(error, 'write', this.#path);
    }
    this.#hash.update(bytes);
    this.bytes += bytes.length;
  }

  /** Resolves when all that was written would survive a power cut. */
  async sync(): Promise<void> {
    try {
      await promisify(fdatasync)(this.#fd);
    } catch (error) {
      throw systemError(error, 'sync', this.#path);
    }
  }

  /** Syncs, gives the file its name, and returns what a record says of it. */
  finish(): BlobRef {
    const ref = { hash: this.#hash.digest('hex'), bytes: this.bytes };
    try {
      fsyncSync(this.#fd);
      if (fstatSync(this.#fd).size !== this.bytes) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      this.#close();
      this.#keep(this.#path, ref);
    } catch (error) {
      this.abandon();
      throw systemError(error, 'write', this.#path);
    }
    return ref;
  }

  abandon(): void {
    this.#close();
    rmSync(this.#path, { force: true });
  }

  #close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

const END_BYTES = 4096;

/** Closes what it reads. */
function readEnds(fd: number): Buffer {
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, END_BYTES * 2));
    if (size <= END_BYTES * 2) readSync(fd, bytes, 0, size, 0);
    else {
      readSync(fd, bytes, 0, END_BYTES, 0);
      readSync(fd, bytes, END_BYTES, END_BYTES, size - END_BYTES);
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}
