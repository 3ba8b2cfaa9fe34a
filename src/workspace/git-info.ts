// Branch and commit of a working tree, from git's files: starting git takes longer than starting roo.
// Source of the format: gitrepository-layout(5), and git-pack-refs(1) for packed-refs.

import { promises as fs } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemError } from '../core/errors.ts';
import { NotARegularFile, readWhole } from './regular-file.ts';

const SMALL_BYTES_MAX = 64 * 1024;
const PACKED_BYTES_MAX = 64 * 1024 * 1024;
/** A ref may name another; git itself follows five. */
const REFS_MAX = 5;

export interface GitInfo {
  /** Folder that holds `.git`. */
  root: string;
  /** Absent when no branch is checked out. */
  branch?: string;
  /** Absent before the first commit, and in repositories that keep their refs in a form not known here (reftable). */
  commit?: string;
}

/** Of the repository that the folder is in; null outside of one. Throws a SessionError for what may not be read. */
export async function gitInfo(folder: string): Promise<GitInfo | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const directory = await gitDirectory(at);
    const head = directory === null ? null : await readText(join(directory, 'HEAD'));
    // A .git without a HEAD is no repository to git, which looks further up.
    if (directory !== null && head !== null) return { root: at, ...(await headOf(directory, head.trim())) };
    if (dirname(at) === at) return null;
  }
}

/** The folder that holds `.git`, as it seems from outside; null where there is none. */
export async function gitRoot(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if ((await gitDirectory(at)) !== null) return at;
    if (dirname(at) === at) return null;
  }
}

async function headOf(directory: string, head: string): Promise<Omit<GitInfo, 'root'>> {
  const ref = refIn(head);
  if (ref === null) return isHash(head) ? { commit: head } : {};
  // What reftable puts into HEAD, so that older gits see a repository.
  if (ref === 'refs/heads/.invalid') return {};
  const commit = await commitOf(directory, ref);
  return { ...(ref.startsWith('refs/heads/') && { branch: ref.slice(11) }), ...(commit !== null && { commit }) };
}

/** Branches belong to all worktrees of a repository; null for one without a commit. */
async function commitOf(directory: string, ref: string): Promise<string | null> {
  const common = await commonDirectory(directory);
  let name = ref;
  for (let hops = 0; hops < REFS_MAX; hops++) {
    // Names come from files that anybody may have written.
    if (!name.startsWith('refs/') || name.split('/').includes('..')) return null;
    const loose = (await readText(join(common, name)))?.trim();
    if (loose === undefined) return packedCommit(common, name);
    const next = refIn(loose);
    if (next === null) return isHash(loose) ? loose : null;
    name = next;
  }
  return null;
}

async function packedCommit(common: string, ref: string): Promise<string | null> {
  const packed = await readText(join(common, 'packed-refs'), PACKED_BYTES_MAX);
  const end = packed?.indexOf(` ${ref}\n`) ?? -1;
  if (packed === null || end < 0) return null;
  const hash = packed.slice(packed.lastIndexOf('\n', end) + 1, end);
  return isHash(hash) ? hash : null;
}

/** `.git` is a folder; or, in a worktree or submodule, a file that names one. Null where there is none. */
async function gitDirectory(root: string): Promise<string | null> {
  const path = join(root, '.git');
  const stats = await fs.stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EACCES') return null;
    throw systemError(error, 'read', path);
  });
  if (stats === null || stats.isDirectory()) return stats && path;
  const named = /^gitdir: (.+)$/m.exec((await readText(path)) ?? '')?.[1];
  return named === undefined ? null : resolve(root, named.trim());
}

/** Where a repository keeps what its worktrees share. */
async function commonDirectory(directory: string): Promise<string> {
  const named = (await readText(join(directory, 'commondir')))?.trim();
  return named ? resolve(directory, named) : directory;
}

/** Null where there is no such file, or one that no git wrote: too large, a folder, a pipe. */
async function readText(path: string, bytesMax = SMALL_BYTES_MAX): Promise<string | null> {
  try {
    return (await readWhole(path, bytesMax))?.toString('utf8') ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof NotARegularFile) return null;
    throw systemError(error, 'read', path);
  }
}

function refIn(text: string): string | null {
  return /^ref: *(\S+)$/.exec(text)?.[1] ?? null;
}

/** SHA-1 or SHA-256. */
function isHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
