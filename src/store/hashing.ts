// SHA-256 and random names. node:crypto is loaded when first used: a list hashes nothing, and loading it takes a fifth
// of the time of the whole command.

import type { Hash } from 'node:crypto';

type Crypto = typeof import('node:crypto');
let loaded: Crypto | undefined;

export function crypto(): Crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'));
}

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
