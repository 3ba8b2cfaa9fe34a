// Names, tags and projects of encrypted sessions in the index. One key for all of them, made of the user's identity:
// unwrapping the key of every session of a list would take it seconds. What must be found without being opened stands
// there as a keyed hash, which tells that two are the same and nothing else.

import type { Key } from './aead.ts';
import { cipherKey, deriveKey, openBytes, sealBytes } from './aead.ts';
import { crypto } from './node-crypto.ts';

const NONCE_BYTES = 12;
/** Which identity's key it was, for one that has several; whole letters of base64. */
const MARK_BYTES = 6;
const NO_SALT = Buffer.alloc(0);

interface NameKey {
  seal: Key;
  hash: Buffer;
  mark: Buffer;
}

export class NameSeal {
  readonly #current: NameKey;
  readonly #all: readonly NameKey[];

  /** Secret identities, the current one first: it seals, and all of them open. There is at least one. */
  constructor(identities: readonly string[]) {
    this.#all = identities.map(keyOf);
    this.#current = this.#all[0]!;
  }

  /** What everything begins with that the current identity seals. */
  get mark(): string {
    return this.#current.mark.toString('base64');
  }

  /** `id` of the session that the text is about: it opens nowhere else. */
  seal(id: string, text: string): string {
    // Random, and far from as many as would make two alike likely: an index has thousands of rows.
    const nonce = crypto().randomBytes(NONCE_BYTES);
    const { seal, mark } = this.#current;
    return Buffer.concat([mark, nonce, sealBytes(seal, nonce, Buffer.from(text), Buffer.from(id))]).toString('base64');
  }

  /** Null when none of the identities sealed it, or it is not what was sealed. */
  open(id: string, sealed: string): string | null {
    const bytes = Buffer.from(sealed, 'base64');
    const mark = bytes.subarray(0, MARK_BYTES);
    const key = this.#all.find((each) => each.mark.equals(mark));
    if (!key) return null;
    const content = bytes.subarray(MARK_BYTES + NONCE_BYTES);
    const nonce = bytes.subarray(MARK_BYTES, MARK_BYTES + NONCE_BYTES);
    return openBytes(key.seal, nonce, content, Buffer.from(id))?.toString('utf8') ?? null;
  }

  /** 32 hexadecimal digits, the same for the same value of a kind. */
  hash(kind: 'name' | 'tag' | 'project' | 'origin', value: string): string {
    return crypto().createHmac('sha256', this.#current.hash).update(`${kind}|${value}`).digest('hex').slice(0, 32);
  }

  /** The same as a number that a column of numbers takes. */
  hashNumber(kind: 'project', value: string): number {
    return Number.parseInt(this.hash(kind, value).slice(0, 12), 16);
  }
}

function keyOf(identity: string): NameKey {
  const secret = Buffer.from(identity);
  const mark = deriveKey(secret, NO_SALT, 'roo names mark v1').subarray(0, MARK_BYTES);
  return {
    seal: cipherKey(secret, NO_SALT, 'roo names v1'),
    hash: deriveKey(secret, NO_SALT, 'roo names hash v1'),
    mark,
  };
}
