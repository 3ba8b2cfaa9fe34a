// Where the repositories of checkpoints are, and how large. By itself, because usage needs neither git nor locks.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';

/** One repository a project is in here, each with a lock file beside it. */
export function shadowFolder(home: string): string {
  return join(home, 'state', 'checkpoints');
}

/** Bytes of all checkpoints of a home, of every project. Zero when there are none. */
export function checkpointBytes(home: string): number {
  return folderBytes(shadowFolder(home));
}

/** Bytes of all files below a folder. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false }); // A collection may just have removed it.
    if (found?.isDirectory()) bytes += folderBytes(path);
    else bytes += found?.size ?? 0;
  }
  return bytes;
}

/** Empty where the folder is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'list', folder);
  }
}
