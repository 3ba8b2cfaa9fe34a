// Frames of an encrypted session. Each is bound to its place: its session, its number, and the frame before it, so that
// one that is moved, repeated or put into another log does not open. docs/format.md has the bytes.

import type { Key } from './aead.ts';
import { cipherKey, counterNonce, newSalt, openBytes, sealBytes } from './aead.ts';

/** What of a frame's header is bound to its content. */
export interface FrameFacts {
  version: number;
  flags: number;
  lines: number;
  seq: number;
  epoch: number;
  /** First 16 bytes of the SHA-256 of the frame before it: its tag is in there, and everything else of it. */
  prev: Buffer;
  log: number;
}

/** A key seals no more than this: past 2^36 bytes the next frame has a salt, and so a key, of its own. */
const KEY_USE_BYTES_MAX = 2 ** 36;
const KEYS_KEPT = 64;

export function framePurpose(sessionId: string): string {
  return `roo frame v1|${sessionId}`;
}

/**
 * Seals the frames of one writer, which goes on from one number to the next. A writer that begins again at a number,
 * after a crash or a failed write, takes a new sealer: another salt, so that no key meets a nonce twice.
 */
export class FrameSealer {
  readonly #dataKey: Buffer;
  readonly #sessionId: string;
  #salt = newSalt();
  #key: Key | null = null;
  /** What stands in front of the ciphertext. */
  #start = '';
  #bytes = 0;
  #lastSeq = -1;

  constructor(dataKey: Buffer, sessionId: string) {
    this.#dataKey = dataKey;
    this.#sessionId = sessionId;
  }

  /** The line that stands in the frame for its records. */
  seal(facts: FrameFacts, packed: Buffer): Buffer {
    if (facts.seq <= this.#lastSeq) throw new TypeError(`frame ${facts.seq} was sealed before`);
    this.#lastSeq = facts.seq;
    if (this.#bytes + packed.length > KEY_USE_BYTES_MAX) {
      this.#salt = newSalt();
      this.#key = null;
      this.#bytes = 0;
    }
    this.#bytes += packed.length;
    if (!this.#key) {
      this.#key = cipherKey(this.#dataKey, this.#salt, framePurpose(this.#sessionId));
      this.#start = `{"sx":1,"salt":"${this.#salt.toString('base64')}","ct":"`;
    }
    const sealed = sealBytes(this.#key, counterNonce(facts.seq), packed, bound(facts, this.#sessionId));
    return Buffer.from(`${this.#start}${sealed.toString('base64')}"}\n`, 'latin1');
  }
}

/** Opens the frames of one session. */
export class FrameOpener {
  readonly #dataKey: Buffer;
  readonly #sessionId: string;
  /** By salt: mostly one writer's, and then the one's before it. */
  readonly #keys = new Map<string, Key>();

  constructor(dataKey: Buffer, sessionId: string) {
    this.#dataKey = dataKey;
    this.#sessionId = sessionId;
  }

  /** What was sealed; null when the line is not of this frame of this session, or not as it was written. */
  open(facts: FrameFacts, line: Buffer): Buffer | null {
    const sealed = readSealed(line);
    if (!sealed) return null;
    return openBytes(this.#keyOf(sealed.salt), counterNonce(facts.seq), sealed.ct, bound(facts, this.#sessionId));
  }

  #keyOf(salt: string): Key {
    const known = this.#keys.get(salt);
    if (known) return known;
    const key = cipherKey(this.#dataKey, Buffer.from(salt, 'base64'), framePurpose(this.#sessionId));
    if (this.#keys.size >= KEYS_KEPT) this.#keys.delete(this.#keys.keys().next().value!);
    this.#keys.set(salt, key);
    return key;
  }
}

const SEALED = /^\{"sx":1,"salt":"([A-Za-z0-9+/]{43}=)","ct":"([A-Za-z0-9+/]+={0,2})"\}\n$/;

/** Salt and ciphertext of a sealed line; null for every other line. */
export function readSealed(line: Buffer): { salt: string; ct: Buffer } | null {
  const match = SEALED.exec(line.toString('latin1'));
  return match && { salt: match[1]!, ct: Buffer.from(match[2]!, 'base64') };
}

function bound({ version, flags, lines, seq, epoch, prev, log }: FrameFacts, sessionId: string): Buffer {
  const head = Buffer.alloc(20);
  head[0] = version;
  head[1] = flags;
  head.writeUInt16LE(lines, 2);
  head.writeBigUInt64LE(BigInt(seq), 4);
  head.writeUInt32LE(epoch, 12);
  head.writeUInt32LE(log, 16);
  return Buffer.concat([head, prev, Buffer.from(sessionId)]);
}
