// Brings the work tree back to a checkpoint, wholly or not at all: a safety checkpoint, a plan, the new contents beside
// the old, then moves that a journal can undo.

import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { SessionError } from '../../core/errors.ts';
import { shownPath } from './byte-path.ts';
import type { Journal } from './restore-journal.ts';
import { readJournal, removeJournal, writeJournal } from './restore-journal.ts';
import { carryOut, emptiedFolders, missingFolders, removeStage, undo } from './restore-moves.ts';
import { assertWayIsFree, isFolder, planSteps, refuse } from './restore-plan.ts';
import type { RestoreStep } from './restore-plan.ts';
import { stageContents } from './restore-stage.ts';
import { FILE_BYTES_MAX, recordTree } from './record-tree.ts';
import { STAGE_PREFIX } from './shadow-repository.ts';
import type { ShadowRepository } from './shadow-repository.ts';
import { modesOf, takeSafetyCheckpoint } from './take-checkpoint.ts';
import type { CheckpointRequest } from './take-checkpoint.ts';
import type { LeftOut } from './tree-changes.ts';
import { changesSince } from './tree-changes.ts';

export interface FileChangePlan {
  path: string;
  action: 'write' | 'link' | 'delete' | 'mode';
  reason: string;
}

export interface RestoredFiles {
  /** The work tree as it was before, ignored files that were replaced among it. */
  safetyCommit: string;
  changes: FileChangePlan[];
  /** What was neither recorded nor touched. */
  leftOut: LeftOut[];
}

export type NoteSafety = (commit: string) => Promise<unknown>;

/** What `restoreFiles` would do now. The caller holds the lock. */
export async function planRestoreFiles(shadow: ShadowRepository, commit: string): Promise<FileChangePlan[]> {
  recover(shadow);
  await assertKept(shadow, commit);
  return shadow.onSecondIndex((index) =>
    shadow.onPassingObjects(async () => {
      const { treeId } = await recordTree(shadow, index, Promise.resolve(null));
      return (await planSteps(shadow, treeId, commit, null)).map(shownStep);
    }),
  );
}

/**
 * Restores the files of a checkpoint. `request` names the safety checkpoint that is taken first; `noteSafety` writes it
 * down before any file changes. The caller holds the lock. Throws CHECKPOINT_FAILED or STORE_FULL with every file as it was.
 */
export async function restoreFiles(
  shadow: ShadowRepository,
  commit: string,
  request: CheckpointRequest,
  noteSafety: NoteSafety,
): Promise<RestoredFiles> {
  recover(shadow);
  await assertKept(shadow, commit);
  let steps: RestoreStep[] = [];
  const modes = await modesOf(shadow, commit);
  const safety = await takeSafetyCheckpoint(shadow, request, async (treeId) => {
    steps = await planSteps(shadow, treeId, commit, modes);
    // Ignored files that are in the way: the checkpoint of what is there now must hold them before they go.
    return steps
      .filter(({ blob, before }) => blob !== null && before !== null && !isFolder(before))
      .map(({ path }) => path);
  });
  const kept = { safetyCommit: safety.commit, leftOut: safety.leftOut };
  refuse(safety.refused.map(({ path, reason }) => `${shownPath(path)} would be lost: ${reason}`));
  assertWayIsFree(shadow, steps);
  await noteSafety(safety.commit);
  await assertStill(shadow);
  await move(shadow, steps);
  return { ...kept, changes: steps.map(shownStep) };
}

/** Undoes a restore that was cut short, and clears away what one left behind. The caller holds the lock. */
export function recover(shadow: ShadowRepository): void {
  const journal = readJournal(shadow);
  if (journal) {
    undo(shadow.workTree, journal);
    removeJournal(shadow);
  }
  for (const name of readdirSync(shadow.workTree)) {
    if (name.startsWith(STAGE_PREFIX)) removeStage(shadow.workTree, name);
  }
}

async function move(shadow: ShadowRepository, steps: readonly RestoreStep[]): Promise<void> {
  if (steps.length === 0) return;
  const stage = `${STAGE_PREFIX}${randomUUID()}`;
  try {
    // First: it may find that a folder cannot go.
    const oldFolders = emptiedFolders(shadow.workTree, steps);
    await stageContents(shadow, steps, stage);
    const newFolders = missingFolders(shadow.workTree, steps);
    const journal: Journal = { stage, moves: steps.map(moveOf), newFolders, oldFolders };
    writeJournal(shadow, journal);
    try {
      carryOut(shadow.workTree, journal, steps);
    } catch (error) {
      // Should this fail too, the journal stays, and the next command tries again.
      undo(shadow.workTree, journal);
      removeJournal(shadow);
      throw error instanceof SessionError ? error : heldError(error as NodeJS.ErrnoException);
    }
    removeJournal(shadow);
  } finally {
    if (readJournal(shadow) === null) removeStage(shadow.workTree, stage);
  }
}

function moveOf({ path, action, before, mode }: RestoreStep): Journal['moves'][number] {
  if (action === 'mode') {
    return { path, hasOld: false, hasNew: false, oldMode: before!.mode & 0o7777, newMode: mode };
  }
  return { path, hasOld: before !== null && !isFolder(before), hasNew: action !== 'delete' };
}

function shownStep({ path, action, reason }: RestoreStep): FileChangePlan {
  return { path: shownPath(path), action, reason };
}

async function assertKept(shadow: ShadowRepository, commit: string): Promise<void> {
  const type = await shadow.git(['cat-file', '-t', commit], { allowed: [128] });
  if (type.toString('utf8').trim() === 'commit') return;
  throw new SessionError('CHECKPOINT_NOT_FOUND', `the files of checkpoint ${commit.slice(0, 12)} are not kept here`, {
    op: 'restore',
    path: shadow.gitDir,
    hint: 'they were freed to keep checkpoints small, or taken on another machine; roo session checkpoints shows the others',
  });
}

/** Nothing changed since the safety checkpoint began: what moves aside from here on is held by it. */
async function assertStill(shadow: ShadowRepository): Promise<void> {
  const { update, forget } = await shadow.onSecondIndex((index) => changesSince(shadow, index, FILE_BYTES_MAX));
  refuse([...update, ...forget].map((path) => `${shownPath(path)} is being changed right now`));
}

function heldError(cause: NodeJS.ErrnoException): SessionError {
  return new SessionError('CHECKPOINT_FAILED', `the files could not be restored: ${cause.message}; all are as before`, {
    op: 'restore',
    path: cause.path,
    cause,
    hint: 'close the program that holds the file, or let it be written to, and try again',
  });
}
