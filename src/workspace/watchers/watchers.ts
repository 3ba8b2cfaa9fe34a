// The paths that a session watches: armed, watched live, told of in batches. A path that is gone is waited for.

import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { SessionError, systemError } from '../../core/errors.ts';
import { IgnoredPaths } from '../files/ignored-paths.ts';
import { isOutside, slashes } from '../files/scan-files.ts';
import { ChangeCollector } from './change-collector.ts';
import type { Batch, WatchEvent } from './change-collector.ts';

export interface WatchedPath {
  /** Absolute. */
  path: string;
  /** `waiting`: it is not there, and watched when it comes. */
  state: 'watching' | 'waiting' | 'failed';
  /** Why it failed. */
  reason: string | null;
}

interface WatcherEvents {
  /** What changed, when it has been quiet for a moment. */
  changes: [Batch];
  /** A path went, came back, or cannot be watched any more. */
  state: [WatchedPath];
}

export interface WatchersOptions {
  /** Relative paths begin here, and changes are told from here. Absolute. */
  workingDirectory: string;
  /** Patterns as in .gitignore, over those of the project. */
  ignore?: readonly string[];
}

/** A batch ends when nothing happened for so long, and at the latest after the second time. */
const QUIET_MS = 200;
const BATCH_MS_MAX = 1000;

interface Armed extends WatchedPath {
  watcher: FSWatcher;
  /** What tells a file under another name again. */
  identities: Map<string, string>;
}

export class Watchers extends EventEmitter<WatcherEvents> {
  readonly #options: WatchersOptions;
  readonly #armed = new Map<string, Armed>();
  readonly #collector = new ChangeCollector();
  #timer: NodeJS.Timeout | null = null;
  #batchBeganMs: number | null = null;

  constructor(options: WatchersOptions) {
    super();
    this.#options = options;
  }

  /** Resolves when changes from now on are seen. A path that is watched already is left as it is. */
  async add(path: string): Promise<WatchedPath> {
    const absolute = resolve(this.#options.workingDirectory, path);
    const known = this.#armed.get(absolute);
    if (known && known.state !== 'failed') return shown(known);
    if (known) await this.remove(absolute);
    const { watch } = await import('chokidar');
    const ignored = await IgnoredPaths.of(absolute, this.#options.ignore ?? []);
    const watcher = watch(absolute, {
      alwaysStat: true,
      followSymlinks: false,
      ignored: (each, stats) => isIgnored(ignored, absolute, each, stats),
    });
    const state = isThere(absolute) ? 'watching' : 'waiting';
    const armed: Armed = { path: absolute, state, reason: null, watcher, identities: new Map() };
    this.#armed.set(absolute, armed);
    await this.#listen(armed, ignored);
    return shown(armed);
  }

  /** False where the path is not watched. What it told of before is still told. */
  async remove(path: string): Promise<boolean> {
    const absolute = resolve(this.#options.workingDirectory, path);
    const armed = this.#armed.get(absolute);
    this.#armed.delete(absolute);
    await armed?.watcher.close();
    return armed !== undefined;
  }

  /** In the order in which they were added; its paths are what `state.watchedFiles` holds. */
  list(): WatchedPath[] {
    return [...this.#armed.values()].map(shown);
  }

  /** What changed since the last batch, at once: for the end of a session. */
  take(): Batch {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    this.#batchBeganMs = null;
    return this.#collector.drain();
  }

  /** Watches nothing any more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    const all = [...this.#armed.values()];
    this.#armed.clear();
    await Promise.all(all.map(({ watcher }) => watcher.close()));
  }

  /** Until it is ready, what it finds was there before. */
  #listen(armed: Armed, ignored: IgnoredPaths): Promise<void> {
    const { watcher, identities } = armed;
    return new Promise((ready) => {
      let isReady = false;
      const on = (event: WatchEvent) => (path: string, stats?: Stats) => {
        // With the time it was made: the number of a file that went is soon another's.
        const identity = stats ? `${stats.dev} ${stats.ino} ${stats.birthtimeMs}` : identities.get(path);
        if (event === 'unlink') identities.delete(path);
        else if (identity !== undefined) identities.set(path, identity);
        if (path === armed.path) this.#setState(armed, event === 'unlink' ? 'waiting' : 'watching');
        if (!isReady) return;
        if (path.endsWith('.gitignore')) ignored.forget();
        this.#collector.take(event, this.#shownPath(path), identity);
        this.#schedule();
      };
      watcher.on('add', on('add')).on('change', on('change')).on('unlink', on('unlink'));
      watcher.on('addDir', (path) => path === armed.path && this.#setState(armed, 'watching'));
      watcher.on('unlinkDir', (path) => path === armed.path && this.#setState(armed, 'waiting'));
      const done = (): void => {
        isReady = true;
        ready();
      };
      watcher.once('ready', done);
      watcher.on('error', (error) => {
        this.#setState(armed, 'failed', watchFailure(error, armed.path).message);
        done();
      });
    });
  }

  #setState(armed: Armed, state: WatchedPath['state'], reason: string | null = null): void {
    if (armed.state === state || armed.state === 'failed') return;
    armed.state = state;
    armed.reason = reason;
    this.emit('state', shown(armed));
  }

  #schedule(): void {
    const nowMs = performance.now();
    this.#batchBeganMs ??= nowMs;
    const waitMs = Math.min(QUIET_MS, Math.max(0, this.#batchBeganMs + BATCH_MS_MAX - nowMs));
    clearTimeout(this.#timer ?? undefined);
    this.#timer = setTimeout(() => {
      const batch = this.take();
      if (batch.changes.length > 0) this.emit('changes', batch);
    }, waitMs).unref();
  }

  #shownPath(path: string): string {
    const { workingDirectory } = this.#options;
    return slashes(isOutside(workingDirectory, path) ? path : relative(workingDirectory, path));
  }
}

function shown({ path, state, reason }: WatchedPath): WatchedPath {
  return { path, state, reason };
}

function isIgnored(ignored: IgnoredPaths, root: string, path: string, stats?: Stats): boolean {
  const way = slashes(relative(root, path));
  // Before it was looked at, nobody knows whether a pattern for folders is meant; it is asked again with `stats`.
  if (way === '' || isOutside(root, path)) return false;
  return ignored.has(way, stats?.isDirectory() ? 'folder' : 'file');
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw systemError(error, 'watch', path);
  }
}

function watchFailure(error: unknown, path: string): SessionError {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return systemError(error, 'watch', path);
  // The same number as a full disk, and another matter.
  return new SessionError('NOT_SUPPORTED', `the system allows no more watches, so ${path} is not watched`, {
    op: 'watch',
    path,
    cause: error,
    hint: 'raise fs.inotify.max_user_watches, or watch fewer folders',
  });
}
