// Keys in a home of the test's own, with somebody who answers in place of a person.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Encrypter } from 'age-encryption';
import type { OpenKeychain } from '../../src/cli/services/keys/keychain.ts';
import { SessionKeys } from '../../src/cli/services/SessionKeys.ts';
import { identityText, newIdentity } from '../../src/crypto/age/identities.ts';
import type { NewIdentity } from '../../src/crypto/age/identities.ts';
import { scryptRecipient } from '../../src/crypto/age/scrypt-stanza.ts';
import { tempFolder } from './temp-folder.ts';

export const AT_MS: number = Date.parse('2026-11-01T12:00:00.000Z');
export const AT = '2026-11-01T12:00:00.000Z';

export interface TempKeys {
  folder: string;
  home: string;
  /** Every question that was asked, in all of them. */
  asked: string[];
  /** Keys as a new process has them. */
  keys(options?: { typed?: readonly string[]; env?: Record<string, string>; keychain?: OpenKeychain }): SessionKeys;
  /** A private file; its path. */
  file(name: string, text: string | Uint8Array, mode?: number): string;
  /** A home with an identity under this passphrase. */
  sealed(passphrase: string): Promise<NewIdentity>;
}

export function tempKeys(t: TestContext): TempKeys {
  const folder = tempFolder(t);
  const home = join(folder, 'home');
  const asked: string[] = [];
  const file: TempKeys['file'] = (name, text, mode = 0o600) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode });
    return path;
  };
  return {
    file,
    async sealed(passphrase) {
      const made = await newIdentity('x25519');
      file('home/keys/identity.age', await sealedCheaply(identityText(made, AT), passphrase));
      file('home/keys/recipient.txt', `# created: ${AT}\n${made.recipient}\n`);
      return made;
    },
    folder,
    home,
    asked,
    keys({ typed = [], env = {}, keychain = async () => null } = {}) {
      const answers = [...typed];
      return new SessionKeys({
        home,
        environment: env,
        clock: { now: () => AT_MS },
        openKeychain: keychain,
        async askPassphrase(question) {
          asked.push(question);
          return answers.shift() ?? null;
        },
      });
    },
  };
}

/** An identity file under a passphrase, of the little work that a test of something else can wait for. */
export async function sealedCheaply(text: string, passphrase: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await scryptRecipient(passphrase, 1));
  return encrypter.encrypt(text);
}
