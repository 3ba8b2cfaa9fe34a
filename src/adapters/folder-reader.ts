// Finding session files under a home folder: names, stats and first bytes, nothing more. A folder that is not there is
// empty; one that cannot be read is an error, because an empty answer would say that there are no sessions.

import { promises as fs } from 'node:fs';
import path from 'node:path';
import { systemError } from '../core/errors.ts';

/** What `detect` and `list` may look at. */
export const HEAD_BYTES_MAX: number = 64 * 1024;

export interface FoundFile {
  path: string;
  sizeBytes: number;
  /** Milliseconds since 1970. */
  updatedAtMs: number;
  /** Its first bytes as text; a character cut at the end is dropped. */
  head: string;
}

export interface FolderEntry {
  name: string;
  path: string;
  isFolder: boolean;
}

/** What lies in a folder, by name; nothing when it is not there. Links count as what they point to. */
export async function readFolder(folder: string): Promise<FolderEntry[]> {
  const entries = await noneIfMissing(fs.readdir(folder, { withFileTypes: true }), folder);
  const found: FolderEntry[] = [];
  for (const entry of entries ?? []) {
    const at = path.join(folder, entry.name);
    let isFolder = entry.isDirectory();
    if (entry.isSymbolicLink()) {
      const target = await noneIfMissing(fs.stat(at), at);
      if (target === undefined) continue; // A link to nothing holds nothing.
      isFolder = target.isDirectory();
    }
    found.push({ name: entry.name, path: at, isFolder });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Size, time and first bytes of a file; undefined when it is gone. */
export async function readFound(file: string): Promise<FoundFile | undefined> {
  const handle = await noneIfMissing(fs.open(file, 'r'), file);
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat();
    const bytes = Buffer.alloc(Math.min(stat.size, HEAD_BYTES_MAX));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const head = new TextDecoder().decode(bytes.subarray(0, bytesRead), { stream: true });
    return { path: file, sizeBytes: stat.size, updatedAtMs: Math.floor(stat.mtimeMs), head };
  } catch (error) {
    throw systemError(error, 'read', file);
  } finally {
    await handle.close();
  }
}

/** The text of a small file beside the sessions; undefined when it is not there. */
export async function readSmallFile(file: string): Promise<string | undefined> {
  return noneIfMissing(fs.readFile(file, 'utf8'), file);
}

async function noneIfMissing<T>(result: Promise<T>, at: string): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw systemError(error, 'read', at);
  }
}
