// Whether the session's project still stands where it was, and where it may have gone. Paths move and names are used
// again: what tells a project is its repository. Says what it found and decides nothing: somebody is asked.

import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemError } from '../core/errors.ts';
import { remoteKey } from '../core/git-remote.ts';
import type { Project } from '../core/record.ts';
import type { FolderObserved, MovedFolder } from '../core/restore-place.ts';
import { hasCommit } from './git-command.ts';
import { gitRemoteOf, gitRootOf } from './git-folder.ts';

export interface SoughtProject {
  /** The session's folder, absolute. */
  folder: string;
  project: Project;
  /** Commit that was checked out when the session was last there; null where it is not known. */
  gitHead: string | null;
}

/** Folders beside the old one that are looked at. */
const NEIGHBOURS_MAX = 1000;

/** Looks at the folder itself, then, where it is gone or another project's, at `cwd` and at the folders beside it. */
export async function observeFolder(sought: SoughtProject, cwd: string): Promise<FolderObserved> {
  if (!isAbsolute(sought.folder)) return { state: 'missing', moved: [] };
  if (sought.folder !== cwd && !isFolder(sought.folder))
    return { state: 'missing', moved: await movedFolders(sought, cwd) };
  // A project without a repository has its path and nothing else, and so has a folder that the session went to outside.
  const { gitRoot } = sought.project;
  if (gitRoot === undefined || wayInside(gitRoot, sought.folder) === null) return { state: 'there' };
  const root = gitRootOf(sought.folder);
  const likeness = root === null ? null : await compare(sought, root);
  if (likeness?.isSame !== false && root !== null) return { state: 'there' };
  const evidence = likeness?.evidence ?? 'there is no git repository in it any more';
  return { state: 'other', evidence, moved: await movedFolders(sought, cwd) };
}

interface Likeness {
  isSame: boolean;
  evidence: string;
}

/** Null where neither has anything to compare. */
async function compare({ project, gitHead }: SoughtProject, root: string): Promise<Likeness | null> {
  const remote = gitRemoteOf(root);
  const was = project.gitRemote ?? null;
  if (was !== null && remote !== null && remoteKey(was) === remoteKey(remote)) {
    return { isSame: true, evidence: `the repository in ${root} has the same remote, ${was}` };
  }
  if (gitHead !== null) {
    const found = await hasCommit(root, gitHead);
    const short = gitHead.slice(0, 8);
    if (found === true)
      return { isSame: true, evidence: `the repository in ${root} has the session's commit ${short}` };
    if (found === false) {
      const other = remote === was ? '' : `, and its remote is ${remote ?? 'none'}, not ${was ?? 'none'}`;
      return { isSame: false, evidence: `the repository in ${root} has no commit ${short}${other}` };
    }
  }
  if (remote === was) return null;
  return { isSame: false, evidence: `the remote of ${root} is ${remote ?? 'none'}, not ${was ?? 'none'}` };
}

/** Repositories that are the session's by remote or commit; only evidence counts, not a name. */
async function movedFolders(sought: SoughtProject, cwd: string): Promise<MovedFolder[]> {
  const { gitRoot } = sought.project;
  if (gitRoot === undefined) return [];
  const inside = wayInside(gitRoot, sought.folder) ?? '';
  const here = gitRootOf(cwd);
  const roots = new Set([...(here === null ? [] : [here]), ...neighbours(gitRoot)]);
  roots.delete(resolve(gitRoot));
  const found: MovedFolder[] = [];
  for (const root of roots) {
    const likeness = await compare(sought, root);
    if (!likeness?.isSame) continue;
    const folder = join(root, inside);
    const isThere = inside === '' || isFolder(folder);
    const evidence = isThere ? likeness.evidence : `${likeness.evidence}, but no folder ${inside}`;
    found.push({ path: isThere ? folder : root, root, evidence });
  }
  return found;
}

/**
 * Repositories beside the old place. Where its parent is gone too, a folder above was renamed: then the same way is
 * tried below each neighbour of that one.
 */
function neighbours(gitRoot: string): string[] {
  let above = dirname(gitRoot);
  const way = [basename(gitRoot)];
  while (!isFolder(above) && dirname(above) !== above) {
    way.unshift(basename(above));
    above = dirname(above);
  }
  const rest = way.slice(1);
  return names(above).flatMap((name) => {
    const candidates = [join(above, name), ...(rest.length > 0 ? [join(above, name, ...rest)] : [])];
    return candidates.filter((path) => isThere(join(path, '.git')));
  });
}

/** `` for the root itself; null for a folder outside. */
function wayInside(root: string, folder: string): string | null {
  const way = relative(root, folder);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way;
}

function names(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
    return folders
      .map(({ name }) => name)
      .toSorted()
      .slice(0, NEIGHBOURS_MAX);
  } catch (error) {
    // Looking around is a help: a neighbourhood that nobody may list holds no candidates.
    if (['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw systemError(error, 'list', folder);
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (['EACCES', 'EPERM', 'ELOOP', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw systemError(error, 'look at', path);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw systemError(error, 'look at', path);
  }
}
