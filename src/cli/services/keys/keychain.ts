// The keychain of the operating system, where there is one. On Linux that is the Secret Service alone: the kernel's
// keyring, to which the library falls back, forgets everything when the machine starts again.

import { SessionError } from '../../../core/errors.ts';

const SERVICE = 'roo';

export interface Keychain {
  /** Null when it has nothing for this account. */
  read(account: string): Promise<string | null>;
  write(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<void>;
}

export type OpenKeychain = () => Promise<Keychain | null>;

/** Null where the library is not installed, or not for this system. Whether there is a keychain shows when it is used. */
export const systemKeychain: OpenKeychain = async () => {
  let keyring: typeof import('@napi-rs/keyring');
  try {
    keyring = await import('@napi-rs/keyring');
  } catch {
    return null;
  }
  const entry = (account: string): InstanceType<typeof keyring.AsyncEntry> =>
    new keyring.AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
  return {
    read: async (account) => (await entry(account).getPassword()) ?? null,
    write: async (account, secret) => entry(account).setPassword(secret),
    remove: async (account) => void (await entry(account).deletePassword()),
  };
};

/** Throws KEY_MISSING for what the keychain does not give. */
export async function readFromKeychain(open: OpenKeychain, account: string): Promise<string> {
  let secret: string | null | undefined;
  let cause: unknown;
  try {
    secret = await (await open())?.read(account);
  } catch (error) {
    cause = error;
  }
  if (typeof secret === 'string') return secret;
  const why = secret === null ? 'holds no identity for this home' : 'cannot be reached';
  throw new SessionError('KEY_MISSING', `the keychain of this system ${why}`, {
    op: 'read identity',
    path: account,
    cause,
    hint: 'unlock the keychain, or name a copy of the identity: ROO_IDENTITY=FILE',
  });
}

/** True when the keychain has it, and gives it back: some take it and keep nothing. */
export async function keepInKeychain(open: OpenKeychain, account: string, secret: string): Promise<boolean> {
  try {
    const keychain = await open();
    if (!keychain) return false;
    await keychain.write(account, secret);
    return (await keychain.read(account)) === secret;
  } catch {
    // Without the cause: what a keychain says of a secret that it refused may hold it.
    return false;
  }
}
