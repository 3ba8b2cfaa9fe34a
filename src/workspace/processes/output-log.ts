// The output of one process on disk, bounded: a few files whose names say at which byte of the whole each begins, so
// that nothing has to be remembered beside them and a reader knows what was dropped.

import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { namesIn } from './process-files.ts';
import type { ProcessFiles } from './process-files.ts';

/** Two files are kept: with the newer one full, the older one goes, which is half of the 64 MiB a process may have. */
export const SEGMENT_BYTES_MAX = 32 * 1024 * 1024;
const SEGMENTS_KEPT = 2;
const FILE_MODE = 0o600;

export interface Segment {
  path: string;
  /** Place of its first byte in all output. */
  startBytes: number;
  sizeBytes: number;
}

/** Oldest first; empty before the first output. */
export function segmentsOf({ outputFolder }: ProcessFiles, id: string): Segment[] {
  const named = namesIn(outputFolder).flatMap((name) => {
    const found = /^(p\d+)\.(\d+)\.log$/.exec(name);
    return found?.[1] === id ? [{ path: join(outputFolder, name), startBytes: Number(found[2]) }] : [];
  });
  return named
    .map((segment) => ({ ...segment, stat: statSync(segment.path, { throwIfNoEntry: false }) }))
    .flatMap(({ stat, ...segment }) => (stat ? [{ ...segment, sizeBytes: stat.size }] : []))
    .toSorted((a, b) => a.startBytes - b.startBytes);
}

/** All bytes there ever were, the dropped ones too. */
export function logBytes(files: ProcessFiles, id: string): number {
  const last = segmentsOf(files, id).at(-1);
  return last ? last.startBytes + last.sizeBytes : 0;
}

/** One writer at a time: the supervisor that holds the lock. */
export class OutputLog {
  readonly #files: ProcessFiles;
  readonly #id: string;
  readonly #segmentBytesMax: number;
  #descriptor: number;
  #startBytes: number;
  #sizeBytes: number;

  /** Goes on behind what is there. */
  constructor(files: ProcessFiles, id: string, segmentBytesMax: number = SEGMENT_BYTES_MAX) {
    this.#files = files;
    this.#id = id;
    this.#segmentBytesMax = segmentBytesMax;
    const last = segmentsOf(files, id).at(-1);
    this.#startBytes = last?.startBytes ?? 0;
    this.#sizeBytes = last?.sizeBytes ?? 0;
    this.#descriptor = this.#open();
  }

  /** How many of the bytes were written: all, or fewer than all before a full disk. Throws for any other failure. */
  append(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      try {
        if (this.#sizeBytes >= this.#segmentBytesMax) this.#turn();
        const length = Math.min(bytes.length - done, this.#segmentBytesMax - this.#sizeBytes);
        const written = writeSync(this.#descriptor, bytes, done, length);
        this.#sizeBytes += written;
        done += written;
      } catch (error) {
        const failure = systemError(error, 'write', this.#path);
        if (failure.code === 'STORE_FULL') return done;
        throw failure;
      }
    }
    return done;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #turn(): void {
    const before = { descriptor: this.#descriptor, startBytes: this.#startBytes, sizeBytes: this.#sizeBytes };
    this.#startBytes += this.#sizeBytes;
    this.#sizeBytes = 0;
    try {
      this.#descriptor = this.#open();
    } catch (error) {
      this.#startBytes = before.startBytes;
      this.#sizeBytes = before.sizeBytes;
      throw error;
    }
    closeSync(before.descriptor);
    for (const { path } of segmentsOf(this.#files, this.#id).slice(0, -SEGMENTS_KEPT)) rmSync(path, { force: true });
  }

  get #path(): string {
    return join(this.#files.outputFolder, `${this.#id}.${this.#startBytes}.log`);
  }

  #open(): number {
    return openSync(this.#path, 'a', FILE_MODE);
  }
}
