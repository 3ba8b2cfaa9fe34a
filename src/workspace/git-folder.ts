// What a repository says of itself in its small files, so that nothing need be started: its root, its remote, its
// commit and branch. Formats: gitrepository-layout(5), git-config(1), refs in files or packed.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemError } from '../core/errors.ts';
import type { GitState } from '../core/restore-files.ts';

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const SYMBOLIC_DEPTH_MAX = 5;

/** The nearest folder upward that holds `.git`; null where there is none. */
export function gitRootOf(folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return null;
  }
}

/** URL of `origin` without user and password, which must not be written down. Null where there is none. */
export function gitRemoteOf(root: string): string | null {
  const directory = gitDirectory(root);
  const config = directory && readText(join(commonDirectory(directory), 'config'));
  const section = config && /\[remote "origin"\]([^[]*)/.exec(config)?.[1];
  const url = section && /^\s*url\s*=\s*(.+)$/m.exec(section)?.[1]?.trim();
  return url ? url.replace(/^([a-z+]+:\/\/)[^/]*@/i, '$1') : null;
}

/** Commit and branch that are checked out. Null where they are not kept in files (reftable) or `.git` is no repository. */
export function gitStateOf(root: string): GitState | null {
  const directory = gitDirectory(root);
  const head = directory && readText(join(directory, 'HEAD'))?.trim();
  if (!directory || !head) return null;
  const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1] ?? null;
  // The name that git gives the branch where its refs are in a table.
  if (branch === '.invalid') return null;
  return { head: commitOf(directory, head, 0), branch };
}

/** `.git` is a folder, or in a worktree a file that names one. Null where it is neither. */
function gitDirectory(root: string): string | null {
  const path = join(root, '.git');
  if (statSync(path).isDirectory()) return path;
  const named = /^gitdir: (.+)$/m.exec(readText(path) ?? '')?.[1];
  return named === undefined ? null : resolve(root, named.trim());
}

/** Where a repository keeps what its worktrees share: branches and remotes. */
function commonDirectory(directory: string): string {
  const named = readText(join(directory, 'commondir'))?.trim();
  return named === undefined ? directory : resolve(directory, named);
}

/** Null for a branch without a commit. */
function commitOf(directory: string, text: string, depth: number): string | null {
  if (COMMIT.test(text)) return text;
  const name = /^ref: (refs\/[^\0]+)$/.exec(text)?.[1];
  if (name === undefined || name.includes('..') || depth > SYMBOLIC_DEPTH_MAX) return null;
  const common = commonDirectory(directory);
  const loose = (readText(join(directory, name)) ?? readText(join(common, name)))?.trim();
  if (loose !== undefined) return commitOf(directory, loose, depth + 1);
  const line = (readText(join(common, 'packed-refs')) ?? '').split('\n').find((one) => one.endsWith(` ${name}`));
  const packed = line?.slice(0, line.indexOf(' '));
  return packed !== undefined && COMMIT.test(packed) ? packed : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw systemError(error, 'read', path);
  }
}
