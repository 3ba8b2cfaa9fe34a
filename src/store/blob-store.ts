// Content too large for a line, in files named by the SHA-256 of their bytes: `sha256sum` checks them. One folder
// serves a session and its forks, so a forked or repeated image is stored once. Those of an encrypted session are sealed,
// and their names tell nothing without its key.

import { lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { BlobRef, LogRecord } from '../core/record.ts';
import { isBlobHash, recordFault } from '../core/record-needs.ts';
import { sealedContentBytes } from '../crypto/content-seal.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import type { Content } from './blob-content.ts';
import { contentEncoder, openContent, streamContent, streamSoFar } from './blob-content.ts';
import { BlobWriter } from './blob-writer.ts';
import { ensureDirectory, isThere, syncDirectory, writeNewFile } from './durable-files.ts';
import { newSha256, randomName, sha256 } from './hashing.ts';
import { isMissing, openSafely } from './safe-file.ts';
import type { Trust } from './safe-file.ts';

/** A record that was spilled is read whole into memory, so it is not written larger than this. */
export const RECORD_BYTES_MAX: number = 256 * 1024 * 1024;
const CHECKED_BYTES = 1024 * 1024;

export class BlobStore {
  readonly directory: string;
  readonly #trust: Trust;
  readonly #cipher: SessionCipher | null;

  /** `cipher` of an encrypted session. */
  constructor(directory: string, trust: Trust = 'ours', cipher: SessionCipher | null = null) {
    this.directory = directory;
    this.#trust = trust;
    this.#cipher = cipher;
  }

  /** True when content has the same name in both: then what one has need not be brought from the other. */
  namesLike(other: BlobStore): boolean {
    if (!this.#cipher || !other.#cipher) return this.#cipher === other.#cipher;
    return this.#cipher.dataKey.equals(other.#cipher.dataKey) && this.#cipher.sessionId === other.#cipher.sessionId;
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
    const ref = { hash: this.#nameOf(sha256(bytes)), bytes: bytes.length };
    const fileBytes = this.#cipher ? sealedContentBytes(bytes.length) : bytes.length;
    const beside = join(this.directory, `${randomName()}.tmp`);
    try {
      // A file of another size is what a bad copy left: it is replaced by what it should be.
      if (lstatSync(this.path(ref), { throwIfNoEntry: false })?.size === fileBytes) {
        syncDirectory(this.directory); // Another process may have named it a moment ago.
        return ref;
      }
      ensureDirectory(this.directory);
      const encoder = contentEncoder(this.#cipher);
      writeNewFile(beside, Buffer.concat([encoder.write(bytes), encoder.end()]));
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
    return new BlobWriter(join(this.directory, name), contentEncoder(this.#cipher), (beside, sum, bytes) => {
      const ref = { hash: this.#nameOf(sum), bytes };
      this.#keep(beside, ref);
      return ref;
    });
  }

  /**
   * Under what name the output of a call stands while it runs, and stays when a crash comes; null for a call that has
   * none, since other clients' ids may hold anything.
   */
  partialName(callId: string): string | null {
    if (!/^[\w-]{1,128}$/.test(callId)) return null;
    return `partial-${this.#cipher?.contentName(sha256(Buffer.from(`call ${callId}`))) ?? callId}`;
  }

  /** Where what a crash left of an output is, or null. */
  partialPath(callId: string): string | null {
    const name = this.partialName(callId);
    const path = name === null ? null : join(this.directory, name);
    return path !== null && isThere(path) ? path : null;
  }

  /** Beginning and end of what a crash left of an output, or null. */
  partial(callId: string): Buffer | null {
    const path = this.partialPath(callId);
    return path === null ? null : readEnds(this.#content(path));
  }

  /** All of what a crash left of an output, or null. */
  partialStream(callId: string): NodeJS.ReadableStream | null {
    const path = this.partialPath(callId);
    return path === null ? null : streamSoFar(openSafely(path, this.#trust), path, this.#cipher);
  }

  /** First and last bytes of a blob, enough for `outputEnds`. */
  ends(ref: BlobRef): Buffer {
    return readEnds(this.#open(ref));
  }

  /** The bytes as a stream. Throws BLOB_MISSING; the content is not checked against the hash on the way. */
  stream(ref: BlobRef): NodeJS.ReadableStream {
    return streamContent(this.#descriptor(ref), this.path(ref), this.#cipher);
  }

  /** All bytes, checked. Throws BLOB_MISSING or BLOB_DAMAGED. */
  read(ref: BlobRef): Buffer {
    const content = this.#open(ref);
    try {
      // A file of terabytes takes no room on a disk.
      const isReadable = content.bytes === ref.bytes && ref.bytes <= RECORD_BYTES_MAX;
      const bytes = isReadable ? content.read(0, ref.bytes) : null;
      if (bytes && this.#nameOf(sha256(bytes)) === ref.hash) return bytes;
    } finally {
      content.close();
    }
    throw this.#damaged(ref, 'is not what it was written as');
  }

  /** The first bytes as text; a character cut at the end is left out. */
  start(ref: BlobRef, bytesMax: number): string {
    const content = this.#open(ref);
    try {
      const piece = content.read(0, Math.min(bytesMax, ref.bytes));
      return new TextDecoder().decode(piece, { stream: true });
    } finally {
      content.close();
    }
  }

  /** True when the file still has the bytes it was named for; read in pieces, whatever its size. */
  isWhole(ref: BlobRef): boolean {
    const sum = newSha256();
    try {
      const content = this.#open(ref);
      try {
        for (let at = 0; at < content.bytes; at += CHECKED_BYTES) sum.update(content.read(at, CHECKED_BYTES));
      } finally {
        content.close();
      }
    } catch (error) {
      if (error instanceof SessionError && error.code === 'BLOB_DAMAGED') return false;
      throw error;
    }
    return this.#nameOf(sum.digest()) === ref.hash;
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

  /** The caller closes it. Throws BLOB_MISSING. */
  #open(ref: BlobRef): Content {
    return openContent(this.#descriptor(ref), this.path(ref), this.#cipher);
  }

  #content(path: string): Content {
    return openContent(openSafely(path, this.#trust), path, this.#cipher);
  }

  #descriptor(ref: BlobRef): number {
    try {
      return openSafely(this.path(ref), this.#trust);
    } catch (error) {
      throw isMissing(error) ? this.#missing(ref) : error;
    }
  }

  #nameOf(sum: Buffer): string {
    return this.#cipher?.contentName(sum) ?? sum.toString('hex');
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

const END_BYTES = 4096;

/** Closes what it reads. */
function readEnds(content: Content): Buffer {
  try {
    const { bytes } = content;
    if (bytes <= END_BYTES * 2) return content.read(0, bytes);
    return Buffer.concat([content.read(0, END_BYTES), content.read(bytes - END_BYTES, END_BYTES)]);
  } finally {
    content.close();
  }
}
