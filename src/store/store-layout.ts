// Every path and file mode of the store in one place. Two roots: the sessions folder, which may be synced or on a
// network, and ROO_HOME/state, which is of this machine alone.

import { basename, dirname, join, resolve } from 'node:path';
import { readdirSync, realpathSync } from 'node:fs';
import { shortHash } from '../core/text-hash.ts';
import { parseSessionFileName, sessionFileName } from '../core/session-file-name.ts';

export const DIRECTORY_MODE = 0o700;
export const FILE_MODE = 0o600;

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
  /** `foreign` for files that are only read, as by an import. */
  trust?: 'ours' | 'foreign';
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
  };
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
