// Identity files in the user's hands, bare or under a passphrase, never changed by us: what ROO_IDENTITY names, and what
// is imported. The recipient is known before unlocking where age-keygen has noted it.

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SessionError, systemError } from '../../../core/errors.ts';
import { KEY_FILE_BYTES_MAX } from '../../../store/key-files.ts';
import { readPrivately } from '../../../store/safe-file.ts';
import { placed } from './key-context.ts';
import type { Passphrases } from './passphrases.ts';

const PUBLIC_KEY = /^# public key: (age1[0-9a-z]+)\r?$/m;

export interface IdentityFile {
  path: string;
  bytes: Buffer;
}

/** What ROO_IDENTITY names; null when it is not set. Throws as `readIdentityFile` does. */
export function namedIdentity(environment: Readonly<Record<string, string | undefined>>): IdentityFile | null {
  const named = environment['ROO_IDENTITY'];
  return named ? readIdentityFile(named, 'name a file of age-keygen, or unset ROO_IDENTITY') : null;
}

/** Links are followed: the user named the file. Throws KEY_MISSING with the hint, and STORE_UNSAFE. */
export function readIdentityFile(name: string, hint: string): IdentityFile {
  const path = resolve(name);
  const op = 'read identity';
  let bytes: Buffer | null = null;
  try {
    bytes = readPrivately(realpathSync(path), KEY_FILE_BYTES_MAX);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError(error, op, path);
  }
  if (bytes !== null) return { path, bytes };
  throw new SessionError('KEY_MISSING', `the identity file ${path} is not there`, { op, path, hint });
}

/** As far as the file says it openly; whoever unlocks it compares. */
export function notedRecipient({ bytes }: IdentityFile): string | null {
  return PUBLIC_KEY.exec(bytes.toString('latin1'))?.[1] ?? null;
}

/** The text of an identity file, out of its passphrase where it is under one. Throws as `Passphrases.unlock` does. */
export async function identityTextOf(
  file: IdentityFile,
  passphrases: Passphrases,
): Promise<{ text: string; passphrase: string | null }> {
  const { isAgeFile } = await import('../../../crypto/age/age-file.ts');
  if (!isAgeFile(file.bytes)) return { text: file.bytes.toString('utf8'), passphrase: null };
  const { openIdentityText } = await import('../../../crypto/age/identity-file.ts');
  try {
    const { opened, passphrase } = await passphrases.unlock(file.path, (words) => openIdentityText(file.bytes, words));
    return { text: opened, passphrase };
  } catch (error) {
    throw placed(error, file.path);
  }
}
