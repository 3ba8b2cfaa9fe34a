// What tells of a session without being it: the mark of its writers, its lock and who held it. And the sessions that are
// other versions of it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../core/errors.ts';
import { parseSessionFileName } from '../core/session-file-name.ts';
import { sessionKeyLock } from './key-lock.ts';
import { namesIn } from './session-files.ts';
import type { StoreLayout } from './store-layout.ts';

/** Removes the marks of a session that is gone for good. Nobody holds its lock. */
export function dropMarks({ dirtyDir, locksDir }: StoreLayout, id: string): void {
  const locks = [id, sessionKeyLock(id)].flatMap((name) => [`${name}.lock`, `${name}.owner.json`]);
  for (const path of [join(dirtyDir, id), ...locks.map((name) => join(locksDir, name))]) {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw systemError(error, 'remove', path);
    }
  }
}

/** Sessions in the store that a syncer or a copy made of this one. */
export function conflictsOf({ sessionsDir }: StoreLayout, id: string): string[] {
  return namesIn(sessionsDir).flatMap((name) => {
    const parsed = parseSessionFileName(name);
    return parsed?.kind === 'conflict' && parsed.of === id ? [parsed.id] : [];
  });
}
