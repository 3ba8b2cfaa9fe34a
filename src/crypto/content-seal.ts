// Large content of an encrypted session: sealed in pieces as it comes, so that an output of gigabytes is never whole in
// memory and what was written before a crash can be opened. docs/format.md has the bytes.

import type { Key } from './aead.ts';
import { cipherKey, deriveKey, newSalt, openBytes, SALT_BYTES, sealBytes, TAG_BYTES } from './aead.ts';
import { crypto } from './node-crypto.ts';

export const PIECE_BYTES_MAX: number = 64 * 1024;
const MAGIC = Buffer.from('SXB1');
/** Magic and salt, in front of the first piece. */
export const CONTENT_HEADER_BYTES: number = MAGIC.length + SALT_BYTES;
/** Length of what follows, in front of each piece. */
export const PIECE_LENGTH_BYTES = 4;
/** A piece is longer than what it holds by this. */
export const PIECE_EXTRA_BYTES: number = PIECE_LENGTH_BYTES + TAG_BYTES;

export class ContentSealer {
  readonly header: Buffer;
  readonly #key: Key;
  #count = 0;

  constructor(dataKey: Buffer, sessionId: string) {
    const salt = newSalt();
    this.header = Buffer.concat([MAGIC, salt]);
    this.#key = contentKey(dataKey, salt, sessionId);
  }

  /** The next piece of at most PIECE_BYTES_MAX bytes, as it stands in the file. */
  piece(plain: Uint8Array, place: 'middle' | 'last'): Buffer {
    const sealed = sealBytes(this.#key, pieceNonce(this.#count++, place), plain, NOTHING);
    const length = Buffer.alloc(PIECE_LENGTH_BYTES);
    length.writeUInt32LE(sealed.length);
    return Buffer.concat([length, sealed]);
  }
}

export class ContentOpener {
  readonly #key: Key;

  private constructor(key: Key) {
    this.#key = key;
  }

  /** Null for a file that does not begin as sealed content does. */
  static of(header: Buffer, dataKey: Buffer, sessionId: string): ContentOpener | null {
    if (header.length < CONTENT_HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) return null;
    return new ContentOpener(contentKey(dataKey, header.subarray(MAGIC.length, CONTENT_HEADER_BYTES), sessionId));
  }

  /** What the piece of this number holds; null when it is not that piece of this content. */
  piece(index: number, sealed: Buffer): { plain: Buffer; place: 'middle' | 'last' } | null {
    for (const place of ['middle', 'last'] as const) {
      const plain = openBytes(this.#key, pieceNonce(index, place), sealed, NOTHING);
      if (plain) return { plain, place };
    }
    return null;
  }
}

/** What content is called: the same content of one session has one name, which tells nothing without its key. */
export function contentName(dataKey: Buffer, sessionId: string, sha256: Buffer): string {
  const key = deriveKey(dataKey, NOTHING, `roo content name v1|${sessionId}`);
  return crypto().createHmac('sha256', key).update(sha256).digest('hex');
}

/** Bytes of a file that holds so much content in full pieces. */
export function sealedContentBytes(plainBytes: number): number {
  const pieces = Math.max(1, Math.ceil(plainBytes / PIECE_BYTES_MAX));
  return CONTENT_HEADER_BYTES + plainBytes + pieces * PIECE_EXTRA_BYTES;
}

const NOTHING = Buffer.alloc(0);

function contentKey(dataKey: Buffer, salt: Buffer, sessionId: string): Key {
  return cipherKey(dataKey, salt, `roo content v1|${sessionId}`);
}

/** Counted, and other for the last one: pieces that are exchanged, repeated or cut off do not open. */
function pieceNonce(index: number, place: 'middle' | 'last'): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 3);
  nonce[11] = place === 'last' ? 1 : 0;
  return nonce;
}
