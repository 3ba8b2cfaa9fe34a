// Replaces a file of the project whole or not at all: after a crash or on a full disk, the old content is there. Mode
// and, where the system lets us, owner stay; access lists and extended attributes do not.

import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { requireRegular } from '../regular-file.ts';
import { Refusal } from './tool-answers.ts';

const LINKS_MAX = 40;
const MODE_BITS = 0o7777;

export interface WriteTarget {
  /** Behind all links: what is replaced is the file, never the link. */
  path: string;
  /** Null when nothing is there yet. */
  stats: Stats | null;
}

/** Where writing to `path` leads; a link to nothing leads to the file it names. Throws for what is no regular file. */
export async function writeTarget(path: string): Promise<WriteTarget> {
  let at = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const stats = await fs.lstat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (stats === null) return { path: at, stats };
    if (!stats.isSymbolicLink()) {
      requireRegular(stats, at);
      return { path: at, stats };
    }
    at = resolve(await fs.realpath(dirname(at)), await fs.readlink(at));
  }
  throw new Refusal(`${path}: the symbolic links go round in a circle.`);
}

/**
 * Writes beside the target, syncs, asks `check` a last time, and renames. The folder must be there. `check` throws to
 * keep the old file.
 */
export async function replaceFile(
  { path, stats }: WriteTarget,
  content: Buffer,
  check: () => Promise<void> = async () => {},
): Promise<void> {
  // Of fixed length, so that a long name does not grow over the limit.
  const temporary = join(dirname(path), `.roo-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await fs.open(temporary, 'wx', stats === null ? 0o666 : 0o600);
    try {
      await file.writeFile(content);
      if (stats !== null) await keepOwnerAndMode(file, stats);
      await file.sync();
    } finally {
      await file.close();
    }
    await check();
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw withName(error, path);
  }
}

async function keepOwnerAndMode(file: fs.FileHandle, stats: Stats): Promise<void> {
  const now = await file.stat();
  if (now.uid !== stats.uid || now.gid !== stats.gid) {
    await file.chown(stats.uid, stats.gid).catch((error: NodeJS.ErrnoException) => {
      // Only root gives files away; another's file that we may replace becomes ours, as with any editor.
      if (error.code !== 'EPERM') throw error;
    });
  }
  // After the owner, because changing that takes the set-id bits away.
  await file.chmod(stats.mode & MODE_BITS);
}

/** Whoever reads the failure knows the file and not its temporary twin. */
function withName(error: unknown, path: string): unknown {
  const failure = error as NodeJS.ErrnoException;
  if (failure.syscall !== undefined && basename(failure.path ?? path).startsWith('.roo-')) failure.path = path;
  if (failure.syscall !== undefined) failure.path ??= path;
  return error;
}
