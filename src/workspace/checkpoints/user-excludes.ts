// What the user's git ignores beside .gitignore: .git/info/exclude of the project, and the user's own list. Both are
// read only.

import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { textIfThere } from './shadow-files.ts';
import type { Git } from './git-command.ts';
import { withoutGit } from './git-settings.ts';

/** The text of `.git/info/exclude`; empty without a repository. */
export function projectExcludes(workTree: string): string {
  const directory = gitDirectory(workTree);
  return directory === null ? '' : (textIfThere(join(directory, 'info', 'exclude')) ?? '');
}

/** `.git` is a folder, or in a worktree or submodule a file that names one; what they share is elsewhere again. */
function gitDirectory(workTree: string): string | null {
  const path = join(workTree, '.git');
  if (!existsSync(path)) return null;
  const named = statSync(path).isDirectory() ? path : /^gitdir: (.+)$/m.exec(textIfThere(path) ?? '')?.[1];
  if (named === undefined) return null;
  const directory = resolve(workTree, named.trim());
  const common = textIfThere(join(directory, 'commondir'))?.trim();
  return common === undefined ? directory : resolve(directory, common);
}

/** Path of the user's list; it need not be there. */
export async function userExcludesFile(git: Git, environment: NodeJS.ProcessEnv): Promise<string> {
  const asked = await git.run(['config', '--global', '--path', '--get', 'core.excludesFile'], {
    environment: withoutGit(environment),
    workingDirectory: homedir(),
    // Not set, or no configuration that could be read: then the usual place.
    allowed: [1, 3, 128],
  });
  const path = asked.toString('utf8').trim();
  if (path !== '') return path;
  return join(environment['XDG_CONFIG_HOME'] || join(environment['HOME'] || homedir(), '.config'), 'git', 'ignore');
}
