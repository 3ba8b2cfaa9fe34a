// One file of a log, for reading: its frames from any place, forwards and backwards, by way of a small window of bytes.
// Knows what an intact frame is; what a chain of them means is the business of log-chain.ts.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemError } from '../core/errors.ts';
import type { Warning } from '../core/errors.ts';
import type { FrameHeader } from './frame.ts';
import { assertSafeFile, readableByOthers, SAFE_FLAGS } from './safe-file.ts';
import type { Trust } from './safe-file.ts';
import {
  decodeHeader,
  findMagic,
  findMagicBackwards,
  frameHash,
  HEADER_BYTES,
  isIntact,
  isIntactWith,
} from './frame.ts';
import { RangeCrc } from './range-crc.ts';

const WINDOW_BYTES = 128 * 1024;
/** A frame of this size is read to be looked at. */
const CHEAP_BYTES = 8 * 1024;

/** An intact frame and where it stands. `bytes` is a view that stays valid. */
export interface StoredFrame extends FrameHeader {
  offset: number;
  bytes: Buffer;
  /** What its successor names as `prev`; computed when first asked for. */
  hash(): Buffer;
}

export class LogFile {
  readonly path: string;
  /** Bytes in the file when it was opened, or at the last `refresh`. */
  size: number;
  /** 0 for a file that is not there. */
  readonly ino: number;
  /** What is to be said where others may read the file. */
  readonly openToOthers: Warning | null = null;
  /** Bytes read so far, for the measurements. */
  bytesRead = 0;
  #fd: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  /** Sums of what was searched for large frames. */
  #sums: RangeCrc | null = null;

  /**
   * Opens without following a link. A part that is not there reads as an empty file: the numbers of the frames behind
   * it say what is missing. Throws STORE_UNREADABLE or STORE_UNSAFE; the caller closes.
   */
  constructor(path: string, trust: Trust = 'ours') {
    this.path = path;
    try {
      this.#fd = openSync(path, constants.O_RDONLY | SAFE_FLAGS);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError(error, 'open', path);
      this.#fd = -1;
      this.size = this.ino = 0;
      return;
    }
    const stat = fstatSync(this.#fd);
    try {
      assertSafeFile(stat, path, 'open', trust);
      if (trust === 'ours') this.openToOthers = readableByOthers(stat, path);
    } catch (error) {
      this.close();
      throw error;
    }
    this.size = stat.size;
    this.ino = stat.ino;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Looks again how long the file is. What was read of its end is forgotten: a torn tail may have been cut since. */
  refresh(): void {
    if (this.#fd >= 0) this.size = fstatSync(this.#fd).size;
    this.#window = Buffer.alloc(0);
    this.#sums = null;
  }

  /** The intact frame that begins at `offset`, or null when there is none. */
  frameAt(offset: number, direction: 'forwards' | 'backwards' = 'forwards'): StoredFrame | null {
    if (offset < 0 || offset + HEADER_BYTES > this.size) return null;
    const header = decodeHeader(this.#read(offset, HEADER_BYTES, direction), 0);
    if (!header || offset + header.frameBytes > this.size) return null;
    const bytes = this.#read(offset, header.frameBytes, direction);
    if (bytes.length < header.frameBytes || !isIntact(bytes)) return null;
    // Decoded again: the first header's views may lie in a window that is gone.
    return { ...decodeHeader(bytes, 0)!, offset, bytes, hash: () => frameHash(bytes) };
  }

  /** First intact frame at or after `offset`, or null. Used to get past damage. */
  nextIntact(offset: number): StoredFrame | null {
    for (let at = offset, span: number; at < this.size; at += span) {
      span = this.#spanAt(at);
      // Spans overlap by a header, so that a magic on the border is seen.
      const bytes = this.#read(at, Math.min(span + HEADER_BYTES, this.size - at), 'forwards');
      for (let i = findMagic(bytes, 0); i >= 0 && i < span; i = findMagic(bytes, i + 1)) {
        const frame = this.#isSound(bytes, i, at) ? this.frameAt(at + i) : null;
        if (frame) return frame;
      }
    }
    return null;
  }

  /** Last intact frame that ends at or before `end`, or null. */
  previousIntact(end: number): StoredFrame | null {
    for (let to = end; to > 0; to -= WINDOW_BYTES) {
      const from = Math.max(0, to - WINDOW_BYTES);
      const bytes = this.#read(from, Math.min(to + HEADER_BYTES, end, this.size) - from, 'backwards');
      for (let i = findMagicBackwards(bytes, to - from - 1); i >= 0; i = findMagicBackwards(bytes, i - 1)) {
        const frame = this.#isSound(bytes, i, from, end) ? this.frameAt(from + i, 'backwards') : null;
        if (frame) return frame;
      }
    }
    return null;
  }

  /** Bytes to search from a place on: what the window holds first, so that damage in small pieces is read once. */
  #spanAt(at: number): number {
    const left = this.#windowAt + this.#window.length - at - HEADER_BYTES;
    return at >= this.#windowAt && left > 0 ? left : WINDOW_BYTES;
  }

  /** False where what looks like a header at a place in a window begins no intact frame that ends in time. */
  #isSound(window: Buffer, at: number, windowAt: number, end = this.size): boolean {
    const header = decodeHeader(window, at);
    const offset = windowAt + at;
    if (!header || offset + header.frameBytes > end) return false;
    if (header.frameBytes <= CHEAP_BYTES) return true;
    this.#sums ??= new RangeCrc((buffer, from) => this.#readAll(buffer, from), this.size);
    const sums = this.#sums;
    const head = window.subarray(at, at + HEADER_BYTES);
    return isIntactWith(head, header.frameBytes, (from) => sums.of(offset + from, offset + header.frameBytes));
  }

  /** Bytes as they stand in the file, whatever they are. */
  bytesAt(offset: number, length: number): Buffer {
    return Buffer.from(this.#read(offset, Math.min(length, this.size - offset), 'forwards'));
  }

  /** `length` bytes at `offset`, which the caller has checked against `size`; fewer where the file has shrunk. */
  #read(offset: number, length: number, direction: 'forwards' | 'backwards'): Buffer {
    const end = offset + length;
    if (offset < this.#windowAt || end > this.#windowAt + this.#window.length) {
      const span = Math.max(length, WINDOW_BYTES);
      const from = direction === 'forwards' ? offset : Math.max(0, end - span);
      // A new buffer each time: frames handed out are views of it.
      const window = Buffer.allocUnsafe(Math.min(span, this.size - from));
      this.#window = this.#readAll(window, from);
      this.#windowAt = from;
    }
    return this.#window.subarray(offset - this.#windowAt, end - this.#windowAt);
  }

  /** The buffer filled; its beginning where the file has shrunk. */
  #readAll(buffer: Buffer, from: number): Buffer {
    let filled = 0;
    while (filled < buffer.length) {
      const count = this.#readInto(buffer, filled, from + filled);
      if (count === 0) break;
      filled += count;
    }
    this.bytesRead += filled;
    return buffer.subarray(0, filled);
  }

  #readInto(window: Buffer, at: number, position: number): number {
    try {
      return readSync(this.#fd, window, at, window.length - at, position);
    } catch (error) {
      throw systemError(error, 'read', this.path);
    }
  }
}
