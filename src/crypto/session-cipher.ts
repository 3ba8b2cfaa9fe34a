// All that an encrypted session is sealed with, from its one data key. Whoever holds this can read the session; nobody
// else can, and nobody else can write what it would take for its own.

import type { Key } from './aead.ts';
import { cipherKey, KEY_BYTES, newSalt, ONLY_NONCE, openBytes, sealBytes } from './aead.ts';
import { ContentOpener, contentName, ContentSealer } from './content-seal.ts';
import { FrameOpener, FrameSealer, readSealed } from './frame-seal.ts';
import { crypto } from './node-crypto.ts';

/** Small things that stand beside a log; the name goes into their key, so that none passes for another. */
export type SealedKind = 'inbox' | 'anchor';

export class SessionCipher {
  readonly sessionId: string;
  readonly dataKey: Buffer;
  readonly frames: FrameOpener;

  /** `dataKey` is 32 bytes. */
  constructor(dataKey: Buffer, sessionId: string) {
    if (dataKey.length !== KEY_BYTES) throw new TypeError(`a data key has ${KEY_BYTES} bytes`);
    this.dataKey = dataKey;
    this.sessionId = sessionId;
    this.frames = new FrameOpener(dataKey, sessionId);
  }

  /** With a key that nobody has yet. */
  static fresh(sessionId: string): SessionCipher {
    return new SessionCipher(crypto().randomBytes(KEY_BYTES), sessionId);
  }

  /** For one writer, from where it begins. */
  frameSealer(): FrameSealer {
    return new FrameSealer(this.dataKey, this.sessionId);
  }

  contentSealer(): ContentSealer {
    return new ContentSealer(this.dataKey, this.sessionId);
  }

  contentOpener(header: Buffer): ContentOpener | null {
    return ContentOpener.of(header, this.dataKey, this.sessionId);
  }

  contentName(sha256: Buffer): string {
    return contentName(this.dataKey, this.sessionId, sha256);
  }

  /** One line of JSON. `place` is what the text is bound to, such as the name of its file. */
  sealText(kind: SealedKind, place: string, text: string): string {
    const salt = newSalt();
    const ct = sealBytes(this.#keyOf(kind, salt), ONLY_NONCE, Buffer.from(text), Buffer.from(place));
    return `{"sx":1,"salt":"${salt.toString('base64')}","ct":"${ct.toString('base64')}"}\n`;
  }

  /** Null when it is not what was sealed, or not of this place or session. */
  openText(kind: SealedKind, place: string, line: Buffer): string | null {
    const sealed = readSealed(line);
    if (!sealed) return null;
    const key = this.#keyOf(kind, Buffer.from(sealed.salt, 'base64'));
    return openBytes(key, ONLY_NONCE, sealed.ct, Buffer.from(place))?.toString('utf8') ?? null;
  }

  #keyOf(kind: SealedKind, salt: Buffer): Key {
    return cipherKey(this.dataKey, salt, `roo ${kind} v1|${this.sessionId}`);
  }
}
