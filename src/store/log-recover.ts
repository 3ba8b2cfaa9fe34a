// Before the first append after a crash: what stands behind the last whole frame is copied to a file of its own and
// cut off, so that the next frame begins on a frame boundary. Damage in the middle is never touched here.

import { closeSync, constants, fdatasyncSync, fsyncSync, ftruncateSync, readSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import { isThere, syncDirectory, writeFully } from './durable-files.ts';
import { createPrivate, openPrivate } from './private-file.ts';

const COPY_BYTES = 1024 * 1024;

/**
 * Cuts a log file at `endBytes` after keeping the cut bytes durably as `<log without .json.gz>.torn-<n>`. Returns the
 * path of the kept bytes. The caller holds the session's lock.
 */
export function cutTornTail(path: string, endBytes: number): string {
  const kept = freePath(path.replace(/\.json\.gz$/, '') + '.torn');
  let fd = -1;
  try {
    fd = openPrivate(path, constants.O_RDWR);
    copyDurably(fd, endBytes, kept);
    ftruncateSync(fd, endBytes);
    fdatasyncSync(fd);
    return kept;
  } catch (error) {
    throw systemError(error, 'recover', path);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** Copies from an offset to the end, in pieces: a disk that was filled with zeros can leave a tail of gigabytes. */
function copyDurably(from: number, offset: number, path: string): void {
  const to = createPrivate(path);
  try {
    const piece = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = offset; ;) {
      const count = readSync(from, piece, 0, piece.length, at);
      if (count === 0) break;
      writeFully(to, piece.subarray(0, count));
      at += count;
    }
    fsyncSync(to);
  } catch (error) {
    // Half a copy of what is still in the log serves nobody, and takes up the space that was short.
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(to);
  }
  syncDirectory(dirname(path));
}

/** The first of `<stem>-1`, `<stem>-2` … that is free. */
export function freePath(stem: string): string {
  for (let n = 1; ; n++) if (!isThere(`${stem}-${n}`)) return `${stem}-${n}`;
}
