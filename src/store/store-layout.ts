// Every path and file mode of the store in one place. Two roots: the sessions folder, which may be synced or on a
// network, and ROO_HOME/state, which is of this machine alone.

import { basename, dirname, join, resolve } from 'node:path';
import { readdirSync, realpathSync } from 'node:fs';
import { shortHash } from '../core/text-hash.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import { parseSessionFileName, sessionFileName } from '../core/session-file-name.ts';

export const DIRECTORY_MODE = 0o700;
export const FILE_MODE = 0o600;

/** Keys of encrypted sessions, as far as they are at hand. */
export interface SessionKeySource {
  /** Null for a session that is not encrypted, or whose key was not unlocked. */
  cipherOf(id: string): SessionCipher | null;
  /** True for a session that has a key, at hand or not. */
  isSealed(id: string): boolean;
}

export interface StoreLayout {
  home: string;
  sessionsDir: string;
  /** `metadata.json`: format version and id of the store. */
  manifestPath: string;
  trashDir: string;
  stateDir: string;
  configPath: string;
  indexPath: string;
  locksDir: string;
  dirtyDir: string;
  logPath(id: string, part?: number): string;
  inboxDir(id: string): string;
  /** Lock file for other machines, beside the log. */
  sharedLockPath(id: string): string;
  blobDir(family: string): string;
  /** Large parts of an encrypted session: it shares them with nobody. */
  sealedBlobDir(id: string): string;
  /** The age file with an encrypted session's key. */
  keyPath(id: string): string;
  /** How far an encrypted session had come, of this machine. */
  anchorPath(id: string): string;
  /** `foreign` for files that are only read, as by an import. */
  trust?: 'ours' | 'foreign';
  keys?: SessionKeySource;
}

/**
 * The layout for a home and a sessions folder. Machine-local state is kept apart by the sessions folder's real path,
 * so that one home can serve several folders and a folder has one lock however it is reached.
 */
export function storeLayout(home: string, sessionsDir: string = join(home, 'sessions')): StoreLayout {
  const sessions = resolve(sessionsDir);
  const key = shortHash(realPathOf(sessions)).toString(16).padStart(8, '0');
  const stateDir = join(home, 'state');
  return {
    home,
    sessionsDir: sessions,
    manifestPath: join(sessions, 'metadata.json'),
    trashDir: join(sessions, 'trash'),
    stateDir,
    configPath: join(home, 'config.json'),
    indexPath: join(stateDir, `index-${key}.db`),
    locksDir: join(stateDir, 'locks', key),
    dirtyDir: join(stateDir, 'dirty', key),
    logPath: (id, part = 1) =>
      join(sessions, id.includes('~') && part === 1 ? conflictName(sessions, id) : sessionFileName(id, part)),
    inboxDir: (id) => join(sessions, `session-${id}.inbox`),
    sharedLockPath: (id) => join(sessions, `session-${id}.lock`),
    blobDir: (family) => join(sessions, 'blobs', family),
    sealedBlobDir: (id) => join(sessions, 'blobs', `${sealedId(id)}.sealed`),
    keyPath: (id) => join(sessions, 'keys', `${sealedId(id)}.age`),
    anchorPath: (id) => join(stateDir, 'anchors', key, `${id}.json`),
  };
}

/** A second version that a syncer left is sealed as the session that it is a version of. */
export function sealedId(id: string): string {
  return id.split('~', 1)[0]!;
}

/** Name of the conflict copy with this id; only a look at all names tells. Its canonical name where it is gone. */
function conflictName(directory: string, id: string): string {
  const isIt = (name: string): boolean => parseSessionFileName(name)?.id === id;
  return readdirSync(directory).find(isIt) ?? sessionFileName(id);
}

/** The same before and after the folder is made, so that two writers of the first session agree on its lock. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    return join(realPathOf(above), basename(path));
  }
}
