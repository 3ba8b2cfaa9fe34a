// SHA-256 and random names.

import type { Hash } from 'node:crypto';
import { crypto } from '../crypto/node-crypto.ts';

export { crypto };

export function sha256(bytes: Uint8Array): Buffer {
  return crypto().hash('sha256', bytes, 'buffer');
}

export function sha256Hex(bytes: Uint8Array): string {
  return crypto().hash('sha256', bytes, 'hex');
}

/** For bytes that come in pieces. */
export function newSha256(): Hash {
  return crypto().createHash('sha256');
}

/** A name that nobody guesses and nothing else has. */
export function randomName(): string {
  return crypto().randomUUID();
}
