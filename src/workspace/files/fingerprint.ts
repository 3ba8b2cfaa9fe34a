// What tells whether a file that the session read or wrote is still the same: size, time, and where those differ, its
// content. Only such files are hashed, so a look at a tree reads none of the others.

import { createHash } from 'node:crypto';
import { createReadStream, lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemError } from '../../core/errors.ts';
import type { Files } from '../../core/record.ts';
import { isSecretName } from '../secret-names.ts';

export type Fingerprint = NonNullable<Files['fingerprints']>[string];

/** A larger file is known by its size and time alone, in bytes. */
const HASHED_BYTES_MAX = 16 * 1024 * 1024;
/** A file that was looked at this soon after its time may have changed again within the file system's grain. */
const RACY_MS = 2000;

/**
 * Of a file at `path`, with `/` between its parts, below `root`, or absolute; null where there is none (a folder is none either). What is known of it
 * from `earlier`, taken at `earlierAtMs`, spares reading it again.
 */
export async function fingerprintOf(
  root: string,
  path: string,
  earlier?: Fingerprint,
  earlierAtMs: number = 0,
): Promise<Fingerprint | null> {
  const absolute = resolve(root, path);
  try {
    const stat = lstatSync(absolute, { throwIfNoEntry: false });
    if (!stat || !(stat.isFile() || stat.isSymbolicLink())) return null;
    const seen: Fingerprint = { size: stat.size, mtimeMs: stat.mtimeMs };
    if (!stat.isFile() || stat.size > HASHED_BYTES_MAX || isSecretName(path)) return seen;
    const isSame = earlier?.size === seen.size && earlier.mtimeMs === seen.mtimeMs;
    if (isSame && earlier.hash !== undefined && seen.mtimeMs < earlierAtMs - RACY_MS) return earlier;
    return { ...seen, hash: await hashOf(absolute) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw systemError(error, 'read', absolute);
  }
}

export function isSameFile(a: Fingerprint, b: Fingerprint): boolean {
  if (a.hash !== undefined && b.hash !== undefined) return a.hash === b.hash;
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
