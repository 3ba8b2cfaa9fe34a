// Which project a folder belongs to: its git root and remote where there are any, because paths move and those stay.

import { resolve } from 'node:path';
import type { Project } from '../../core/record.ts';
import { gitRemoteOf, gitRootOf } from '../../workspace/git-folder.ts';

/** The project of a folder. Its path is the git root, else the folder itself. Reads two small files, runs nothing. */
export function projectOf(folder: string): Project {
  const path = resolve(folder);
  const root = gitRootOf(path);
  if (root === null) return { path };
  const remote = gitRemoteOf(root);
  return { path: root, gitRoot: root, ...(remote !== null && { gitRemote: remote }) };
}
