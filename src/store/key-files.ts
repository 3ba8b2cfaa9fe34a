// Where identities live: ROO_HOME/keys, of this machine and its owner alone. What is in the files is secret to this
// part too; it knows their names, their modes, and which of them counts.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import type { Warning } from '../core/errors.ts';
import { ensureDirectory, replaceFile, syncDirectory } from './durable-files.ts';
import { isSafeFile, lookAtFolder, readPrivately } from './safe-file.ts';
import { namesIn } from './session-files.ts';

/** How an identity is protected: by the keychain of the operating system, by a passphrase, or by nothing. */
export type Keeping = 'keychain' | 'passphrase' | 'key-file';

/** In the order in which they count: a crash while the protection changes can leave two, with the same identity. */
const IDENTITY_NAMES: Readonly<Record<Keeping, string>> = {
  passphrase: 'identity.age',
  keychain: 'identity.json',
  'key-file': 'identity.txt',
};
export const KEEPINGS: readonly Keeping[] = Object.keys(IDENTITY_NAMES) as Keeping[];

/** Longer is no key of ours. */
export const KEY_FILE_BYTES_MAX: number = 1024 * 1024;

export class KeyFiles {
  readonly folder: string;
  /** Public: the own recipient, as `age -R` takes it. */
  readonly recipientPath: string;
  /** Public: who else new sessions are for. */
  readonly othersPath: string;

  constructor(home: string) {
    this.folder = join(home, 'keys');
    this.recipientPath = join(this.folder, 'recipient.txt');
    this.othersPath = join(this.folder, 'recipients.json');
  }

  identityPath(keeping: Keeping): string {
    return join(this.folder, IDENTITY_NAMES[keeping]);
  }

  /** Throws STORE_UNSAFE where others may write; a warning where they may look. */
  look(): Warning | null {
    return lookAtFolder(this.folder);
  }

  /** How the identity is kept; null where there is none. Throws STORE_UNSAFE for a link and the like. */
  keeping(): Keeping | null {
    return KEEPINGS.find((keeping) => isSafeFile(this.identityPath(keeping), 'look at')) ?? null;
  }

  /** Throws KEY_MISSING when it was taken away. */
  identity(keeping: Keeping): Buffer {
    const path = this.identityPath(keeping);
    const bytes = readPrivately(path, KEY_FILE_BYTES_MAX);
    if (bytes !== null) return bytes;
    throw new SessionError('KEY_MISSING', `${path} is not there any more`, { op: 'read', path });
  }

  /** Null when there is none. */
  text(path: string): string | null {
    return readPrivately(path, KEY_FILE_BYTES_MAX)?.toString('utf8') ?? null;
  }

  /** Durable before those of other protections go. The caller holds the lock. */
  replaceIdentity(keeping: Keeping, bytes: Uint8Array): void {
    this.write(this.identityPath(keeping), bytes);
    this.#remove(KEEPINGS.filter((other) => other !== keeping).map((other) => this.identityPath(other)));
    // What a killed process was about to put in the place of the identity is an identity too.
    const unfinished = namesIn(this.folder).filter((name) => name.startsWith('identity.') && name.endsWith('.tmp'));
    this.#remove(unfinished.map((name) => join(this.folder, name)));
  }

  /** A bare identity beside one that is protected, as a kill in the middle of protecting it leaves; null without. */
  bareCopy(keeping: Keeping): Buffer | null {
    const path = this.identityPath('key-file');
    return keeping !== 'key-file' && isSafeFile(path, 'look at') ? this.identity('key-file') : null;
  }

  removeBareCopy(): void {
    this.#remove([this.identityPath('key-file')]);
  }

  write(path: string, bytes: Uint8Array): void {
    ensureDirectory(this.folder);
    this.look();
    replaceFile(path, bytes);
  }

  #remove(paths: readonly string[]): void {
    if (paths.length === 0) return;
    try {
      for (const path of paths) rmSync(path, { force: true });
      syncDirectory(this.folder);
    } catch (error) {
      throw systemError(error, 'remove', this.folder);
    }
  }
}
