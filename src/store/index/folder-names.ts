// Which sessions came and which went, without reading the folder when nothing in it can have changed.

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { systemError } from '../../core/errors.ts';
import type { IndexContext } from './index-context.ts';
import { getMeta, setMeta } from './meta-table.ts';
import { statement } from './statements.ts';
import { textHash } from '../../core/text-hash.ts';

export interface NameChanges {
  added: string[];
  gone: string[];
  /** To be called in the transaction that carries the changes out, or a later one: remembers the folder as seen. */
  remember(): void;
}

/**
 * A folder's time may stay the same through two changes that follow closely, so a folder that changed less than this
 * before it was read must be read once more.
 */
const RACY_MS = 2_000;

/** Compares the folder with the catalogue. Null when it has not changed since the last comparison. */
export function changedNames(context: IndexContext, database: DatabaseSync): NameChanges | null {
  // Before the names are read: what changes while they are read then shows up next time.
  const folder = folderFacts(context);
  if (folder !== null && folder.facts === getMeta(database, 'folder')) return null;
  const ids = context.source.ids();
  // The system gives the names of an unchanged folder in an unchanged order, so a plain hash of all will do.
  const names = `${ids.length}:${textHash(ids.join('\n'))}`;
  const racy = folder === null || context.now() - folder.mtimeMs < RACY_MS;
  const remember = (): void => {
    setMeta(database, 'folder', racy ? '' : folder.facts);
    setMeta(database, 'names', names);
  };
  if (names === getMeta(database, 'names')) return racy ? null : { added: [], gone: [], remember };
  const gone = new Set(
    statement(database, 'SELECT id FROM session')
      .all()
      .map(({ id }) => id as string),
  );
  const added = ids.filter((id) => !gone.delete(id));
  return { added, gone: [...gone], remember };
}

/** Null when there is no folder yet. */
function folderFacts({ layout }: IndexContext): { facts: string; mtimeMs: number } | null {
  try {
    const stat = statSync(layout.sessionsDir, { bigint: true, throwIfNoEntry: false });
    if (!stat) return null;
    return { facts: `${stat.dev}:${stat.ino}:${stat.mtimeNs}`, mtimeMs: Number(stat.mtimeMs) };
  } catch (error) {
    throw systemError(error, 'list', layout.sessionsDir);
  }
}
