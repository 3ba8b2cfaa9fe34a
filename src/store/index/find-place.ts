// Where a search looks: the index file once it holds all that is due, or, where it cannot be written, the file and
// beside it, in memory, what came since.

import type { DatabaseSync } from 'node:sqlite';
import type { Warning } from '../../core/errors.ts';
import { encryptedIds, unreadableIds } from './catalogue-query.ts';
import { refresh } from './catalogue-refresh.ts';
import type { IndexContext } from './index-context.ts';
import { catalogueCopy } from './index-file.ts';
import type { IndexPlace } from './index-handle.ts';
import type { FindOptions, FindPage } from './session-find.ts';
import { findSessions } from './session-find.ts';
import type { RebuildPhase } from './session-index.ts';
import { statement } from './statements.ts';
import { fillPieces, unfilled } from './substring-fill.ts';
import type { TextShelf } from './text-hits.ts';
import { isMostlyOrphans, restartTexts, trimFile } from './text-removal.ts';
import { indexDueTexts } from './text-writer.ts';

const NONE: ReadonlySet<number> = new Set();

/** Takes in what is due and answers the query. `disk` opens the file for reading. */
export async function findIn(
  context: IndexContext,
  { database, kind }: IndexPlace,
  disk: () => DatabaseSync,
  canRead: (id: string) => boolean,
  query: string,
  options: FindOptions,
): Promise<FindPage> {
  const shelves: TextShelf[] = [{ database, skipped: NONE, use: 'write' }];
  if (kind === 'disk' && isMostlyOrphans(database)) restartTexts(database);
  if (kind === 'copy') {
    const due = statement(database, 'SELECT no FROM session WHERE due = 1').all();
    shelves.push({ database: disk(), skipped: new Set(due.map(({ no }) => no as number)), use: 'read' });
  }
  indexDueTexts(context, database);
  const unread = unreadableIds(database);
  if (unread.length > 0) context.warn(notRead(unread));
  const sealed = encryptedIds(database);
  if (sealed.length === 0) return findSessions(context, database, shelves, query, options);
  const readable = sealed.filter(canRead);
  if (readable.length < sealed.length) context.warn(notSearched(sealed.length - readable.length));
  return findSealed(context, { database, kind }, shelves, readable, query, options);
}

/** Searches encrypted sessions too: their words are indexed in memory, for this answer alone. */
async function findSealed(
  context: IndexContext,
  { database, kind }: IndexPlace,
  shelves: readonly TextShelf[],
  ids: readonly string[],
  query: string,
  options: FindOptions,
): Promise<FindPage> {
  const opened: IndexContext = { ...context, sealing: 'open' };
  // What is in memory already can take them in; beside the file, a copy of what it knows of sessions does.
  const memory = kind === 'disk' ? catalogueCopy(context.layout.indexPath) : database;
  try {
    refresh(opened, memory, ids);
    const numbers = ids.map((id) => statement(memory, 'SELECT no FROM session WHERE id = ?').get(id)?.['no'] as number);
    indexDueTexts(opened, memory);
    const others = memory === database ? shelves : shelves.map((shelf) => ({ ...shelf, skipped: new Set(numbers) }));
    const all: TextShelf[] =
      memory === database ? [...others] : [{ database: memory, skipped: NONE, use: 'write' }, ...others];
    return await findSessions(opened, memory, all, query, options);
  } finally {
    if (memory !== database) memory.close();
  }
}

function notSearched(count: number): Warning {
  return {
    code: 'SESSION_ENCRYPTED',
    message: `${count === 1 ? 'an encrypted session was' : `${count} encrypted sessions were`} not searched: locked`,
    hint: 'unlock your identity: ROO_IDENTITY, ROO_PASSPHRASE_FILE, or ask on a terminal',
  };
}

function notRead(ids: readonly string[]): Warning {
  const [first] = ids;
  return {
    code: 'LOG_UNREADABLE',
    message: `${ids.length === 1 ? `session ${first} was` : `${ids.length} sessions were`} not searched: not one record could be read`,
    hint: ids.length === 1 ? `roo session verify ${first}` : 'roo session list --all --damaged shows them',
  };
}

/** Fills all of a new index but the catalogue. */
export function fillAll(
  context: IndexContext,
  database: DatabaseSync,
  progress?: (phase: RebuildPhase, done: number, total: number) => void,
): { sessions: number; texts: number } {
  indexDueTexts(context, database, (done, total) => progress?.('texts', done, total));
  const texts = unfilled(database);
  for (let left = texts; left > 0;) {
    left = fillPieces(context, database, SLICE_MS);
    progress?.('pieces', texts - left, texts);
  }
  trimFile(database);
  const sessions = statement(database, 'SELECT count(*) AS n FROM session').get()!['n'] as number;
  return { sessions, texts };
}

const SLICE_MS = 250;
