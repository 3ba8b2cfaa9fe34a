// Opening files of the store for writing: never through a link, never into a file that is not ours alone or has a second
// name, never waiting for the other end of a pipe, and with a mode that no umask decides.

import { chmodSync, closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { assertSafeFile, SAFE_FLAGS } from './safe-file.ts';
import { DIRECTORY_MODE, FILE_MODE } from './store-layout.ts';

/** For writing, as the flags say besides. Throws STORE_UNSAFE, and what opening throws. The caller closes. */
export function openPrivate(path: string, flags: number): number {
  const fd = openSync(path, flags | SAFE_FLAGS, FILE_MODE);
  try {
    const stat = fstatSync(fd);
    assertSafeFile(stat, path, 'write');
    // A umask can take from the owner as well.
    if ((stat.mode & FILE_MODE) !== FILE_MODE) fchmodSync(fd, FILE_MODE);
    return fd;
  } catch (error) {
    closeSync(fd);
    // An empty file would stand where the next attempt must find none.
    if ((flags & constants.O_EXCL) !== 0) rmSync(path, { force: true });
    throw error;
  }
}

/** A file that must not be there yet. Throws as `openPrivate`. */
export function createPrivate(path: string): number {
  return openPrivate(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
}

/** Makes a folder and those above it that are missing; answers the ones it made, the outermost first. */
export function makePrivateFolder(path: string): string[] {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) missing.unshift(at);
  return missing.filter((folder) => {
    // Not when somebody else was first.
    if (mkdirSync(folder, { recursive: true, mode: DIRECTORY_MODE }) === undefined) return false;
    if ((statSync(folder).mode & DIRECTORY_MODE) !== DIRECTORY_MODE) chmodSync(folder, DIRECTORY_MODE);
    return true;
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
