// How a new identity is to be kept: in the keychain where there is one that works, else under a passphrase. A bare file is
// nobody's default: it looks like protection and is none.

import type { Keeping } from '../../../store/key-files.ts';
import type { KeyContext } from './key-context.ts';
import { keepInKeychain } from './keychain.ts';
import { noKeychain } from './own-identity.ts';
import type { Protection } from './own-identity.ts';

export interface ProtectionWish {
  protection?: Keeping | undefined;
  /** Where it is known already; else it is read or asked for. */
  passphrase?: string | undefined;
}

const NOBODY_TO_ASK =
  'name a file in ROO_PASSPHRASE_FILE; or keep a bare key that protects nothing: roo session keys create --key-file';

/** Asks for a passphrase where one is needed. Throws KEY_MISSING, KEY_WRONG_PASSPHRASE. */
export async function chooseProtection(context: KeyContext, wish: ProtectionWish): Promise<Protection> {
  const { protection, passphrase } = wish;
  if (protection === 'key-file') return { keeping: 'key-file', passphrase: null };
  if (protection === 'keychain' || (protection === undefined && passphrase === undefined)) {
    if (await hasKeychain(context)) return { keeping: 'keychain', passphrase: null };
    if (protection === 'keychain') throw noKeychain();
  }
  const { passphrases } = context;
  const chosen = passphrase ?? passphrases.fromFile() ?? (await passphrases.choose(NOBODY_TO_ASK));
  return { keeping: 'passphrase', passphrase: chosen };
}

/** Only keeping something shows it: a keychain may be there and locked for good, or take everything and keep nothing. */
async function hasKeychain({ openKeychain, home }: KeyContext): Promise<boolean> {
  const account = `${home} (is there a keychain?)`;
  if (!(await keepInKeychain(openKeychain, account, 'yes'))) return false;
  await (await openKeychain())?.remove(account);
  return true;
}

/** What is there before the first identity is kept; null for other protections too. */
export async function heldByKeychain({ openKeychain, home }: KeyContext, keeping: Keeping): Promise<string | null> {
  return keeping === 'keychain' ? ((await (await openKeychain())?.read(home)) ?? null) : null;
}

/** After the identity is kept elsewhere, durably. What the keychain does not let go is a warning. */
export async function forgetInKeychain({ openKeychain, home, warn }: KeyContext): Promise<void> {
  try {
    await (await openKeychain())?.remove(home);
  } catch {
    const hint = `remove the entry "roo" for ${home} in the settings of the keychain`;
    warn({ code: 'KEY_UNPROTECTED', message: 'the keychain still holds the identity beside its new place', hint });
  }
}
