// The checkpoints of one project, for whoever has sessions in it: each call takes the lock and first puts right what a
// killed process left behind.

import { readdirSync } from 'node:fs';
import type { BytePath } from './byte-path.ts';
import { placeOf, shownPath, zeroSeparated } from './byte-path.ts';
import { planRestoreFiles, recover, restoreFiles } from './restore-checkpoint.ts';
import type { FileChangePlan, NoteSafety, RestoredFiles } from './restore-checkpoint.ts';
import { ShadowRepository } from './shadow-repository.ts';
import type { ShadowOptions } from './shadow-repository.ts';
import { collect, refsOf, tidy, trim } from './shadow-upkeep.ts';
import type { KeptCheckpoint } from './shadow-upkeep.ts';
import { takeCheckpoint } from './take-checkpoint.ts';
import type { CheckpointRequest, TakenCheckpoint } from './take-checkpoint.ts';
import type { LeftOut } from './tree-changes.ts';

export type {
  CheckpointRequest,
  FileChangePlan,
  KeptCheckpoint,
  LeftOut,
  RestoredFiles,
  ShadowOptions,
  TakenCheckpoint,
};

/** Of the checkpoints of one project. */
const BYTES_MAX = 2 * 1024 ** 3;

export class Checkpoints {
  readonly #shadow: ShadowRepository;

  /** Touches nothing yet. Throws where the work tree is not there. */
  constructor(options: ShadowOptions) {
    this.#shadow = new ShadowRepository(options);
  }

  /** Durable when it resolves. Throws CHECKPOINT_FAILED, STORE_FULL. */
  take(request: CheckpointRequest): Promise<TakenCheckpoint> {
    return this.#locked(() => takeCheckpoint(this.#shadow, request));
  }

  /** What a restore would do now; changes nothing. Throws CHECKPOINT_NOT_FOUND. */
  planRestore(commit: string): Promise<FileChangePlan[]> {
    return this.#locked(() => planRestoreFiles(this.#shadow, commit));
  }

  /**
   * `request` names the safety checkpoint, `noteSafety` writes it down before any file changes. Throws with every file
   * as it was.
   */
  restore(commit: string, request: CheckpointRequest, noteSafety: NoteSafety = async () => {}): Promise<RestoredFiles> {
    return this.#locked(() => restoreFiles(this.#shadow, commit, request, noteSafety));
  }

  /** Checkpoints of a session that are kept, oldest first. */
  list(sessionId: string): Promise<KeptCheckpoint[]> {
    return this.#locked(() => refsOf(this.#shadow, sessionId));
  }

  /**
   * What no checkpoint holds because of the rules: ignored files, folders ending in `/`, and empty folders, which git
   * cannot record. Walks the whole tree; for those who asked for a checkpoint, not for the automatic ones.
   */
  leftAlone(): Promise<LeftOut[]> {
    const listed = async (...flags: string[]): Promise<BytePath[]> =>
      zeroSeparated(
        await this.#shadow.git(['ls-files', '-z', '--others', '--directory', '--exclude-standard', ...flags]),
      );
    return this.#locked(async () => {
      const ignored = (await listed('--ignored')).map((path) => ({ path: shownPath(path), reason: 'ignored' }));
      const others = await listed();
      const empty = others.filter((path) => isEmptyFolder(this.#shadow.workTree, path));
      return [...ignored, ...empty.map((path) => ({ path: shownPath(path), reason: 'an empty folder' }))];
    });
  }

  /**
   * Packs what came in since, where that is much, and frees the oldest automatic checkpoints where the project's take
   * more than `bytesMax`: for moments when nobody waits.
   */
  async tidy(bytesMax: number = BYTES_MAX): Promise<void> {
    if (!this.#shadow.exists) return;
    await this.#locked(async () => {
      await tidy(this.#shadow);
      await trim(this.#shadow, bytesMax);
    });
  }

  /** Packs everything and frees what no checkpoint needs. */
  async gc(): Promise<void> {
    if (this.#shadow.exists) await this.#locked(() => collect(this.#shadow));
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return this.#shadow.locked(async () => {
      recover(this.#shadow);
      return work();
    });
  }
}

function isEmptyFolder(workTree: string, path: BytePath): boolean {
  return path.endsWith('/') && readdirSync(placeOf(workTree, path)).length === 0;
}
