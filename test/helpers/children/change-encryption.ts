// Encrypts, rekeys or decrypts a session, and says a line when it begins. Arguments: home, file with an identity,
// session, what to do.

import { readFileSync, writeSync } from 'node:fs';
import { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';

const [home, keyFile, id, step] = process.argv.slice(2);
const identities = async (): Promise<string[]> => [readFileSync(keyFile!, 'utf8').trim()];
const { recipientOf } = await import('../../../src/crypto/age/identities.ts');
const recipient = await recipientOf((await identities())[0]!);
const storage = new SessionStorage({
  home: home!,
  identities: async () => ({ identities, available: identities, recipients: () => [recipient] }),
});
const encryption = await storage.encryption();
writeSync(1, 'begun\n');
await encryption[step as 'encrypt' | 'rekey' | 'decrypt'](id!);
writeSync(1, 'done\n');
// To be killed.
setInterval(() => undefined, 1000);
