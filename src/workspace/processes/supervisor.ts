// Writes the output of a session's background processes to their logs, and their ends to their files. Nothing depends
// on its life: the processes write into FIFOs that they hold open themselves, and the next supervisor goes on.

import { closeSync, constants, openSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import type { ByteFilter } from './byte-filter.ts';
import { ProcessFiles } from './process-files.ts';
import { thisMachine } from './process-identity.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { trySupervise } from './supervisor-lock.ts';

/** What no file tells, such as a waiter that was killed, and what a full disk put off. */
const LOOK_MS = 2000;

export interface SupervisorOptions {
  /** A new one for each process: it may keep something back between two pieces. */
  filterFor: (id: string) => ByteFilter;
  nowMs: () => number;
  segmentBytesMax?: number;
}

/** Works until every process of the folder has ended and all their output is in the logs. */
export async function supervise(folder: string, options: SupervisorOptions): Promise<'done' | 'busy'> {
  const files = new ProcessFiles(folder);
  // A process may be started while the lock is given back: its own supervisor then found this one still at work.
  do {
    const lock = trySupervise(folder);
    if (!lock) return 'busy';
    const alive = holdAlive(folder);
    try {
      await superviseAll(files, options);
    } finally {
      if (alive !== null) closeSync(alive);
      lock.release();
    }
  } while (unfinishedIn(files).length > 0);
  return 'done';
}

/** Processes that a supervisor here has to do with; those of another container cannot be seen, so they are not judged. */
export function unfinishedIn(files: ProcessFiles): string[] {
  const machine = thisMachine();
  return files.ids().filter((id) => {
    if (!files.isUnfinished(id)) return false;
    const started = files.start(id)?.machine;
    return started?.bootId !== machine?.bootId || started?.pidNamespace === machine?.pidNamespace;
  });
}

async function superviseAll(files: ProcessFiles, options: SupervisorOptions): Promise<void> {
  const known = new Map<string, SupervisedProcess>();
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        try {
          if (lookAtAll(files, options, known, changed) === 'done') resolve();
        } catch (error) {
          reject(error);
        }
      };
      let isDue = false;
      const changed = (error: Error | null): void => {
        if (error) reject(error);
        if (isDue) return;
        isDue = true;
        setImmediate(() => {
          isDue = false;
          look();
        });
      };
      watcher = watchFolder(files.folder, () => changed(null));
      timer = setInterval(look, LOOK_MS);
      changed(null);
    });
  } finally {
    clearInterval(timer);
    watcher?.close();
    for (const one of known.values()) one.close();
  }
}

function lookAtAll(
  files: ProcessFiles,
  options: SupervisorOptions,
  known: Map<string, SupervisedProcess>,
  changed: (error: Error | null) => void,
): 'done' | 'work-left' {
  for (const id of unfinishedIn(files)) {
    if (known.has(id)) continue;
    known.set(id, new SupervisedProcess(files, id, () => options.filterFor(id), options.segmentBytesMax));
  }
  for (const [id, one] of known) {
    if (!one.look(options.nowMs(), changed)) continue;
    one.close();
    known.delete(id);
  }
  return known.size > 0 || unfinishedIn(files).length > 0 ? 'work-left' : 'done';
}

/** Held open for writing as long as the supervisor lives: whoever reads it learns of its death at once. */
function holdAlive(folder: string): number | null {
  const path = join(folder, 'alive');
  try {
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // No process got so far as to make it.
    throw systemError(error, 'open', path);
  }
}

/** Undefined where the system gives no more watchers: then the timer alone has to do. */
function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    return watch(folder, changed).on('error', changed);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EMFILE') return undefined;
    throw systemError(error, 'watch', folder);
  }
}
