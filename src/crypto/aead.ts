// AES-256-GCM and HKDF-SHA-256 as everything here uses them. A tag is always 16 bytes: left to itself Node takes four.

import type { KeyObject } from 'node:crypto';
import { crypto } from './node-crypto.ts';

export const KEY_BYTES = 32;
export const SALT_BYTES = 32;
export const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const CIPHER = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES };

/** A key as the cipher takes it: made of bytes anew for each frame, it would cost more than sealing one. */
export type Key = KeyObject;

/** Ciphertext, then the tag. Never to be called twice with one key and nonce. */
export function sealBytes(key: Key, nonce: Buffer, plain: Uint8Array, bound: Uint8Array): Buffer {
  const cipher = crypto().createCipheriv(CIPHER, key, nonce, OPTIONS);
  cipher.setAAD(bound);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What was sealed; null when it, what it is bound to, or the key is not the same. */
export function openBytes(key: Key, nonce: Buffer, sealed: Buffer, bound: Uint8Array): Buffer | null {
  if (sealed.length < TAG_BYTES) return null;
  const end = sealed.length - TAG_BYTES;
  const decipher = crypto().createDecipheriv(CIPHER, key, nonce, OPTIONS);
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
    return plain;
  } catch {
    // The only thing that `final` can find wrong is the tag.
    return null;
  }
}

/** A key for one purpose and one salt. `purpose` must hold no text of a user but ids. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, purpose: string): Buffer {
  return Buffer.from(crypto().hkdfSync('sha256', secret, salt, purpose, KEY_BYTES));
}

/** As `deriveKey`, for a cipher. */
export function cipherKey(secret: Uint8Array, salt: Uint8Array, purpose: string): Key {
  return crypto().createSecretKey(deriveKey(secret, salt, purpose));
}

export function newSalt(): Buffer {
  return crypto().randomBytes(SALT_BYTES);
}

/** A counter as a nonce, big-endian. */
export function counterNonce(counter: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(counter), NONCE_BYTES - 8);
  return nonce;
}

/** For a key that seals one thing only. */
export const ONLY_NONCE: Buffer = Buffer.alloc(NONCE_BYTES);
