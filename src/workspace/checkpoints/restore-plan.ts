// What going back to a checkpoint does to the work tree, decided before anything is touched: each path with its reason,
// and what stands in the way.

import { lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { SessionError } from '../../core/errors.ts';
import type { BytePath } from './byte-path.ts';
import { foldersAbove, placeOf, shownPath, zeroSeparated } from './byte-path.ts';
import type { FileModes } from './file-modes.ts';
import { modeOf } from './file-modes.ts';
import type { ShadowRepository } from './shadow-repository.ts';
import { linkFinder } from './tree-changes.ts';

export interface RestoreStep {
  path: BytePath;
  /** `mode`: the content is right already. */
  action: 'write' | 'link' | 'delete' | 'mode';
  reason: string;
  /** Object that holds the content, or where the link leads; null for `delete`. */
  blob: string | null;
  /** Permission bits that a file gets. */
  mode: number;
  /** What is there now; null for nothing. By it a change in the meantime is noticed. */
  before: Seen | null;
}

/** Enough to tell whether a file was touched since. Times in nanoseconds, as text. */
export interface Seen {
  mtimeNs: string;
  size: string;
  inode: string;
  mode: number;
}

const LINK = '120000';
const EXECUTABLE = '100755';

/** The steps from one tree to another. Nothing is read but names and times. */
export async function planSteps(
  shadow: ShadowRepository,
  from: string,
  to: string,
  modes: FileModes | null,
): Promise<RestoreStep[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to];
  const fields = zeroSeparated(await shadow.git(args));
  const steps: RestoreStep[] = [];
  const isBehindLink = linkFinder(shadow.workTree);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldBlob, newBlob = '', status = ''] = fields[at]!.slice(1).split(' ');
    const path = fields[at + 1]!;
    const isExecutable = newMode === EXECUTABLE;
    steps.push({
      path,
      action: actionOf(status, newMode, oldMode !== LINK && oldBlob === newBlob),
      reason: reasonOf(status),
      blob: status === 'D' ? null : newBlob,
      mode: modes ? modeOf(modes, path, isExecutable) : isExecutable ? 0o755 : 0o644,
      before: isBehindLink(path) ? null : seenAt(shadow.workTree, path),
    });
  }
  return steps;
}

export function isFolder(seen: Seen | null): boolean {
  return seen !== null && (seen.mode & 0o170000) === 0o040000;
}

function actionOf(status: string, newMode: string, isSameContent: boolean): RestoreStep['action'] {
  if (status === 'D') return 'delete';
  if (newMode === LINK) return 'link';
  return isSameContent ? 'mode' : 'write';
}

function reasonOf(status: string): string {
  if (status === 'D') return 'it came later';
  if (status === 'A') return 'it is gone since';
  return status === 'T' ? 'it became something else since' : 'it changed since';
}

export function seenAt(workTree: string, path: BytePath): Seen | null {
  const found = bigStatOf(workTree, path);
  if (found === null) return null;
  const { mtimeNs, size, ino, mode } = found;
  return { mtimeNs: String(mtimeNs), size: String(size), inode: String(ino), mode: Number(mode) };
}

export function bigStatOf(workTree: string, path: BytePath): BigIntStats | null {
  try {
    return lstatSync(placeOf(workTree, path), { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/**
 * Folders on the way to what is written must be folders, or give way: a link would lead the write out of the project.
 * Throws CHECKPOINT_FAILED with all that stands in the way.
 */
export function assertWayIsFree(shadow: ShadowRepository, steps: readonly RestoreStep[]): void {
  const goes = new Set(steps.filter(({ action }) => action === 'delete').map(({ path }) => path));
  const looked = new Set<BytePath>();
  const obstacles: string[] = [];
  for (const { path, action } of steps) {
    for (const folder of foldersAbove(path)) {
      if (looked.has(folder)) continue;
      looked.add(folder);
      const found = bigStatOf(shadow.workTree, folder);
      if (found === null || found.isDirectory() || goes.has(folder) || action === 'delete') continue;
      obstacles.push(`${shownPath(folder)} is in the way of ${shownPath(path)} and is left alone`);
    }
  }
  refuse(obstacles);
}

export function refuse(obstacles: readonly string[]): void {
  if (obstacles.length === 0) return;
  const more = obstacles.length > 3 ? `, and ${obstacles.length - 3} more` : '';
  throw new SessionError('CHECKPOINT_FAILED', `${obstacles.slice(0, 3).join('; ')}${more}`, {
    op: 'restore',
    hint: 'nothing was changed; move these away, or rewind the conversation alone (--conversation)',
    data: { obstacles },
  });
}
