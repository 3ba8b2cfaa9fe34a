// Writing so that it is there after a crash: loops over short writes, syncs files and their folders, replaces files
// without a moment in which neither the old nor the new one is whole.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import { randomName } from './hashing.ts';
import { createPrivate, makePrivateFolder, openPrivate } from './private-file.ts';

/**
 * Writes all of the bytes at the descriptor's position. `writeSync` returns a short count without throwing when the
 * disk fills up in the middle; the next call then throws.
 */
export function writeFully(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    const count = writeSync(fd, bytes, written, bytes.length - written);
    if (count === 0) throw Object.assign(new Error('the file takes no more bytes'), { code: 'ENOSPC' });
    written += count;
  }
}

/** The bytes in the place of what a file held; it is made where it is not there. Neither whole nor durable for sure. */
export function overwrite(path: string, bytes: Uint8Array): void {
  const fd = openPrivate(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    ftruncateSync(fd, 0);
    writeFully(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

/** Makes names in a folder durable. Windows cannot sync a folder and orders renames by itself. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes a private folder and those above it that are missing, durably; leaves existing ones as they are. */
export function ensureDirectory(path: string): void {
  try {
    // A folder whose own name is not durable takes everything in it along when the power fails.
    for (const made of makePrivateFolder(path).toReversed()) syncDirectory(dirname(made));
  } catch (error) {
    throw systemError(error, 'create', path);
  }
}

/** Only a missing entry means that nothing is there; a folder that cannot be searched throws. Links are not followed. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw systemError(error, 'look at', path);
  }
}

/** Writes a file whole, beside its place, and moves it there: readers see the old or the new one, never a part. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const beside = `${path}.${randomName()}.tmp`;
  try {
    writeNewFile(beside, bytes);
    renameSync(beside, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', path);
  }
}

/** Writes and syncs a file that must not be there yet. The caller syncs the folder. */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  const fd = createPrivate(path);
  try {
    writeFully(fd, bytes);
    fsyncSync(fd);
    if (fstatSync(fd).size !== bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
