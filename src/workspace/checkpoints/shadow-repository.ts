// A git repository of a project's checkpoints, outside its work tree: with its own folder, index and settings, it needs
// no repository of the user's and touches none. docs/checkpoints.md describes it.

import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createHash, randomUUID } from 'node:crypto';
import { devNull, homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';
import { shadowFolder } from './checkpoint-bytes.ts';
import { Git } from './git-command.ts';
import { gitEnvironment } from './git-settings.ts';
import { admit, closeQuarantine, openQuarantine, QUARANTINE_PREFIX } from './quarantine.ts';
import type { Quarantine } from './quarantine.ts';
import { textIfThere, twin, writeDurably } from './shadow-files.ts';
import { inShadowLock } from './shadow-lock.ts';
import { projectExcludes, userExcludesFile } from './user-excludes.ts';

export interface ShadowOptions {
  /** ROO_HOME; the repositories are in `state/checkpoints`. Never recorded, should it be inside the work tree. */
  home: string;
  /** The project's folder. */
  workTree: string;
  /** Other folders that must never be recorded or restored: where sessions are kept. Absolute. */
  excluded?: readonly string[];
  environment?: NodeJS.ProcessEnv;
  /** Program to run as git. */
  gitCommand?: string;
  /** The repository, for work that needs no work tree; found by the work tree when absent. */
  gitDir?: string;
}

export interface GitOptions {
  /** Path of the index to use. */
  index?: string;
  input?: Buffer;
  /** Exit codes that are answers and no failures. */
  allowed?: readonly number[];
}

/** Where restored files wait, at the top of the work tree: moving them in is a rename then. */
export const STAGE_PREFIX = '.roo-restore-';

/** Says which project it is of; the repository is whole when it is there. */
export const PROJECT_FILE = 'roo-project';

/** Over every rule of .gitattributes: no line ends, keywords, encodings or filters are changed, LFS is left out. */
const ATTRIBUTES = '* -text -filter -ident !eol !working-tree-encoding\n';

export class ShadowRepository {
  readonly workTree: string;
  readonly gitDir: string;
  /** Folders inside the work tree that are none of the project's, relative to it, with `/`. */
  readonly foreign: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #git: Git;
  /** The work tree is itself a folder where sessions are kept. */
  readonly #isOurs: boolean;
  /** Set while what is written is not let in yet. */
  #quarantine: Quarantine | undefined;
  #excludesFile: Promise<string> | null = null;

  constructor({ home, workTree, excluded = [], environment = process.env, gitCommand, gitDir }: ShadowOptions) {
    this.workTree = realFolder(workTree);
    this.gitDir = gitDir ?? join(shadowFolder(home), projectKey(this.workTree));
    this.#environment = environment;
    this.#git = new Git(gitCommand);
    const own = [home, ...excluded].map((path) => (existsSync(path) ? realpathSync(path) : path));
    this.#isOurs = own.includes(this.workTree);
    this.foreign = own
      .map((path) => relative(this.workTree, path))
      .filter(isInside)
      .map(withSlashes);
  }

  get indexPath(): string {
    return join(this.gitDir, 'index');
  }

  get exists(): boolean {
    return existsSync(join(this.gitDir, PROJECT_FILE));
  }

  /** Runs work while no other process works on the repository. Makes it where it is not there. */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    this.#assertProject();
    const folder = dirname(this.gitDir);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw systemError(error, 'create', folder);
    }
    return inShadowLock(`${this.gitDir}.lock`, async () => {
      await this.#make();
      return work();
    });
  }

  /** Runs a git command on the repository; see Git.run. */
  async git(args: readonly string[], { index = this.indexPath, ...more }: GitOptions = {}): Promise<Buffer> {
    const excludesFile = await (this.#excludesFile ??= userExcludesFile(this.#git, this.#environment));
    const place = {
      gitDir: this.gitDir,
      workTree: this.workTree,
      indexPath: index,
      objects: this.#quarantine?.directory,
    };
    const environment = gitEnvironment(this.#environment, place, excludesFile);
    return this.#git.run(args, { environment, workingDirectory: this.workTree, ...more });
  }

  /** What work writes is gone when it has answered. */
  async onPassingObjects<T>(work: () => Promise<T>): Promise<T> {
    const quarantine = openQuarantine(this.gitDir);
    this.#quarantine = quarantine;
    try {
      return await work();
    } finally {
      this.#quarantine = undefined;
      closeQuarantine(quarantine);
    }
  }

  /** What work writes is let in when it answers the commit that needs it, and thrown away when it fails. */
  async onNewObjects<T extends { commit: string }>(work: () => Promise<T>): Promise<T> {
    return this.onPassingObjects(async () => {
      const done = await work();
      await admit(this.#quarantine!, this.gitDir, async () => {
        const packs = join(this.gitDir, 'objects', 'pack');
        mkdirSync(packs, { recursive: true });
        const args = [
          'pack-objects',
          '--quiet',
          '--revs',
          '--local',
          '--delta-base-offset',
          '--no-reuse-delta',
          join(packs, 'pack'),
        ];
        await this.git(args, { input: Buffer.from(`${done.commit}\n`) });
      });
      return done;
    });
  }

  /**
   * Runs work on a second index that begins as the first one is, so that a command that is killed, or goes on alone
   * behind a killed process, leaves the first as it was. `keep` makes it the first.
   */
  async onSecondIndex<T>(work: (index: string, keep: () => void) => Promise<T>): Promise<T> {
    const index = join(this.gitDir, `index-${randomUUID()}`);
    twin(this.indexPath, index);
    try {
      return await work(index, () => renameSync(index, this.indexPath));
    } finally {
      for (const path of [index, `${index}.lock`]) rmSync(path, { force: true });
    }
  }

  /** The next checkpoint looks at every file again. */
  dropIndex(): void {
    rmSync(this.indexPath, { force: true });
  }

  /** The newest checkpoint of any session: what `git status` compares with. Null before the first. */
  get newest(): string | null {
    return /^[0-9a-f]{40,64}$/m.exec(textIfThere(join(this.gitDir, 'HEAD')) ?? '')?.[0] ?? null;
  }

  /** Not by `git update-ref HEAD`: a lock file that a crash left behind would stop every later checkpoint. */
  setNewest(commit: string | null): void {
    writeDurably(join(this.gitDir, 'HEAD'), commit === null ? 'ref: refs/heads/none\n' : `${commit}\n`);
  }

  async #make(): Promise<void> {
    if (!this.exists) {
      await this.#git.run(['init', '--quiet', '--bare', '--template=', this.gitDir], {
        environment: gitEnvironment(this.#environment, null, devNull),
        workingDirectory: dirname(this.gitDir),
      });
      this.setNewest(null);
      mkdirSync(join(this.gitDir, 'info'), { recursive: true });
      writeDurably(join(this.gitDir, 'info', 'attributes'), ATTRIBUTES);
      // The last, so that one which a crash left half-made is made again.
      writeDurably(join(this.gitDir, PROJECT_FILE), `${this.workTree}\n`);
    }
    for (const name of readdirSync(this.gitDir)) {
      // What processes that were killed left behind: whoever holds the lock has none of these yet.
      if (name.startsWith('index-') || name.startsWith(QUARANTINE_PREFIX)) {
        rmSync(join(this.gitDir, name), { recursive: true, force: true });
      }
    }
    const own = [`${STAGE_PREFIX}*`, ...this.foreign.map(literalPattern)].map((path) => `/${path}/\n`);
    const excludes = `${projectExcludes(this.workTree)}\n${own.join('')}`;
    const path = join(this.gitDir, 'info', 'exclude');
    if (textIfThere(path) !== excludes) writeDurably(path, excludes);
  }

  #assertProject(): void {
    const home = realpathSync(homedir());
    const isTooMuch = this.workTree === home || isInside(relative(this.workTree, home)) || this.#isOurs;
    if (!isTooMuch && dirname(this.workTree) !== this.workTree) return;
    throw new SessionError(
      'CHECKPOINT_FAILED',
      `no checkpoints are taken of ${this.workTree}: it is no project's folder`,
      {
        op: 'checkpoint',
        path: this.workTree,
        hint: 'work in a folder of its own',
      },
    );
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError(error, 'enter', path);
    throw new SessionError('CHECKPOINT_FAILED', `the project's folder ${path} is not there`, {
      op: 'checkpoint',
      path,
      hint: 'where the project moved, roo session load finds it and its checkpoints',
    });
  }
}

/** Says to people which project it is, and to the machine for certain. */
function projectKey(workTree: string): string {
  const name = basename(workTree)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 40);
  return `${name}-${createHash('sha256').update(workTree).digest('hex').slice(0, 16)}`;
}

function isInside(way: string): boolean {
  return way !== '' && !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

/** A line of an exclude file that means this path and no other. */
function literalPattern(path: string): string {
  return path.replace(/[*?[\]\\!# ]/g, '\\$&');
}

function withSlashes(path: string): string {
  return path.split(sep).join('/');
}
