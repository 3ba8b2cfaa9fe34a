// The work tree as a tree object: brings an index up to it, hashing only what changed, and writes the tree.

import type { BytePath } from './byte-path.ts';
import { bytePath, bytesOf, lastName } from './byte-path.ts';
import type { FileModes } from './file-modes.ts';
import { modesWith } from './file-modes.ts';
import { statOf, changesSince, whyLeftOut } from './tree-changes.ts';
import type { LeftOut } from './tree-changes.ts';
import type { ShadowRepository } from './shadow-repository.ts';

/** Larger files are left out: they would come back in every pack, and make each checkpoint wait. */
export const FILE_BYTES_MAX = 100_000_000;

/** More new files than this are written as one. */
const BULK_MIN = 400;
const BATCH_MAX = 4000;

export interface RecordedTree {
  treeId: string;
  /** Files that are new, changed or gone since the checkpoint before. */
  changedFiles: number;
  leftOut: LeftOut[];
  modes: FileModes;
}

export interface Refused {
  path: BytePath;
  reason: string;
}

/** Brings `index` up to the work tree. The tree is durable when this resolves. */
export async function recordTree(
  shadow: ShadowRepository,
  index: string,
  knownModes: Promise<FileModes | null>,
  fileBytesMax: number = FILE_BYTES_MAX,
): Promise<RecordedTree> {
  // Both at once.
  const [changes, known] = await Promise.all([changesSince(shadow, index, fileBytesMax), knownModes]);
  const forget = [...changes.forget];
  if (changes.update.length > 0) {
    await updateIndex(shadow, index, changes.update);
  }
  const isRuleChanged = [...changes.update, ...changes.forget].some((path) => lastName(path) === '.gitignore');
  if (isRuleChanged) forget.push(...(await nowIgnored(shadow, index)));
  await forgetPaths(shadow, index, forget);
  const treeId = await writeTree(shadow, index);
  return {
    treeId,
    changedFiles: changes.update.length + forget.length,
    leftOut: changes.leftOut,
    modes: modesWith(known, changes.modes, [...changes.update, ...forget]),
  };
}

/**
 * Takes in paths that a restore is about to replace, ignored ones too; what cannot be taken is answered with the
 * reason. The index must not become the first one: what is ignored stays ignored.
 */
export async function recordAlso(
  shadow: ShadowRepository,
  index: string,
  paths: readonly BytePath[],
  fileBytesMax: number = FILE_BYTES_MAX,
): Promise<{ treeId: string; modes: Map<BytePath, number>; refused: Refused[] }> {
  const modes = new Map<BytePath, number>();
  const refused = paths.flatMap((path) => {
    const found = statOf(shadow.workTree, path);
    const reason = found && whyLeftOut(shadow, path, found, fileBytesMax);
    if (found?.isFile() && !reason) modes.set(path, found.mode & 0o777);
    return reason ? [{ path, reason }] : [];
  });
  const taken = paths.filter((path) => refused.every((other) => other.path !== path));
  if (taken.length > 0) {
    await updateIndex(shadow, index, taken);
  }
  return { treeId: await writeTree(shadow, index), modes, refused };
}

/**
 * Many files go into a pack at once, which takes half the time of as many files: git does that with files that it takes
 * for large ones. It looks through all it has so far for each, so there are not too many at a time.
 */
async function updateIndex(shadow: ShadowRepository, index: string, paths: readonly BytePath[]): Promise<void> {
  const bulk = paths.length > BULK_MIN ? ['-c', 'core.bigFileThreshold=1'] : [];
  for (let start = 0; start < paths.length; start += BATCH_MAX) {
    await shadow.git([...bulk, 'update-index', '-z', '--add', '--remove', '--replace', '--stdin'], {
      index,
      input: pathList(paths.slice(start, start + BATCH_MAX)),
    });
  }
}

/** Without looking for each object again: what the index names was just written, or is kept by the checkpoint before. */
async function writeTree(shadow: ShadowRepository, index: string): Promise<string> {
  return (await shadow.git(['write-tree', '--missing-ok'], { index })).toString('utf8').trim();
}

/** Files that were recorded and are ignored by the rules as they are now. */
async function nowIgnored(shadow: ShadowRepository, index: string): Promise<BytePath[]> {
  const output = await shadow.git(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard'], { index });
  return bytePath(output)
    .split('\0')
    .filter((path) => path !== '');
}

async function forgetPaths(shadow: ShadowRepository, index: string, paths: readonly BytePath[]): Promise<void> {
  if (paths.length === 0) return;
  await shadow.git(['update-index', '-z', '--force-remove', '--stdin'], { index, input: pathList(paths) });
}

function pathList(paths: readonly BytePath[]): Buffer {
  return bytesOf(paths.map((path) => `${path}\0`).join(''));
}
