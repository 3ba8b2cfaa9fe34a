// What changed between two looks. Files that the session read or wrote come first, because what was said about them may
// not hold any more; the rest follows by path.

import type { FileChange } from '../../core/record.ts';
import type { FileSnapshot, FileStat } from './file-snapshot.ts';
import { fileIn, joinPath } from './file-snapshot.ts';
import type { Fingerprint } from './fingerprint.ts';
import { isSameFile } from './fingerprint.ts';

export interface Look {
  /** Null where only the touched files are known. */
  snapshot: FileSnapshot | null;
  /** Of the files that the session read or wrote and that were there. */
  touched: ReadonlyMap<string, Fingerprint>;
}

export interface ChangedFiles {
  /** Paths as in the looks: relative to the root, else absolute. */
  changes: FileChange[];
  /** The first so many are of touched files. */
  touchedCount: number;
}

/** `hashes` are those of files that came, where somebody took them: content tells a rename across file systems. */
export function changesSince(before: Look, now: Look, hashes: ReadonlyMap<string, string> = new Map()): ChangedFiles {
  const found = new Map<string, FileChange['kind']>();
  if (before.snapshot && now.snapshot) compareTrees(before.snapshot, now.snapshot, found);
  // Content has the last word: a file that was written with the same bytes did not change.
  for (const [path, was] of before.touched) {
    const is = now.touched.get(path);
    if (is === undefined) found.set(path, 'deleted');
    else if (isSameFile(was, is)) found.delete(path);
    else found.set(path, 'changed');
  }
  const changes = pairRenames(found, before, now, hashes);
  const isTouched = ({ path, from }: FileChange): boolean =>
    before.touched.has(path) || (from !== undefined && before.touched.has(from));
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  const touched = changes.filter(isTouched);
  return { changes: [...touched, ...changes.filter((one) => !isTouched(one))], touchedCount: touched.length };
}

/** Folder by folder, so that a path is only made of what changed. */
function compareTrees(before: FileSnapshot, now: FileSnapshot, found: Map<string, FileChange['kind']>): void {
  for (const [folder, { files }] of before.folders) {
    const there = now.folders.get(folder);
    // Where a look was cut short, a folder that it lacks was perhaps only not reached.
    if (!there && now.cut !== null) continue;
    for (const [name, was] of files) {
      const is = there?.files.get(name);
      if (!is) found.set(joinPath(folder, name), 'deleted');
      // Not the inode: a project that was copied with its times is the same in every file.
      else if (was.sizeBytes !== is.sizeBytes || was.mtimeMs !== is.mtimeMs)
        found.set(joinPath(folder, name), 'changed');
    }
  }
  for (const [folder, { files }] of now.folders) {
    const earlier = before.folders.get(folder);
    if (!earlier && before.cut !== null) continue;
    for (const name of files.keys()) if (!earlier?.files.has(name)) found.set(joinPath(folder, name), 'added');
  }
}

/** A file that went and one that came are one that was renamed, where inode, size and time are equal, or the content. */
function pairRenames(
  found: ReadonlyMap<string, FileChange['kind']>,
  before: Look,
  now: Look,
  hashes: ReadonlyMap<string, string>,
): FileChange[] {
  const gone = new Map<string, string>();
  for (const [path, kind] of found) {
    if (kind !== 'deleted') continue;
    for (const key of keysOf(before.snapshot && fileIn(before.snapshot, path), before.touched.get(path)?.hash))
      gone.set(key, path);
  }
  const renamedFrom = new Map<string, string>();
  const taken = new Set<string>();
  for (const [path, kind] of found) {
    if (kind !== 'added') continue;
    const keys = keysOf(now.snapshot && fileIn(now.snapshot, path), hashes.get(path) ?? now.touched.get(path)?.hash);
    const from = keys.map((key) => gone.get(key)).find((one) => one !== undefined && !taken.has(one));
    if (from === undefined) continue;
    taken.add(from);
    renamedFrom.set(path, from);
  }
  return [...found].flatMap(([path, kind]): FileChange[] => {
    const from = renamedFrom.get(path);
    if (from !== undefined) return [{ path, kind: 'renamed', from }];
    return taken.has(path) ? [] : [{ path, kind }];
  });
}

function keysOf(stat: FileStat | null | undefined, hash: string | undefined): string[] {
  const keys: string[] = [];
  if (stat) keys.push(`${stat.inode} ${stat.sizeBytes} ${stat.mtimeMs}`);
  if (hash !== undefined) keys.push(hash);
  return keys;
}
