// Who a key file is for, readable by them alone. Age hides it: a stanza of its own shows nobody's name. To let one more
// person in, all the others have to be known, so their list travels in the header, under a key that only opening the
// file gives. Other tools pass over stanzas that they do not know, and the header's MAC covers ours with the rest.

import type { Recipient, Stanza } from 'age-encryption';
import { damaged } from './age-file.ts';

const TYPE = 'roo.recipients';
const INFO = 'roo recipients v1';
const RECIPIENT = /^age1[0-9a-z]+$/;
const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
/** Each file has a file key of its own and one list, so a key of this cipher encrypts once. */
const NONCE: Buffer = Buffer.alloc(12);

/** As a recipient that the library asks for its stanzas; it opens nothing. */
export async function recipientList(recipients: readonly string[]): Promise<Recipient> {
  const { Stanza } = await import('age-encryption');
  return { wrapFileKey: (fileKey) => [new Stanza([TYPE], encrypt(recipients.join('\n'), fileKey))] };
}

/** The list in a header; null where a tool that knows of none made the file. Throws KEY_DAMAGED. */
export function readRecipientList(stanzas: readonly Stanza[], fileKey: Uint8Array, op: string): string[] | null {
  const found = stanzas.filter(({ args }) => args[0] === TYPE);
  if (found.length === 0) return null;
  const [stanza] = found;
  if (found.length > 1 || !stanza || stanza.args.length !== 1) throw damaged(op, 'its list of recipients is malformed');
  let list: string[];
  try {
    list = decrypt(stanza.body, fileKey).split('\n');
  } catch (error) {
    throw damaged(op, 'its list of recipients was changed', error);
  }
  // Whoever has the key can write what they like here, and it is shown and sealed for.
  if (!list.every((line) => RECIPIENT.test(line))) throw damaged(op, 'its list of recipients holds something else');
  return list;
}

function encrypt(text: string, fileKey: Uint8Array): Buffer {
  const { createCipheriv } = process.getBuiltinModule('node:crypto');
  const cipher = createCipheriv(CIPHER, listKey(fileKey), NONCE, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(body: Uint8Array, fileKey: Uint8Array): string {
  const { createDecipheriv } = process.getBuiltinModule('node:crypto');
  const cut = body.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, listKey(fileKey), NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(body.subarray(cut));
  return Buffer.concat([decipher.update(body.subarray(0, cut)), decipher.final()]).toString('utf8');
}

function listKey(fileKey: Uint8Array): Buffer {
  const { hkdfSync } = process.getBuiltinModule('node:crypto');
  return Buffer.from(hkdfSync('sha256', fileKey, '', INFO, 32));
}
