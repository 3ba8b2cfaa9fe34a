// What a project tells every agent that works in it: AGENTS.md, or CLAUDE.md where there is none, of each folder from
// the repository's root down to where the work is, and git's branch and commit.

import { promises as fs } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { gitInfo } from './git-info.ts';
import type { GitInfo } from './git-info.ts';
import { NotARegularFile, openRegularFile, readUpTo } from './regular-file.ts';

const NAMES = ['AGENTS.md', 'CLAUDE.md'];
const FILE_BYTES_MAX = 32 * 1024;
/** Of all files together: they go along with every request. */
const ALL_BYTES_MAX = 96 * 1024;

export interface Instructions {
  path: string;
  /** Ends with a line that says so where the file was cut. */
  text: string;
}

export interface ProjectContext {
  /** From the most general to the most particular. */
  instructions: Instructions[];
  /** Files that were not read, with the reason: of instructions, or of git. */
  skipped: { path: string; reason: string }[];
  gitBranch?: string;
  gitCommit?: string;
  gitRoot?: string;
}

/** `userFolder` holds the user's own instructions for all projects; they come first. */
export async function readProjectContext({
  workingDirectory,
  userFolder,
}: {
  workingDirectory: string;
  userFolder?: string;
}): Promise<ProjectContext> {
  const skipped: ProjectContext['skipped'] = [];
  const git = await gitOrSkip(workingDirectory, skipped);
  const context: ProjectContext = {
    instructions: [],
    skipped,
    ...(git && { gitRoot: git.root }),
    ...(git?.branch !== undefined && { gitBranch: git.branch }),
    ...(git?.commit !== undefined && { gitCommit: git.commit }),
  };
  let leftBytes = ALL_BYTES_MAX;
  const add = async (folder: string, boundary: string | null): Promise<void> => {
    leftBytes -= await addInstructions(folder, boundary, context, Math.min(FILE_BYTES_MAX, leftBytes));
  };
  if (userFolder !== undefined) await add(resolve(userFolder), null);
  const root = git?.root ?? resolve(workingDirectory);
  for (const folder of foldersBetween(root, resolve(workingDirectory))) await add(folder, root);
  return context;
}

/** A repository that may not be read keeps nobody from working; it is said. */
async function gitOrSkip(folder: string, skipped: ProjectContext['skipped']): Promise<GitInfo | null> {
  try {
    return await gitInfo(folder);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    skipped.push({ path: error.path ?? folder, reason: error.message });
    return null;
  }
}

/**
 * Adds the folder's instructions or the reason why not; answers the bytes read. A link that leads out of `boundary` is
 * not followed: a cloned project could name any file of the user's and have it sent to a model.
 */
async function addInstructions(
  folder: string,
  boundary: string | null,
  { instructions, skipped }: ProjectContext,
  bytesMax: number,
): Promise<number> {
  for (const name of NAMES) {
    const path = join(folder, name);
    try {
      const real = await fs.realpath(path);
      if (boundary !== null && !isWithin(real, await fs.realpath(boundary))) {
        skipped.push({ path, reason: `it is a link out of the project, to ${real}` });
        return 0;
      }
      if (bytesMax <= 0) {
        skipped.push({ path, reason: 'there are too many instructions already' });
        return 0;
      }
      const bytes = await readStart(real, bytesMax + 1);
      if (bytes.length > 0) instructions.push({ path, text: textOf(bytes, bytesMax) });
      return bytes.length;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A link to nothing is ENOENT as well: the other name may still be there.
      if (code === 'ENOENT') continue;
      if (error instanceof NotARegularFile) skipped.push({ path, reason: `it is ${error.kind}` });
      else if (code === 'EACCES' || code === 'EPERM') skipped.push({ path, reason: 'permission denied' });
      else if (code === 'ELOOP') skipped.push({ path, reason: 'its links go round in a circle' });
      else throw systemError(error, 'read', path);
      return 0;
    }
  }
  return 0;
}

async function readStart(path: string, bytesMax: number): Promise<Buffer> {
  const file = await openRegularFile(path);
  try {
    return await readUpTo(file, bytesMax);
  } finally {
    await file.close();
  }
}

function textOf(bytes: Buffer, bytesMax: number): string {
  if (bytes.length <= bytesMax) return new TextDecoder().decode(bytes);
  // Asked to go on, the decoder keeps back half a character at the cut.
  const text = new TextDecoder().decode(bytes.subarray(0, bytesMax), { stream: true });
  return `${text}\n[The rest is left out: only the first ${bytesMax} bytes are read.]`;
}

function foldersBetween(root: string, folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== root && dirname(at) !== at; at = dirname(at)) folders.unshift(dirname(at));
  return folders;
}

function isWithin(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && resolve(folder, below) === path;
}
