// A checkpoint: the work tree as a commit, kept by a ref of its session. Commits have no parents, so that old ones can
// go while newer ones stay, and a session can go without those of others.

import type { BytePath } from './byte-path.ts';
import type { FileModes } from './file-modes.ts';
import { modesIn, modesText, modesWith } from './file-modes.ts';
import type { Refused } from './record-tree.ts';
import { recordAlso, recordTree } from './record-tree.ts';
import type { LeftOut } from './tree-changes.ts';
import type { ShadowRepository } from './shadow-repository.ts';

export interface TakenCheckpoint {
  commit: string;
  treeId: string;
  /** Files that are new, changed or gone since the checkpoint before, whichever session's it was. */
  changedFiles: number;
  leftOut: LeftOut[];
}

export interface CheckpointRequest {
  sessionId: string;
  /** For people who look with git; the session's record has it too. */
  description: string;
  nowMs: number;
  /** Nobody asked for it: it may go where space is short. */
  kind?: 'automatic';
  /** Files over this size are left out. */
  fileBytesMax?: number;
}

/** Stands between the description and what only we read. */
const MODES_MARK = '\n\nroo-modes ';

/** Of the refs of automatic checkpoints. */
export const AUTOMATIC_END = '-auto';

/** The caller holds the lock. Durable when it resolves. */
export async function takeCheckpoint(shadow: ShadowRepository, request: CheckpointRequest): Promise<TakenCheckpoint> {
  return onSoundIndex(shadow, () =>
    shadow.onSecondIndex(async (index, keep) => {
      const taken = await shadow.onNewObjects(async () => {
        const known = shadow.newest === null ? Promise.resolve(null) : modesOf(shadow, shadow.newest);
        const { modes, ...found } = await recordTree(shadow, index, known, request.fileBytesMax);
        return { ...found, commit: await commitTree(shadow, found.treeId, modes, request) };
      });
      await nameCommit(shadow, taken.commit, request);
      keep();
      shadow.setNewest(taken.commit);
      return taken;
    }),
  );
}

/**
 * A checkpoint that also holds paths which a restore is about to replace, should they be ignored: `choose` names them
 * when it knows the tree. `refused` are those that cannot be taken. The caller holds the lock.
 */
export async function takeSafetyCheckpoint(
  shadow: ShadowRepository,
  request: CheckpointRequest,
  choose: (treeId: string) => Promise<readonly BytePath[]>,
): Promise<TakenCheckpoint & { refused: Refused[] }> {
  const taken = await takeCheckpoint(shadow, request);
  const paths = await choose(taken.treeId);
  if (paths.length === 0) return { ...taken, refused: [] };
  return shadow.onSecondIndex(async (index) => {
    const more = await shadow.onNewObjects(async () => {
      const found = await recordAlso(shadow, index, paths, request.fileBytesMax);
      if (found.treeId === taken.treeId) return { ...found, commit: taken.commit };
      const modes = modesWith(await modesOf(shadow, taken.commit), found.modes, paths);
      return { ...found, commit: await commitTree(shadow, found.treeId, modes, request) };
    });
    if (more.commit !== taken.commit) await nameCommit(shadow, more.commit, request);
    const { commit, treeId, refused } = more;
    return { ...taken, commit, treeId, refused };
  });
}

/** What a checkpoint knows of permissions; null for a commit that is none of ours. */
export async function modesOf(shadow: ShadowRepository, commit: string): Promise<FileModes | null> {
  const output = await shadow.git(['cat-file', 'commit', commit], { allowed: [128] });
  const text = output.toString('utf8');
  const at = text.lastIndexOf(MODES_MARK);
  return at < 0 ? null : modesIn(text.slice(at + MODES_MARK.length));
}

async function commitTree(
  shadow: ShadowRepository,
  treeId: string,
  modes: FileModes,
  { description }: CheckpointRequest,
): Promise<string> {
  const input = Buffer.from(`${description}${MODES_MARK}${modesText(modes)}\n`);
  return (await shadow.git(['commit-tree', treeId], { input })).toString('utf8').trim();
}

/** From here on a collection keeps it. */
async function nameCommit(shadow: ShadowRepository, commit: string, request: CheckpointRequest): Promise<void> {
  const end = request.kind === 'automatic' ? AUTOMATIC_END : '';
  const name = `${String(request.nowMs).padStart(15, '0')}-${commit.slice(0, 12)}${end}`;
  await shadow.git(['update-ref', `${sessionRefs(request.sessionId)}${name}`, commit]);
}

/** Under which the checkpoints of a session stand, by their time. */
export function sessionRefs(sessionId: string): string {
  return `refs/roo/${sessionId}/`;
}

/** An index that a power cut left unreadable is made anew: it only remembers what was looked at. */
async function onSoundIndex<T>(shadow: ShadowRepository, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !/index file|bad (index )?signature|index uses/i.test(error.message)) throw error;
    shadow.dropIndex();
    return work();
  }
}
