// The files of a project as a person sees them: without what git ignores, without following links (they lead out of the
// tree, or round in circles). Folder by folder from the top, so that a list that is cut shows the tree's upper part.

import { promises as fs } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { gitRoot } from '../git-info.ts';
import { IgnoreRules } from './ignore-rules.ts';

export interface Entry {
  /** Absolute. */
  path: string;
  /** `other` is a pipe, a socket or a device; `unreadable` a folder that the system would not list. */
  kind: 'file' | 'folder' | 'link' | 'other' | 'unreadable';
}

/** What is in the folder, in order of names; below it too where `isRecursive`. Throws when it cannot be listed itself. */
export async function* walkFiles(
  folder: string,
  { isRecursive, signal }: { isRecursive: boolean; signal: AbortSignal },
): AsyncGenerator<Entry> {
  // What is wrong with the folder itself is said before git's files above it are looked for.
  await (await fs.opendir(folder)).close();
  const queue = [{ folder, above: await IgnoreRules.above(folder, await gitRoot(folder)) }];
  for (let at = queue.pop(); at; at = queue.shift()) {
    signal.throwIfAborted();
    const found = await listed(at.folder, at.folder === folder);
    if (found === null) {
      yield { path: at.folder, kind: 'unreadable' };
      continue;
    }
    const rules = await at.above.within(at.folder);
    for (const entry of found) {
      const path = join(at.folder, entry.name);
      const kind = kindOf(entry);
      if (rules.ignores(path, kind === 'folder')) continue;
      yield { path, kind };
      if (isRecursive && kind === 'folder') queue.push({ folder: path, above: rules });
    }
  }
}

/** Null for a folder below the first that may not be listed; one that vanished meanwhile is empty. */
async function listed(folder: string, isFirst: boolean): Promise<Dirent[] | null> {
  try {
    const found = await fs.readdir(folder, { withFileTypes: true });
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isFirst) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    return null;
  }
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
