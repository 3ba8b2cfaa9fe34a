// A file that bytes are taken out of: read in pieces through a filter, whatever its size, and put in its own place whole.

import { closeSync, createReadStream, fsyncSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import type { ByteFilter } from './blob-transfer.ts';
import { syncDirectory, writeFully } from './durable-files.ts';
import { randomName } from './hashing.ts';
import { createPrivate } from './private-file.ts';
import { openSafely } from './safe-file.ts';

/** Passes a file's bytes through a filter and keeps nothing of them: for a filter that reports what it sees. */
export async function lookThrough(path: string, filter: ByteFilter): Promise<void> {
  for await (const piece of createReadStream('', { fd: openSafely(path) })) filter.write(piece as Buffer);
  filter.end();
}

/** Replaces a file by what a filter leaves of it, durably. Cut short, it is as it was. */
export async function filterFile(path: string, filter: ByteFilter): Promise<void> {
  const beside = `${path}.${randomName()}.tmp`;
  let fd = -1;
  try {
    fd = createPrivate(beside);
    for await (const piece of createReadStream('', { fd: openSafely(path) }))
      writeFully(fd, filter.write(piece as Buffer));
    writeFully(fd, filter.end());
    fsyncSync(fd);
    renameSync(beside, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'write', path);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
