// The identity of this home in whichever way it is kept: its text is had and put back through here. Everything that was
// ever the own identity stays in the same text, the current one first: one file is replaced at once or not at all, and
// one passphrase opens all of it.

import { SessionError } from '../../../core/errors.ts';
import type { Keeping } from '../../../store/key-files.ts';
import type { KeyContext } from './key-context.ts';
import { placed } from './key-context.ts';
import { keepInKeychain, readFromKeychain } from './keychain.ts';
import type { Passphrases } from './passphrases.ts';

export interface Unlocked {
  keeping: Keeping;
  /** As age-keygen writes it. Secret. */
  text: string;
  passphrase: string | null;
  /** What was unlocked, to tell whether it is still what is there. */
  stored: Buffer;
}

/** Null when there is no identity. Throws KEY_MISSING, KEY_WRONG_PASSPHRASE, KEY_DAMAGED, STORE_UNSAFE. */
export async function unlockIdentity(context: KeyContext, passphrases: Passphrases): Promise<Unlocked | null> {
  const { files } = context;
  const keeping = files.keeping();
  if (keeping === null) return null;
  const stored = await storedIn(context, keeping);
  if (keeping !== 'passphrase') return { keeping, text: stored.toString('utf8'), passphrase: null, stored };
  const { openIdentityText } = await import('../../../crypto/age/identity-file.ts');
  try {
    const { opened, passphrase } = await passphrases.unlock('your identity', (words) =>
      openIdentityText(stored, words),
    );
    return { keeping, text: opened, passphrase, stored };
  } catch (error) {
    throw placed(error, files.identityPath(keeping));
  }
}

/** Throws KEY_EXISTS when another process has changed it since: what that one wrote is not lost to ours. */
export async function assertSame(context: KeyContext, { keeping, stored }: Unlocked): Promise<void> {
  const { files } = context;
  if (files.keeping() === keeping && (await storedIn(context, keeping)).equals(stored)) return;
  throw new SessionError('KEY_EXISTS', 'another process has changed the identity; that was not overwritten', {
    op: 'write identity',
    path: files.folder,
    hint: 'run it again',
  });
}

/** How an identity is to be kept; the passphrase is null in the other protections. */
export interface Protection {
  keeping: Keeping;
  passphrase: string | null;
}

/**
 * Puts the text in the place of what was there, durably. The caller holds the lock. Throws KEY_MISSING where the
 * keychain does not keep it.
 */
export async function keepIdentity(context: KeyContext, text: string, protection: Protection): Promise<Unlocked> {
  const { files, openKeychain, home } = context;
  const { keeping, passphrase } = protection;
  let stored = Buffer.from(text);
  if (keeping === 'passphrase') {
    const { sealIdentity } = await import('../../../crypto/age/identity-file.ts');
    stored = Buffer.from(await sealIdentity(text, passphrase!));
  }
  if (keeping === 'keychain') {
    if (!(await keepInKeychain(openKeychain, home, text))) throw noKeychain();
    files.replaceIdentity(keeping, Buffer.from(`${JSON.stringify({ keptIn: keeping, account: home })}\n`));
  } else files.replaceIdentity(keeping, stored);
  if (keeping === 'key-file') context.warn(unprotected(files.identityPath(keeping)));
  return { keeping, text, passphrase, stored };
}

export function noKeychain(): SessionError {
  return new SessionError('KEY_MISSING', 'there is no keychain on this system that keeps an identity', {
    op: 'write identity',
    hint: 'leave --keychain out: the identity goes under a passphrase',
  });
}

function unprotected(path: string): { code: 'KEY_UNPROTECTED'; message: string; path: string; hint: string } {
  const message = `${path} is a bare key beside the sessions: it protects them from nobody who can read both`;
  return { code: 'KEY_UNPROTECTED', message, path, hint: 'put it under a passphrase: roo session keys passphrase' };
}

async function storedIn({ files, openKeychain, home }: KeyContext, keeping: Keeping): Promise<Buffer> {
  const bytes = files.identity(keeping);
  return keeping === 'keychain' ? Buffer.from(await readFromKeychain(openKeychain, home)) : bytes;
}
