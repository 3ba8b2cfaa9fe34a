// Moves files aside and others in their place, and back again. Each step can be told from the disk to be done or not,
// so that undoing works from any point at which it stopped.

import { chmodSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { SessionError } from '../../core/errors.ts';
import type { BytePath } from './byte-path.ts';
import { foldersAbove, placeOf, shownPath } from './byte-path.ts';
import type { Journal } from './restore-journal.ts';
import { bigStatOf, seenAt } from './restore-plan.ts';
import type { RestoreStep } from './restore-plan.ts';
import { syncFolder } from './shadow-files.ts';

export function stagedPath(stage: string, which: 'old' | 'new', index: number): BytePath {
  return `${stage}/${which}/${index}`;
}

/** Throws where a file is no longer as it was seen, or cannot be moved; the caller then undoes. */
export function carryOut(workTree: string, journal: Journal, steps: readonly RestoreStep[]): void {
  for (const [index, { path, hasOld, newMode }] of journal.moves.entries()) {
    if ((hasOld || newMode !== undefined) && !isAsSeen(workTree, steps[index]!)) throw touchedError(path);
    if (hasOld) renameSync(placeOf(workTree, path), placeOf(workTree, stagedPath(journal.stage, 'old', index)));
    if (newMode !== undefined) chmodSync(placeOf(workTree, path), newMode);
  }
  for (const { path } of journal.oldFolders) rmdirSync(placeOf(workTree, path));
  for (const path of journal.newFolders) mkdirSync(placeOf(workTree, path));
  for (const [index, { path, hasNew }] of journal.moves.entries()) {
    if (!hasNew) continue;
    // A rename would take the place of whatever came there in the meantime.
    if (bigStatOf(workTree, path) !== null) throw touchedError(path);
    renameSync(placeOf(workTree, stagedPath(journal.stage, 'new', index)), placeOf(workTree, path));
  }
  syncTouched(workTree, journal);
}

/** Puts everything back as it was before. Safe to repeat. */
export function undo(workTree: string, journal: Journal): void {
  const { stage, moves } = journal;
  for (const [index, { path, hasNew, hasOld, oldMode }] of moves.entries()) {
    const isDone = hasNew && bigStatOf(workTree, stagedPath(stage, 'new', index)) === null;
    const isAside = hasOld && bigStatOf(workTree, stagedPath(stage, 'old', index)) !== null;
    // Back where it was staged, so that a second undoing finds the same.
    if (isDone && (isAside || !hasOld) && bigStatOf(workTree, path) !== null) {
      renameSync(placeOf(workTree, path), placeOf(workTree, stagedPath(stage, 'new', index)));
    }
    if (oldMode !== undefined && bigStatOf(workTree, path) !== null) chmodSync(placeOf(workTree, path), oldMode);
  }
  for (const path of journal.newFolders.toReversed()) removeIfEmpty(placeOf(workTree, path));
  for (const { path, mode } of journal.oldFolders.toReversed()) {
    if (bigStatOf(workTree, path) !== null) continue;
    mkdirSync(placeOf(workTree, path));
    chmodSync(placeOf(workTree, path), mode);
  }
  for (const [index, { path, hasOld }] of moves.entries()) {
    const aside = stagedPath(stage, 'old', index);
    if (hasOld && bigStatOf(workTree, aside) !== null) renameSync(placeOf(workTree, aside), placeOf(workTree, path));
  }
  syncTouched(workTree, journal);
}

export function removeStage(workTree: string, stage: string): void {
  rmSync(placeOf(workTree, stage), { recursive: true, force: true });
}

/** Folders that are left empty when these paths go, innermost first; those that something else comes into stay. */
export function emptiedFolders(workTree: string, steps: readonly RestoreStep[]): Journal['oldFolders'] {
  const goes = new Set(steps.filter(({ action }) => action === 'delete').map(({ path }) => path));
  const needed = new Set(steps.filter(({ action }) => action !== 'delete').flatMap(({ path }) => foldersAbove(path)));
  const replaced = new Set(steps.filter(({ action }) => action !== 'delete').map(({ path }) => path));
  const folders = [...new Set([...[...goes].flatMap(foldersAbove), ...replaced])].toSorted(
    (a, b) => b.split('/').length - a.split('/').length,
  );
  const emptied: Journal['oldFolders'] = [];
  for (const path of folders) {
    const found = bigStatOf(workTree, path);
    if (needed.has(path) || !found?.isDirectory()) continue;
    const names = readdirSync(placeOf(workTree, path), { encoding: 'latin1' });
    const staying = names.filter((name) => !goes.has(`${path}/${name}`));
    if (staying.length === 0) {
      emptied.push({ path, mode: Number(found.mode) & 0o7777 });
      goes.add(path);
    } else if (replaced.has(path)) {
      throw new SessionError(
        'CHECKPOINT_FAILED',
        `${shownPath(path)} was a file and is a folder that holds ${shownPath(`${path}/${staying[0]!}`)}, which is left alone`,
        {
          op: 'restore',
          hint: 'nothing was changed; move it away and try again',
        },
      );
    }
  }
  return emptied;
}

/** Folders that must be made for these paths, outermost first. */
export function missingFolders(workTree: string, steps: readonly RestoreStep[]): BytePath[] {
  const wanted = steps
    .filter(({ action }) => action === 'write' || action === 'link')
    .flatMap(({ path }) => foldersAbove(path));
  return [...new Set(wanted)]
    .filter((path) => bigStatOf(workTree, path)?.isDirectory() !== true)
    .toSorted((a, b) => a.split('/').length - b.split('/').length);
}

function isAsSeen(workTree: string, { path, before }: RestoreStep): boolean {
  return JSON.stringify(seenAt(workTree, path)) === JSON.stringify(before);
}

function removeIfEmpty(place: Buffer): void {
  try {
    rmdirSync(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not made yet; not a folder again already; or somebody put something into it, which stays.
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

function syncTouched(workTree: string, { moves, newFolders, oldFolders }: Journal): void {
  const paths = [...moves.map(({ path }) => path), ...newFolders, ...oldFolders.map(({ path }) => path)];
  const folders = new Set(paths.map((path) => foldersAbove(path).at(-1) ?? ''));
  for (const folder of folders) {
    if (bigStatOf(workTree, folder)?.isDirectory()) syncFolder(placeOf(workTree, folder));
  }
}

function touchedError(path: BytePath): SessionError {
  return new SessionError('CHECKPOINT_FAILED', `${shownPath(path)} was changed while it was to be restored`, {
    op: 'restore',
    hint: 'nothing was changed; stop what writes there and try again',
  });
}
