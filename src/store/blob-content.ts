// The bytes of a large part as they stand in its file: as they are, or sealed in pieces. Whoever reads or writes one
// need not know which.

import { closeSync, createReadStream, fstatSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { SessionError } from '../core/errors.ts';
import type { ContentOpener, ContentSealer } from '../crypto/content-seal.ts';
import {
  CONTENT_HEADER_BYTES,
  PIECE_BYTES_MAX,
  PIECE_EXTRA_BYTES,
  PIECE_LENGTH_BYTES,
} from '../crypto/content-seal.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import { lastAtMost } from './log-chain.ts';

/** Makes what goes into the file of what is written. */
export interface ContentEncoder {
  /** What can be written now. */
  write(bytes: Uint8Array): Uint8Array;
  /** What was held back: for a sync, after which everything must be in the file. */
  flush(): Uint8Array;
  end(): Uint8Array;
}

const NOTHING = Buffer.alloc(0);

export function contentEncoder(cipher: SessionCipher | null): ContentEncoder {
  if (cipher) return new SealedEncoder(cipher.contentSealer());
  return { write: (bytes) => bytes, flush: () => NOTHING, end: () => NOTHING };
}

class SealedEncoder implements ContentEncoder {
  readonly #sealer: ContentSealer;
  #hasHeader = false;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(sealer: ContentSealer) {
    this.#sealer = sealer;
  }

  write(bytes: Uint8Array): Uint8Array {
    const out: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      // A full piece waits for the next byte: it may be the last.
      if (this.#heldBytes === PIECE_BYTES_MAX) out.push(this.#piece('middle'));
      const taken = bytes.subarray(at, at + PIECE_BYTES_MAX - this.#heldBytes);
      this.#held.push(Buffer.from(taken));
      this.#heldBytes += taken.length;
      at += taken.length;
    }
    return Buffer.concat(out);
  }

  flush(): Uint8Array {
    return this.#heldBytes > 0 ? this.#piece('middle') : NOTHING;
  }

  end(): Uint8Array {
    return this.#piece('last');
  }

  #piece(place: 'middle' | 'last'): Buffer {
    const piece = this.#sealer.piece(Buffer.concat(this.#held, this.#heldBytes), place);
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#hasHeader) return piece;
    this.#hasHeader = true;
    return Buffer.concat([this.#sealer.header, piece]);
  }
}

/** An open file of content, for reading from any place. Closes it. */
export interface Content {
  /** Bytes it holds: of a sealed file, those up to the first piece that is not whole. */
  readonly bytes: number;
  read(at: number, length: number): Buffer;
  /** Throws BLOB_DAMAGED where the end is missing, which nothing else shows of a file of unknown length. */
  assertWhole(): void;
  close(): void;
}

/** Opens the content of a file. Takes the descriptor over, also when it throws: BLOB_DAMAGED for what is not sealed. */
export function openContent(fd: number, path: string, cipher: SessionCipher | null): Content {
  try {
    return cipher ? new SealedContent(fd, path, cipher) : new PlainContent(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** All of it, piece by piece; closes it at the end. */
export function streamContent(fd: number, path: string, cipher: SessionCipher | null): NodeJS.ReadableStream {
  if (!cipher) return createReadStream('', { fd });
  const content = openContent(fd, path, cipher);
  return Readable.from(piecesOf(content, 'whole'), { objectMode: false });
}

/** As `streamContent`, for what is still written, or was when a crash came. */
export function streamSoFar(fd: number, path: string, cipher: SessionCipher | null): NodeJS.ReadableStream {
  return Readable.from(piecesOf(openContent(fd, path, cipher), 'so far'), { objectMode: false });
}

function* piecesOf(content: Content, extent: 'whole' | 'so far'): Generator<Buffer> {
  try {
    for (let at = 0; at < content.bytes; at += PIECE_BYTES_MAX) {
      yield content.read(at, Math.min(PIECE_BYTES_MAX, content.bytes - at));
    }
    if (extent === 'whole') content.assertWhole();
  } finally {
    content.close();
  }
}

class PlainContent implements Content {
  readonly bytes: number;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
    this.bytes = fstatSync(fd).size;
  }

  read(at: number, length: number): Buffer {
    return readAt(this.#fd, at, length);
  }

  /** How long it should be is not known here. */
  assertWhole(): void {}

  close(): void {
    closeSync(this.#fd);
  }
}

class SealedContent implements Content {
  readonly bytes: number;
  readonly #fd: number;
  readonly #path: string;
  readonly #opener: ContentOpener;
  /** Where each piece stands in the file; where what it holds begins in the content. */
  readonly #pieces: { offset: number; sealedBytes: number }[] = [];
  readonly #starts: number[] = [];
  #last: { index: number; plain: Buffer } | null = null;

  constructor(fd: number, path: string, cipher: SessionCipher) {
    this.#fd = fd;
    this.#path = path;
    const { size } = fstatSync(fd);
    const opener = cipher.contentOpener(readAt(fd, 0, CONTENT_HEADER_BYTES));
    // A crash may have come before the first piece.
    if (!opener && size >= CONTENT_HEADER_BYTES) throw damaged(path);
    this.#opener = opener!;
    let start = 0;
    for (let offset = CONTENT_HEADER_BYTES; offset + PIECE_EXTRA_BYTES <= size;) {
      const sealedBytes = readAt(fd, offset, PIECE_LENGTH_BYTES).readUInt32LE(0);
      const next = offset + PIECE_LENGTH_BYTES + sealedBytes;
      if (sealedBytes < PIECE_EXTRA_BYTES - PIECE_LENGTH_BYTES || sealedBytes > PIECE_BYTES_MAX * 2 || next > size)
        break;
      this.#pieces.push({ offset: offset + PIECE_LENGTH_BYTES, sealedBytes });
      this.#starts.push(start);
      start += sealedBytes - (PIECE_EXTRA_BYTES - PIECE_LENGTH_BYTES);
      offset = next;
    }
    this.bytes = start;
  }

  read(at: number, length: number): Buffer {
    const out: Buffer[] = [];
    const end = Math.min(at + length, this.bytes);
    for (let from = at, index = Math.max(0, lastAtMost(this.#starts, at)); from < end; index++) {
      const start = this.#starts[index]!;
      const plain = this.#plain(index);
      out.push(plain.subarray(from - start, Math.min(plain.length, end - start)));
      from = start + plain.length;
    }
    return Buffer.concat(out);
  }

  close(): void {
    closeSync(this.#fd);
  }

  assertWhole(): void {
    const index = this.#pieces.length - 1;
    const piece = this.#pieces[index];
    const isAtEnd = piece && piece.offset + piece.sealedBytes === fstatSync(this.#fd).size;
    const opened = isAtEnd && this.#opener.piece(index, readAt(this.#fd, piece.offset, piece.sealedBytes));
    if (!opened || opened.place !== 'last') throw damaged(this.#path);
  }

  #plain(index: number): Buffer {
    if (this.#last?.index === index) return this.#last.plain;
    const { offset, sealedBytes } = this.#pieces[index]!;
    const opened = this.#opener.piece(index, readAt(this.#fd, offset, sealedBytes));
    if (!opened) throw damaged(this.#path);
    this.#last = { index, plain: opened.plain };
    return opened.plain;
  }
}

function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, at + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function damaged(path: string): SessionError {
  return new SessionError('BLOB_DAMAGED', `${path} is not what it was written as`, {
    op: 'read',
    path,
    hint: 'restore the file from a backup; the rest of the session is readable',
  });
}
