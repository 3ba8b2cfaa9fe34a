// The passphrase stanza of age by the scrypt of Node: half the time of the one in JavaScript, and beside the event loop.
// https://github.com/C2SP/C2SP/blob/main/age.md#the-scrypt-recipient-type

import type { Identity, Recipient, Stanza } from 'age-encryption';

const TYPE = 'scrypt';
const LABEL = 'age-encryption.org/v1/scrypt';
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const FILE_KEY_BYTES = 16;
const BLOCK_SIZE = 8;
/** What scrypt needs beside its table. */
const MEMORY_BESIDE_BYTES = 1024 * 1024;
const CIPHER = 'chacha20-poly1305';
/** Each salt gives a key of its own, which encrypts once. */
const NONCE: Buffer = Buffer.alloc(12);

/** 2^20 takes a gigabyte and some seconds; a file that asks for more only wants to keep us busy. */
const WORK_FACTOR_LOG_N_MAX = 20;

export async function scryptRecipient(passphrase: string, logN: number): Promise<Recipient> {
  const { Stanza } = await import('age-encryption');
  const { createCipheriv, randomBytes } = process.getBuiltinModule('node:crypto');
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(SALT_BYTES);
      const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt, logN), NONCE, { authTagLength: TAG_BYTES });
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza([TYPE, unpadded(salt), String(logN)], body)];
    },
  };
}

/** Its `unwrapFileKey` throws for a stanza that is malformed, beside others, or too costly. */
export function scryptIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const stanza = stanzas.find(({ args }) => args[0] === TYPE);
      if (!stanza) return null;
      if (stanzas.length !== 1) throw new Error('a passphrase stands beside other recipients');
      const { salt, logN } = parse(stanza);
      const { createDecipheriv } = process.getBuiltinModule('node:crypto');
      const key = await keyOf(passphrase, salt, logN);
      const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(stanza.body.subarray(FILE_KEY_BYTES));
      const fileKey = decipher.update(stanza.body.subarray(0, FILE_KEY_BYTES));
      try {
        return Buffer.concat([fileKey, decipher.final()]);
      } catch {
        return null;
      }
    },
  };
}

function parse({ args, body }: Stanza): { salt: Buffer; logN: number } {
  const [, saltText = '', work = ''] = args;
  const salt = Buffer.from(saltText, 'base64');
  const isSalt = salt.length === SALT_BYTES && unpadded(salt) === saltText;
  if (args.length !== 3 || !isSalt || !/^[1-9][0-9]*$/.test(work) || body.length !== FILE_KEY_BYTES + TAG_BYTES) {
    throw new Error('its passphrase stanza is malformed');
  }
  const logN = Number(work);
  if (logN > WORK_FACTOR_LOG_N_MAX)
    throw new Error(`a work factor of 2^${logN} is more than 2^${WORK_FACTOR_LOG_N_MAX}`);
  return { salt, logN };
}

function keyOf(passphrase: string, salt: Buffer, logN: number): Promise<Buffer> {
  const { scrypt } = process.getBuiltinModule('node:crypto');
  const N = 2 ** logN;
  const cost = { N, r: BLOCK_SIZE, p: 1, maxmem: 128 * BLOCK_SIZE * N + MEMORY_BESIDE_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, cost, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
