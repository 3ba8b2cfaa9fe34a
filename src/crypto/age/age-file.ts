// Opening an age file with what is at hand: the three answers a caller needs apart are "nothing here fits", "it is
// damaged", and its content. The library has one error for all of them, told apart by words that may change.

import type { Decrypter, Stanza } from 'age-encryption';
import { SessionError } from '../../core/errors.ts';
import { scryptIdentity } from './scrypt-stanza.ts';

/** Keys and identities are small; what is larger is none, and is not worth the work of parsing it. */
export const AGE_FILE_BYTES_MAX: number = 1024 * 1024;

const BINARY_START = 'age-encryption.org/';
const ARMOR_START = '-----BEGIN AGE ENCRYPTED FILE-----';
/** Blank lines may stand before armor. */
const START_BYTES = 256;

export interface AgeContent {
  payload: Buffer;
  /** The secret of this one file, from which what its header hides can be derived. */
  fileKey: Uint8Array;
  stanzas: readonly Stanza[];
}

/** True for bytes that begin like an age file, binary or in armor. */
export function isAgeFile(bytes: Uint8Array): boolean {
  return startOf(bytes).startsWith(BINARY_START) || isArmored(bytes);
}

/** Throws KEY_DAMAGED before any work is done. */
export function assertSmallFile(bytes: Uint8Array, op: string): void {
  if (bytes.length > AGE_FILE_BYTES_MAX) throw damaged(op, `it is larger than ${AGE_FILE_BYTES_MAX} bytes`);
}

/**
 * The content of an age file; null when no identity fits. Throws KEY_DAMAGED for what is no whole age file, or was
 * changed, and for an identity that is none.
 */
export async function openWithIdentities(
  bytes: Uint8Array,
  identities: readonly string[],
  op: string,
): Promise<AgeContent | null> {
  return open(bytes, op, (decrypter) => identities.forEach((identity) => decrypter.addIdentity(identity)));
}

/** As `openWithIdentities`, with a passphrase; null when it is not the one. KEY_DAMAGED also for excessive work. */
export async function openWithPassphrase(
  bytes: Uint8Array,
  passphrase: string,
  op: string,
): Promise<AgeContent | null> {
  return open(bytes, op, (decrypter) => decrypter.addIdentity(scryptIdentity(passphrase)));
}

async function open(bytes: Uint8Array, op: string, arm: (decrypter: Decrypter) => void): Promise<AgeContent | null> {
  const age = await import('age-encryption');
  const decrypter = new age.Decrypter();
  try {
    arm(decrypter);
  } catch {
    // Without the cause: its message repeats the secret.
    throw damaged(op, 'an identity is none: a character is wrong or missing');
  }
  // Asked last, and so only when nothing before it fitted.
  let isAnyLeft = false;
  decrypter.addIdentity({ unwrapFileKey: () => ((isAnyLeft = true), null) });
  try {
    const file = isArmored(bytes) ? age.armor.decode(Buffer.from(bytes).toString('latin1')) : bytes;
    const fileKey = await decrypter.decryptHeader(file);
    // The header again, to look into it; the costly part, its recipients, is not done twice.
    let stanzas: readonly Stanza[] = [];
    const again = new age.Decrypter();
    again.addIdentity({ unwrapFileKey: (found: Stanza[]) => ((stanzas = found), fileKey) });
    return { payload: Buffer.from(await again.decrypt(file)), fileKey, stanzas };
  } catch (error) {
    if (isAnyLeft) return null;
    throw damaged(op, (error as Error).message, error);
  }
}

function isArmored(bytes: Uint8Array): boolean {
  return startOf(bytes).trimStart().startsWith(ARMOR_START);
}

function startOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, START_BYTES)).toString('latin1');
}

export function damaged(op: string, why: string, cause?: unknown): SessionError {
  return new SessionError('KEY_DAMAGED', `the key file cannot be read: ${why}`, {
    op,
    cause,
    hint: 'put it back from a backup; what is damaged was left as it is',
  });
}
