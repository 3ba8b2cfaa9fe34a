// An identity under a passphrase: the text of an identity file inside an age file, so that `age -d` shows it and any age
// tool takes it. Not a format of ours, because this is the one file that must still open when roo is not there.

import { SessionError } from '../../core/errors.ts';
import { assertSmallFile, openWithPassphrase } from './age-file.ts';
import { parseIdentities } from './identities.ts';
import { scryptRecipient } from './scrypt-stanza.ts';

/**
 * 2^17 is what OWASP asks of scrypt (r = 8, p = 1): 128 MiB and under a second for each try, ours and a guesser's. Age's
 * own default is twice as slow, and this is waited for in front of a prompt.
 */
export const WORK_FACTOR_LOG_N = 17;

/** `text` is that of an identity file, or an identity alone. */
export async function sealIdentity(text: string, passphrase: string): Promise<Uint8Array> {
  parseIdentities(text);
  if (passphrase === '') throw new TypeError('an empty passphrase protects nothing');
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.addRecipient(await scryptRecipient(passphrase, WORK_FACTOR_LOG_N));
  return encrypter.encrypt(text.endsWith('\n') ? text : `${text}\n`);
}

/** The text as it was sealed, comments too. Throws KEY_WRONG_PASSPHRASE, and KEY_DAMAGED. */
export async function openIdentityText(file: Uint8Array, passphrase: string): Promise<string> {
  const op = 'open identity';
  assertSmallFile(file, op);
  const content = await openWithPassphrase(file, passphrase, op);
  if (content) return content.payload.toString('utf8');
  throw new SessionError('KEY_WRONG_PASSPHRASE', 'this passphrase does not open the identity', {
    op,
    hint: 'try again; without the passphrase the identity cannot be had',
  });
}
