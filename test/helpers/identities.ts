// Real identities for tests, without anybody who would have to be asked.

import { newIdentity } from '../../src/crypto/age/identities.ts';
import { SessionError } from '../../src/core/errors.ts';
import type { IdentitySource } from '../../src/cli/services/KeyRing.ts';

export interface Person extends IdentitySource {
  identity: string;
  recipient: string;
}

export async function person(): Promise<Person> {
  const { identity, recipient } = await newIdentity('x25519');
  const identities = async (): Promise<string[]> => [identity];
  return { identity, recipient, identities, available: identities, recipients: () => [recipient] };
}

/** Somebody whose identity is under a passphrase that nobody is there to say. */
export function lockedPerson({ recipient }: Person): IdentitySource {
  return {
    identities: () => Promise.reject(new SessionError('KEY_MISSING', 'nobody to ask', { op: 'unlock' })),
    available: async () => [],
    recipients: () => [recipient],
  };
}
