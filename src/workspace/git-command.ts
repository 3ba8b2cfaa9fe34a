// The two questions about a repository that its small files do not answer. Git is started without taking locks, without
// hooks, and without the file watcher that a repository's own config may name: it would be a program of a stranger.

import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { SessionError } from '../core/errors.ts';

const TIME_MAX_MS = 10_000;
const OUTPUT_BYTES_MAX = 1024 * 1024;
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Whether tracked files differ from the commit; untracked files do not count. Null where git cannot tell. */
export async function isDirty(root: string, signal?: AbortSignal): Promise<boolean | null> {
  const asked = ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=dirty'];
  const { exitCode, output } = await git(root, asked, signal);
  return exitCode === 0 ? output.length > 0 : null;
}

/** Whether the repository has this commit: the best sign that it is the same project. Null where git cannot tell. */
export async function hasCommit(root: string, commit: string, signal?: AbortSignal): Promise<boolean | null> {
  if (!COMMIT.test(commit)) return null;
  const { exitCode } = await git(root, ['cat-file', '-e', `${commit}^{commit}`], signal);
  return exitCode === null ? null : exitCode === 0;
}

/** `exitCode` is null where git is not installed, was ended, or said more than anybody reads. */
function git(
  root: string,
  words: readonly string[],
  signal?: AbortSignal,
): Promise<{ exitCode: number | null; output: string }> {
  if (!isAbsolute(root)) throw new TypeError(`${root} is no absolute path`);
  const safe = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  const options = {
    cwd: root,
    // Variables of a hook that started us would lead git to another repository.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
    timeout: TIME_MAX_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
    ...(signal && { signal }),
  };
  return new Promise((resolve, reject) => {
    execFile('git', [...safe, ...words], options, (error, output) => {
      if (error === null) resolve({ exitCode: 0, output });
      else if (error.name === 'AbortError') reject(interrupted(error));
      else if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ exitCode: 0, output });
      else resolve({ exitCode: typeof error.code === 'number' ? error.code : null, output });
    });
  });
}

function interrupted(cause: unknown): SessionError {
  return new SessionError('INTERRUPTED', 'git was interrupted', { op: 'look at', cause });
}
