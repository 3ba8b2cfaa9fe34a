// A writer leaves an empty file named after its session when it opens it, so that a list need not stat every log to
// find the few that change. A marker may be too many (a list then looks in vain), but never missing while a writer of
// ours is at work.

import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { assertSessionId, isSessionId } from '../../core/session-file-name.ts';
import type { StoreLayout } from '../store-layout.ts';
import { DIRECTORY_MODE, FILE_MODE } from '../store-layout.ts';

type Markers = Pick<StoreLayout, 'dirtyDir'>;

/**
 * Says that a session is about to change. A writer calls it after it has taken the lock and before it writes anything;
 * whoever puts something into an inbox, before that. Durable enough as it is: what a power failure takes away, the
 * sweep of all times finds.
 */
export function markDirty({ dirtyDir }: Markers, id: string): void {
  assertSessionId(id, 'mark');
  const path = join(dirtyDir, id);
  try {
    try {
      closeSync(openSync(path, 'a', FILE_MODE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(dirtyDir, { recursive: true, mode: DIRECTORY_MODE });
      closeSync(openSync(path, 'a', FILE_MODE));
    }
  } catch (error) {
    throw systemError(error, 'mark', path);
  }
}

/** Sessions that may have changed, in no order. */
export function dirtyIds({ dirtyDir }: Markers): string[] {
  try {
    return readdirSync(dirtyDir).filter(isSessionId);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'read', dirtyDir);
  }
}

/**
 * Takes a marker away unless somebody writes the session. To be called before the log is looked at. The marker goes
 * first and the lock is asked second: a writer that comes in between marks anew, and one that was there is seen. The
 * other way round, a writer that starts between the two would lose its marker.
 */
export function clearUnlessHeld(markers: Markers, id: string, isHeld: (id: string) => boolean): void {
  try {
    rmSync(join(markers.dirtyDir, id), { force: true });
  } catch (error) {
    throw systemError(error, 'remove', join(markers.dirtyDir, id));
  }
  if (isHeld(id)) markDirty(markers, id);
}
