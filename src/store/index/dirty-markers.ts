// A writer leaves an empty file named after its session when it opens it, so that a list need not stat every log to
// find the few that change. A marker may be too many (a list then looks in vain), but never missing while a writer of
// ours is at work.

import { closeSync, constants, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { assertSessionId, isSessionId } from '../../core/session-file-name.ts';
import type { StoreLayout } from '../store-layout.ts';
import { makePrivateFolder, openPrivate } from '../private-file.ts';

type Markers = Pick<StoreLayout, 'dirtyDir'>;

const MARKING = constants.O_WRONLY | constants.O_CREAT;

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
      closeSync(openPrivate(path, MARKING));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      makePrivateFolder(dirtyDir);
      closeSync(openPrivate(path, MARKING));
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
 * Takes a marker away once the session has been taken in. `isDirty` says whether somebody writes it, or its log has
 * changed since; asked before, to leave the marker of a writer alone, and again after it is gone: a writer that began
 * in between found its marker there and set none.
 */
export function clearMarker(markers: Markers, id: string, isDirty: (id: string) => boolean): void {
  if (isDirty(id)) return;
  const path = join(markers.dirtyDir, id);
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw systemError(error, 'remove', path);
  }
  if (isDirty(id)) markDirty(markers, id);
}
