// Indexes of sessions folders that this one once was, or was copied from: each folder has its own by its path, so one
// that was moved leaves an index behind, with the words of its sessions in it.

import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemError } from '../../core/errors.ts';
import { namesIn } from '../session-files.ts';
import type { StoreLayout } from '../store-layout.ts';
import { fileIdentity, removeIndexFile } from './index-file.ts';

const NAME = /^index-[0-9a-f]{8}\.db$/;

/** Removes other indexes that know a session. Where one is in use after all, it is made anew from the logs. */
export function dropOtherIndexes({ indexPath }: Pick<StoreLayout, 'indexPath'>, id: string): void {
  const folder = dirname(indexPath);
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (!NAME.test(name) || path === indexPath) continue;
    const identity = fileIdentity(path);
    try {
      if (knows(path, id)) removeIndexFile(path, identity);
    } catch (error) {
      throw systemError(error, 'remove', path);
    }
  }
}

/** True also for one that cannot be asked: what cannot be read again tells nobody what it holds. */
function knows(path: string, id: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 500 });
    return database.prepare('SELECT 1 FROM session WHERE id = ?').get(id) !== undefined;
  } catch {
    return true;
  } finally {
    database?.close();
  }
}
