// Turns a stream of events into what changed in the end: a file that was written ten times changed once, one that came
// and went did not change at all, and a storm of ten thousand is a few folders.

import type { FileChange } from '../../core/record.ts';
import { splitPath } from '../files/file-snapshot.ts';

export type WatchEvent = 'add' | 'change' | 'unlink';

/** Changes in one batch; more become those of their folders. */
export const CHANGES_MAX = 200;
/** Paths that are told apart while a batch is collected. */
const PATHS_MAX = 10_000;

interface Pending {
  /** Was there before the batch. */
  wasThere: boolean;
  isThere: boolean;
  identity: string | undefined;
}

export interface Batch {
  /** A path that ends in `/` stands for many files below it. */
  changes: FileChange[];
  /** Files that changed. */
  fileCount: number;
}

export class ChangeCollector {
  #pending = new Map<string, Pending>();
  #crowded = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#pending.size === 0 && this.#crowded.size === 0;
  }

  /** `identity` tells a file under another name again; undefined where it is not known. */
  take(event: WatchEvent, path: string, identity: string | undefined): void {
    const pending = this.#pending.get(path);
    if (pending) {
      pending.isThere = event !== 'unlink';
      pending.identity = identity ?? pending.identity;
    } else if (this.#pending.size < PATHS_MAX) {
      this.#pending.set(path, { wasThere: event !== 'add', isThere: event !== 'unlink', identity });
    } else {
      const folder = `${splitPath(path).folder || '.'}/`;
      this.#crowded.set(folder, (this.#crowded.get(folder) ?? 0) + 1);
    }
  }

  /** The batch so far; the next one begins. */
  drain(): Batch {
    const changes = withRenames(this.#pending);
    const crowded = Array.from(this.#crowded, ([path]): FileChange => ({ path, kind: 'changed' }));
    const fileCount = changes.length + [...this.#crowded.values()].reduce((sum, count) => sum + count, 0);
    this.#pending = new Map();
    this.#crowded = new Map();
    return { changes: summarised([...changes, ...crowded]), fileCount };
  }
}

function withRenames(pending: ReadonlyMap<string, Pending>): FileChange[] {
  const gone = new Map<string, string>();
  for (const [path, { wasThere, isThere, identity }] of pending)
    if (wasThere && !isThere && identity !== undefined) gone.set(identity, path);
  const renamedFrom = new Map<string, string>();
  for (const [path, { wasThere, isThere, identity }] of pending) {
    const from = !wasThere && isThere && identity !== undefined ? gone.get(identity) : undefined;
    if (from === undefined) continue;
    gone.delete(identity!);
    renamedFrom.set(path, from);
  }
  const moved = new Set(renamedFrom.values());
  return Array.from(pending).flatMap(([path, { wasThere, isThere }]): FileChange[] => {
    const from = renamedFrom.get(path);
    if (from !== undefined) return [{ path, kind: 'renamed', from }];
    if (moved.has(path) || (!wasThere && !isThere)) return [];
    if (wasThere && isThere) return [{ path, kind: 'changed' }];
    return [{ path, kind: isThere ? 'added' : 'deleted' }];
  });
}

/** As they are while they are few; else the deepest become their folders, level by level. */
export function summarised(changes: readonly FileChange[], max: number = CHANGES_MAX): FileChange[] {
  let all = [...changes];
  const depthOf = ({ path }: FileChange): number => path.replace(/\/$/, '').split('/').length;
  for (let depth = Math.max(0, ...all.map(depthOf)); all.length > max && depth > 0; depth--) {
    const byPath = new Map<string, FileChange>();
    for (const change of all) {
      const folder = `${splitPath(change.path.replace(/\/$/, '')).folder || '.'}/`;
      const kept: FileChange = depthOf(change) < depth ? change : { path: folder, kind: 'changed' };
      byPath.set(kept.path, kept);
    }
    all = [...byPath.values()];
  }
  return all;
}
