// A large part on its way into its file, piece by piece.

import { closeSync, fdatasync, fstatSync, fsyncSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemError } from '../core/errors.ts';
import type { BlobRef } from '../core/record.ts';
import type { ContentEncoder } from './blob-content.ts';
import { syncDirectory, writeFully } from './durable-files.ts';
import { newSha256 } from './hashing.ts';
import { createPrivate } from './private-file.ts';

/** Gives a file its name, by the SHA-256 of what it holds. */
type Keep = (beside: string, sum: Buffer, bytes: number) => BlobRef;

export class BlobWriter {
  /** Written so far, as the reader will get it. */
  bytes = 0;
  readonly #path: string;
  readonly #encoder: ContentEncoder;
  readonly #keep: Keep;
  readonly #hash = newSha256();
  #fileBytes = 0;
  #fd: number;

  constructor(path: string, encoder: ContentEncoder, keep: Keep) {
    this.#path = path;
    this.#encoder = encoder;
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
      this.#put(this.#encoder.write(bytes));
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
      this.#put(this.#encoder.flush());
      await promisify(fdatasync)(this.#fd);
    } catch (error) {
      throw systemError(error, 'sync', this.#path);
    }
  }

  /** Syncs, gives the file its name, and returns what a record says of it. */
  finish(): BlobRef {
    try {
      this.#put(this.#encoder.end());
      fsyncSync(this.#fd);
      if (fstatSync(this.#fd).size !== this.#fileBytes)
        throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      this.#close();
      return this.#keep(this.#path, this.#hash.digest(), this.bytes);
    } catch (error) {
      this.abandon();
      throw systemError(error, 'write', this.#path);
    }
  }

  /** Ends it durably as what a crash left of an output, under that name. */
  leaveAs(name: string): void {
    try {
      this.#put(this.#encoder.flush());
      fsyncSync(this.#fd);
      this.#close();
      renameSync(this.#path, join(dirname(this.#path), name));
      syncDirectory(dirname(this.#path));
    } catch (error) {
      this.abandon();
      throw systemError(error, 'write', this.#path);
    }
  }

  abandon(): void {
    this.#close();
    rmSync(this.#path, { force: true });
  }

  #put(bytes: Uint8Array): void {
    writeFully(this.#fd, bytes);
    this.#fileBytes += bytes.length;
  }

  #close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
