// Small files of the shadow repository, written so that a crash leaves the old or the new one.

import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../../core/errors.ts';

/** Null when it is not there. Any other failure throws. */
export function textIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw systemError(error, 'read', path);
  }
}

/** Replaces a file; the new one is durable when this returns. */
export function writeDurably(path: string, text: string): void {
  const beside = `${path}.tmp`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flush: true });
    renameSync(beside, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', path);
  }
}

/** Makes the names in a folder durable. Windows cannot, and orders renames by itself. */
export function syncFolder(path: string | Buffer): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Gives a file a second name; false when there is none. git tells files that changed in the moment of the last look by
 * the time of its index, so a copy (where a disk has no second names) must not be younger.
 */
export function twin(path: string, other: string): boolean {
  rmSync(other, { force: true });
  try {
    linkSync(path, other);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw systemError(error, 'link', other);
  }
  const { atimeMs, mtimeMs } = statSync(path);
  copyFileSync(path, other);
  utimesSync(other, atimeMs / 1000, Math.floor(mtimeMs) / 1000);
  return true;
}
