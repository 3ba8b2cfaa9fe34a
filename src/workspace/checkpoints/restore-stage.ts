// The new contents, written beside the old ones before any of these is touched: whether there is space, and whether
// every object can be read, shows while nothing has changed yet.

import { accessSync, constants, mkdirSync, statfsSync, symlinkSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { SessionError, systemError } from '../../core/errors.ts';
import { foldersAbove, placeOf, shownPath } from './byte-path.ts';
import { stagedPath } from './restore-moves.ts';
import { bigStatOf, refuse } from './restore-plan.ts';
import type { RestoreStep } from './restore-plan.ts';
import type { ShadowRepository } from './shadow-repository.ts';

const AT_ONCE = 64;
const BATCH_BYTES_MAX = 64 * 1024 * 1024;
/** For folders, and what others write meanwhile. */
const SPARE_BYTES = 1024 * 1024;

interface Content {
  index: number;
  step: RestoreStep;
  sizeBytes: number;
}

/** Writes `new/<n>` for each step that has content. Throws STORE_FULL, and leaves removing the stage to the caller. */
export async function stageContents(
  shadow: ShadowRepository,
  steps: readonly RestoreStep[],
  stage: string,
): Promise<void> {
  assertWritable(shadow.workTree, steps);
  const contents = await sizesOf(shadow, steps);
  assertSpace(shadow.workTree, contents);
  try {
    for (const which of ['old', 'new'])
      mkdirSync(placeOf(shadow.workTree, `${stage}/${which}`), { recursive: true, mode: 0o700 });
    for (const batch of batches(contents)) await stageBatch(shadow, batch, stage);
  } catch (error) {
    throw isFull(error) ? fullError(shadow.workTree) : systemError(error, 'write', shadow.workTree);
  }
}

function hasContent({ action }: RestoreStep): boolean {
  return action === 'write' || action === 'link';
}

async function sizesOf(shadow: ShadowRepository, steps: readonly RestoreStep[]): Promise<Content[]> {
  const wanted = steps.flatMap((step, index) => (hasContent(step) ? [{ step, index }] : []));
  if (wanted.length === 0) return [];
  const input = Buffer.from(wanted.map(({ step }) => `${step.blob}\n`).join(''));
  const lines = (await shadow.git(['cat-file', '--batch-check'], { input })).toString('utf8').trimEnd().split('\n');
  return wanted.map(({ step, index }, at) => {
    const [, type, size] = lines[at]?.split(' ') ?? [];
    if (type !== 'blob') throw missingError(step);
    return { step, index, sizeBytes: Number(size) };
  });
}

function* batches(contents: readonly Content[]): Generator<Content[]> {
  let batch: Content[] = [];
  let bytes = 0;
  for (const content of contents) {
    if (batch.length > 0 && bytes + content.sizeBytes > BATCH_BYTES_MAX) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(content);
    bytes += content.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}

async function stageBatch(shadow: ShadowRepository, batch: readonly Content[], stage: string): Promise<void> {
  const input = Buffer.from(batch.map(({ step }) => `${step.blob}\n`).join(''));
  const output = await shadow.git(['cat-file', '--batch'], { input });
  let at = 0;
  const pieces = batch.map(({ sizeBytes }) => {
    // `<hash> blob <size>`, a line end, the content, a line end.
    const from = output.indexOf('\n', at) + 1;
    at = from + sizeBytes + 1;
    return output.subarray(from, from + sizeBytes);
  });
  for (let start = 0; start < batch.length; start += AT_ONCE) {
    const writing = batch.slice(start, start + AT_ONCE).map(async ({ step, index }, i) => {
      const place = placeOf(shadow.workTree, stagedPath(stage, 'new', index));
      const bytes = pieces[start + i]!;
      if (step.action === 'link') return symlinkSync(bytes, place);
      await writeFile(place, bytes, { flush: true, flag: 'wx' });
      await chmod(place, step.mode);
    });
    await Promise.all(writing);
  }
}

/** Names change in folders: each that loses or gets one must let us. */
function assertWritable(workTree: string, steps: readonly RestoreStep[]): void {
  const folders = new Set(steps.flatMap(({ path }) => ['', ...foldersAbove(path)]));
  const denied = [...folders].filter((folder) => {
    if (bigStatOf(workTree, folder)?.isDirectory() !== true) return false;
    try {
      accessSync(placeOf(workTree, folder), constants.W_OK | constants.X_OK);
      return false;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return true;
      throw error;
    }
  });
  refuse(denied.map((folder) => `${folder === '' ? workTree : shownPath(folder)} may not be written to`));
}

function assertSpace(workTree: string, contents: readonly Content[]): void {
  const { bavail, bsize } = statfsSync(workTree);
  const needed = contents.reduce((sum, { sizeBytes }) => sum + (Math.ceil(sizeBytes / bsize) + 1) * bsize, SPARE_BYTES);
  if (contents.length > 0 && bavail * bsize < needed) throw fullError(workTree);
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function fullError(path: string): SessionError {
  return new SessionError('STORE_FULL', `no space to restore files in ${path}; no file was changed`, {
    op: 'restore',
    path,
    hint: 'free some space and try again',
  });
}

function missingError({ path }: RestoreStep): SessionError {
  return new SessionError('CHECKPOINT_FAILED', `the checkpoint no longer holds the content of ${shownPath(path)}`, {
    op: 'restore',
    hint: 'nothing was changed; the repository of checkpoints is damaged',
  });
}
