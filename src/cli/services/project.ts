// Which project a folder belongs to: its git root and remote where there are any, because paths move and those stay.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemError } from '../../core/errors.ts';
import type { Project } from '../../core/record.ts';

/** The project of a folder. Its path is the git root, else the folder itself. Reads two small files, runs nothing. */
export function projectOf(folder: string): Project {
  const path = resolve(folder);
  const root = gitRoot(path);
  if (root === null) return { path };
  const remote = gitRemote(root);
  return { path: root, gitRoot: root, ...(remote !== null && { gitRemote: remote }) };
}

function gitRoot(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return null;
  }
}

/** `.git` is a folder, or in a worktree a file that names one. */
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

/** URL of `origin` without user and password, which must not be written down. */
function gitRemote(root: string): string | null {
  const directory = gitDirectory(root);
  const config = directory && readText(join(commonDirectory(directory), 'config'));
  const section = config && /\[remote "origin"\]([^[]*)/.exec(config)?.[1];
  const url = section && /^\s*url\s*=\s*(.+)$/m.exec(section)?.[1]?.trim();
  return url ? url.replace(/^([a-z+]+:\/\/)[^/]*@/i, '$1') : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw systemError(error, 'read', path);
  }
}
