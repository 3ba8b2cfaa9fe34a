// A keychain in memory, as the operating system would have one: with what it holds, and with the ways in which it fails.

import type { Keychain, OpenKeychain } from '../../src/cli/services/keys/keychain.ts';

export interface FakeKeychain {
  open: OpenKeychain;
  entries: Map<string, string>;
}

export function fakeKeychain(faults: Partial<Keychain> = {}): FakeKeychain {
  const entries = new Map<string, string>();
  const keychain: Keychain = {
    read: async (account) => entries.get(account) ?? null,
    write: async (account, secret) => void entries.set(account, secret),
    remove: async (account) => void entries.delete(account),
    ...faults,
  };
  return { open: async () => keychain, entries };
}
