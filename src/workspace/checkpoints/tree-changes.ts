// What changed in the work tree since the index, as git sees it, and which of it a checkpoint leaves out and why.

import { accessSync, constants, lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { BytePath } from './byte-path.ts';
import { bytePath, foldersAbove, placeOf, shownPath, zeroSeparated } from './byte-path.ts';
import { isSecretName } from '../secret-names.ts';
import type { ShadowRepository } from './shadow-repository.ts';

export interface LeftOut {
  /** Relative to the project; a folder ends in `/`. */
  path: string;
  reason: string;
}

export interface TreeChanges {
  /** To be looked at again: new or changed. */
  update: BytePath[];
  /** In the index, and no longer to be: gone, or left out from here on. */
  forget: BytePath[];
  leftOut: LeftOut[];
  /** Permission bits of files in `update`. */
  modes: Map<BytePath, number>;
}

const STATUS = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=all'];

/** Refreshes the index on the way, so that the next look is as fast. `fileBytesMax` is the largest file that is taken. */
export async function changesSince(
  shadow: ShadowRepository,
  index: string,
  fileBytesMax: number,
): Promise<TreeChanges> {
  const changes: TreeChanges = { update: [], forget: [], leftOut: [], modes: new Map() };
  const isBehindLink = linkFinder(shadow.workTree);
  for (const entry of zeroSeparated(await shadow.git(STATUS, { index }))) {
    const isNew = entry.startsWith('? ');
    const path = isNew ? entry.slice(2) : pathOfChanged(entry);
    if (path === null) continue;
    sort(path, isNew ? 'new' : 'known');
  }
  return changes;

  function sort(path: BytePath, standing: 'new' | 'known'): void {
    const found = isBehindLink(path) ? null : statOf(shadow.workTree, path);
    const reason = found && whyLeftOut(shadow, path, found, fileBytesMax);
    if (found && !reason && !found.isDirectory()) {
      changes.update.push(path);
      if (!found.isSymbolicLink()) changes.modes.set(path, found.mode & 0o777);
      return;
    }
    if (reason) changes.leftOut.push({ path: shownPath(path), reason });
    if (standing === 'known') changes.forget.push(path);
  }
}

/** `1 XY sub mH mI mW hH hI path`; null where the work tree is as the index says. */
function pathOfChanged(entry: BytePath): BytePath | null {
  if (!entry.startsWith('1 ') || entry[3] === '.') return null;
  return /^(?:\S+ ){8}([\s\S]*)$/.exec(entry)![1]!;
}

/** Null when nothing is there, also where a parent is no folder. */
export function statOf(workTree: string, path: BytePath): Stats | null {
  try {
    return lstatSync(placeOf(workTree, path.endsWith('/') ? path.slice(0, -1) : path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** What a linked folder leads to is not what stands at the path: for git, and for us, nothing is there. */
export function linkFinder(workTree: string): (path: BytePath) => boolean {
  const known = new Map<BytePath, boolean>();
  return (path) =>
    foldersAbove(path).some((folder) => {
      if (!known.has(folder)) known.set(folder, statOf(workTree, folder)?.isSymbolicLink() === true);
      return known.get(folder)!;
    });
}

/** Null for what a checkpoint takes. A folder that is handed in holds a repository: git would have listed its files. */
export function whyLeftOut(
  shadow: ShadowRepository,
  path: BytePath,
  found: Stats,
  fileBytesMax: number,
): string | null {
  if (shadow.foreign.some((folder) => isIn(path, bytePath(Buffer.from(folder))))) {
    return 'the sessions themselves are kept there';
  }
  if (path.endsWith('/')) return 'a repository of its own: its contents are not recorded';
  if (found.isDirectory()) return null; // A file gave way to a folder, whose files are listed by themselves.
  if (isSecretName(path)) return 'its name says that it holds secrets';
  if (found.isSymbolicLink()) return null;
  if (!found.isFile()) return 'neither a file nor a link';
  if (found.size > fileBytesMax) return `larger than ${Math.round(fileBytesMax / 1_000_000)} MB`;
  return isReadable(placeOf(shadow.workTree, path)) ? null : 'it cannot be read';
}

function isIn(path: BytePath, folder: BytePath): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isReadable(place: Buffer): boolean {
  try {
    accessSync(place, constants.R_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return false;
    if (code === 'ENOENT') return true; // Gone since; git will find that out.
    throw error;
  }
}
