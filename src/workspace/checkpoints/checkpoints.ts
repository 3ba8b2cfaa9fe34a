// The checkpoints of one project, for whoever has sessions in it: each call takes the lock and first puts right what a
// killed process left behind.

import { readdirSync } from 'node:fs';
import type { BytePath } from './byte-path.ts';
import { placeOf, shownPath, zeroSeparated } from './byte-path.ts';
import { planRestoreFiles, recover, restoreFiles } from './restore-checkpoint.ts';
import type { FileChangePlan, NoteSafety, RestoredFiles } from './restore-checkpoint.ts';
import { ShadowRepository } from './shadow-repository.ts';
import type { ShadowOptions } from './shadow-repository.ts';
import { collect, refsOf, tidy } from './shadow-upkeep.ts';
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

export interface FileDifference {
  path: string;
  kind: 'added' | 'changed' | 'deleted';
}

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

  /** What changed from one checkpoint to another. */
  async diff(from: string, to: string): Promise<FileDifference[]> {
    const args = ['diff-tree', '-r', '-z', '--name-status', '--no-renames', from, to];
    const fields = await this.#locked(async () => zeroSeparated(await this.#shadow.git(args)));
    const kinds: Readonly<Record<string, FileDifference['kind']>> = { A: 'added', D: 'deleted' };
    return Array.from({ length: fields.length / 2 }, (_none, index) => ({
      path: shownPath(fields[2 * index + 1]!),
      kind: kinds[fields[2 * index]!] ?? 'changed',
    }));
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

  /** Packs what came in since, where that is much: for moments when nobody waits. */
  async tidy(): Promise<void> {
    if (this.#shadow.exists) await this.#locked(() => tidy(this.#shadow));
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
