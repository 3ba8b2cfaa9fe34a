// Runs git and turns what goes wrong into one of our errors: without git, or with one that is too old, there are no
// checkpoints, and everything else goes on.

import { spawn } from 'node:child_process';
import { SessionError } from '../../core/errors.ts';

/** The first that takes settings from the environment, and leaves out the user's. */
const VERSION_MIN = [2, 32] as const;

export interface GitRun {
  environment: NodeJS.ProcessEnv;
  workingDirectory: string;
  input?: Buffer | undefined;
  /** Exit codes that are answers and no failures. */
  allowed?: readonly number[];
}

export class Git {
  readonly #command: string;
  #checked: Promise<void> | null = null;

  /** `command` is the program to run. */
  constructor(command = 'git') {
    this.#command = command;
  }

  /** What it printed. Throws CHECKPOINT_FAILED, or STORE_FULL where it found no space. */
  async run(args: readonly string[], options: GitRun): Promise<Buffer> {
    await (this.#checked ??= this.#check(options));
    const { code, stdout, stderr } = await this.#spawn(args, options);
    if (code === 0 || options.allowed?.includes(code ?? -1)) return stdout;
    throw failure(args[0]!, code, stderr.toString('utf8').trim(), options.workingDirectory);
  }

  async #check(options: GitRun): Promise<void> {
    const { stdout } = await this.#spawn(['version'], { ...options, input: undefined });
    const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout.toString('utf8')) ?? [];
    const isOld =
      Number(major) < VERSION_MIN[0] || (Number(major) === VERSION_MIN[0] && Number(minor) < VERSION_MIN[1]);
    if (major !== undefined && !isOld) return;
    const found = stdout.toString('utf8').trim();
    throw unusable(`git here is too old for checkpoints: ${found === '' ? 'it does not say its version' : found}`);
  }

  #spawn(
    args: readonly string[],
    { environment, workingDirectory, input }: GitRun,
  ): Promise<{ code: number | null; stdout: Buffer; stderr: Buffer }> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#command, args, { cwd: workingDirectory, env: environment, windowsHide: true });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
      child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
      child.once('error', (cause) => reject(unusable(`git cannot be run: ${cause.message}`, cause)));
      child.once('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }));
      // When git ends early its exit code and its words say why; the broken pipe would only hide them.
      child.stdin.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE' && error.code !== 'EOF') reject(error);
      });
      child.stdin.end(input ?? '');
    });
  }
}

function unusable(message: string, cause?: unknown): SessionError {
  return new SessionError('CHECKPOINT_FAILED', message, {
    op: 'checkpoint',
    cause,
    hint: `install git ${VERSION_MIN.join('.')} or later; everything but checkpoints works without it`,
  });
}

function failure(verb: string, code: number | null, words: string, path: string): SessionError {
  if (/no space left|quota exceeded/i.test(words)) {
    return new SessionError('STORE_FULL', `no space for a checkpoint of ${path}`, {
      op: 'checkpoint',
      path,
      cause: new Error(words),
      hint: 'free some space (roo session usage, roo session prune) and try again: no file was changed',
    });
  }
  return new SessionError('CHECKPOINT_FAILED', `git ${verb} ended with ${code ?? 'a signal'}: ${words}`, {
    op: 'checkpoint',
    path,
  });
}
