// A session's key as a file of age: 32 bytes for everyone who may read the session. Any age tool opens it; letting
// somebody in writes this small file again, and never the session.

import { SessionError } from '../../core/errors.ts';
import { AGE_FILE_BYTES_MAX, assertSmallFile, damaged, openWithIdentities } from './age-file.ts';
import { readRecipientList, recipientList } from './recipient-list.ts';
import { assertOneKind, assertRecipient } from './recipients.ts';

export const SESSION_KEY_BYTES = 32;

export interface OpenedKey {
  key: Buffer;
  /** Everyone the file is for; null where it was made by another tool, which kept no list. */
  recipients: string[] | null;
}

/** The key for all of these, and for nobody else. Throws USAGE for recipients that are none, or of mixed kinds. */
export async function sealKey(key: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  if (key.length !== SESSION_KEY_BYTES) throw new TypeError(`a session's key has ${SESSION_KEY_BYTES} bytes`);
  const all = [...new Set(recipients)];
  assertOneKind(all);
  for (const recipient of all) await assertRecipient(recipient);
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of all) encrypter.addRecipient(recipient);
  encrypter.addRecipient(await recipientList(all));
  const file = await encrypter.encrypt(key);
  if (file.length <= AGE_FILE_BYTES_MAX) return file;
  throw new SessionError('USAGE', `${all.length} recipients are more than a key file can hold`, {
    op: 'seal key',
    hint: 'share with fewer: a key file holds 1 MiB',
  });
}

/** The key and who else has it; null when it is for none of these identities. Throws KEY_DAMAGED. */
export async function openKey(file: Uint8Array, identities: readonly string[]): Promise<OpenedKey | null> {
  const op = 'open key';
  assertSmallFile(file, op);
  const content = await openWithIdentities(file, identities, op);
  if (!content) return null;
  const { payload, fileKey, stanzas } = content;
  if (payload.length !== SESSION_KEY_BYTES) throw damaged(op, `it holds ${payload.length} bytes, and a key has 32`);
  return { key: payload, recipients: readRecipientList(stanzas, fileKey, op) };
}
