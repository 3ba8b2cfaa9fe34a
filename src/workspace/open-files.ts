// The files that a session has in view, and whether they are still as it saw them: a model that goes on after a pause
// edits what it remembers, so it must be told what changed.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Files } from '../core/record.ts';
import { systemError } from '../core/errors.ts';
import { NotARegularFile, openRegularFile } from './regular-file.ts';

const OPEN_MAX = 100;
/** Larger files are told apart by size and time alone. */
const HASHED_BYTES_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

export type Fingerprints = NonNullable<Files['fingerprints']>;
export type Fingerprint = Fingerprints[string];

export interface OpenFileChange {
  path: string;
  /** `unreadable`: something is there that cannot be read as a file any more. */
  kind: 'changed' | 'deleted' | 'unreadable';
}

/** The list after a tool named more paths: the last named stands last, the longest unnamed are dropped beyond 100. */
export function openFilesAfter(open: readonly string[], named: readonly string[]): string[] {
  const list = new Set(open);
  for (const path of named) {
    list.delete(path);
    list.add(path);
  }
  return [...list].slice(-OPEN_MAX);
}

/** By path as given; files that are not there, or are no files, have none. */
export async function fingerprintsOf(paths: readonly string[], workingDirectory: string): Promise<Fingerprints> {
  const found: [string, Fingerprint][] = [];
  for (const path of paths) {
    const print = await fingerprint(resolve(workingDirectory, path));
    if (typeof print === 'object') found.push([path, print]);
  }
  // Unlike an assignment, this takes a file named __proto__ for what it is.
  return Object.fromEntries(found);
}

/** What is not as it was. A file that was only touched, and says the same, has not changed. */
export async function changedSince(saved: Fingerprints, workingDirectory: string): Promise<OpenFileChange[]> {
  const changes: OpenFileChange[] = [];
  for (const [path, before] of Object.entries(saved)) {
    const now = await fingerprint(resolve(workingDirectory, path), before);
    if (typeof now === 'string') changes.push({ path, kind: now });
    else if (!isSame(before, now)) changes.push({ path, kind: 'changed' });
  }
  return changes;
}

function isSame(before: Fingerprint, now: Fingerprint): boolean {
  if (before.size !== now.size) return false;
  if (before.mtimeMs === now.mtimeMs) return true;
  return before.hash !== undefined && before.hash === now.hash;
}

/** Where size and time are as `before`, its hash is taken over and the file is not read. */
async function fingerprint(path: string, before?: Fingerprint): Promise<Fingerprint | 'deleted' | 'unreadable'> {
  try {
    const file = await openRegularFile(path);
    try {
      const { size, mtimeMs } = await file.stat();
      if (before?.size === size && before.mtimeMs === mtimeMs) return before;
      if (size > HASHED_BYTES_MAX) return { size, mtimeMs };
      const hash = createHash('sha256');
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let left = HASHED_BYTES_MAX; left > 0;) {
        const { bytesRead } = await file.read(chunk, 0, Math.min(left, chunk.length), null);
        if (bytesRead === 0) break;
        hash.update(chunk.subarray(0, bytesRead));
        left -= bytesRead;
      }
      return { size, mtimeMs, hash: hash.digest('hex') };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'deleted';
    if (error instanceof NotARegularFile || code === 'EACCES' || code === 'EPERM' || code === 'ELOOP')
      return 'unreadable';
    throw systemError(error, 'read', path);
  }
}
