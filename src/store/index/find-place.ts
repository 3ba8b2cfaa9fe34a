// Where a search looks: the index file once it holds all that is due, or, where it cannot be written, the file and
// beside it, in memory, what came since.

import type { DatabaseSync } from 'node:sqlite';
import type { IndexContext } from './index-context.ts';
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
  return findSessions(context, database, shelves, query, options);
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
