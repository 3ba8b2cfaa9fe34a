// Fills the table of pieces (trigrams), which takes three times as long as the words and is needed seldom: so after
// the answer is given, a slice at a time, in the order of ordinals.

import type { DatabaseSync } from 'node:sqlite';
import { SessionError, warningOf } from '../../core/errors.ts';
import type { IndexContext } from './index-context.ts';
import { getMeta, setMeta } from './meta-table.ts';
import { statement } from './statements.ts';
import { composed } from './text-form.ts';
import { spanAt, textsFrom } from './text-reader.ts';
import { rowNumber } from './text-rows.ts';
import type { Run } from './text-tables.ts';
import { orphanTexts } from './text-tables.ts';
import { writing } from './write-transaction.ts';

/** What one transaction takes in: about a quarter of a second. */
const SLICE_BYTES = 4_000_000;

/** Fills for about so long, and at least a little. Answers how many texts are still to be filled. */
export function fillPieces(context: IndexContext, database: DatabaseSync, budgetMs: number): number {
  const untilMs = context.now() + budgetMs;
  let left = unfilled(database);
  while (left > 0) {
    writing(database, () => fillSome(context, database, untilMs));
    left = unfilled(database);
    if (context.now() >= untilMs) break;
  }
  return left;
}

/** Texts that are indexed by their words only. */
export function unfilled(database: DatabaseSync): number {
  return getMeta(database, 'ordinal') - getMeta(database, 'filled');
}

/** One transaction: to the end of a run, of the time, or of a batch. */
function fillSome(context: IndexContext, database: DatabaseSync, untilMs: number): void {
  const from = getMeta(database, 'filled');
  const run = statement(
    database,
    `SELECT first, last, session AS no, id FROM run JOIN session ON session.no = run.session
     WHERE last >= ? ORDER BY first LIMIT 1`,
  ).get(from) as (Run & { no: number; id: string }) | undefined;
  // Behind the last run lie only texts of sessions that are gone.
  if (!run) return setMeta(database, 'filled', getMeta(database, 'ordinal'));
  const first = Math.max(from, run.first);
  const insert = statement(database, 'INSERT INTO pieces(rowid, text) VALUES(?, ?)');
  let filled = first;
  let bytes = 0;
  let ended = true;
  for (const { ordinal, text } of runTexts(context, database, run, first)) {
    if (ordinal < first) continue;
    insert.run(rowNumber(ordinal, text.role), composed(text.text));
    filled = ordinal + 1;
    bytes += text.text.length;
    if (bytes < SLICE_BYTES && context.now() < untilMs) continue;
    ended = false;
    break;
  }
  if (ended && filled <= run.last) {
    // The log no longer gives what was indexed. Rows without pieces would be missed; so it is indexed anew.
    orphanTexts(database, run.no);
    statement(database, 'UPDATE session SET due = 1 WHERE no = ?').run(run.no);
    filled = run.last + 1;
  }
  setMeta(database, 'filled', filled);
}

/** Ends early when the log cannot be read, like one that was cut. */
function* runTexts(
  context: IndexContext,
  database: DatabaseSync,
  run: Run & { no: number; id: string },
  first: number,
): ReturnType<typeof textsFrom> {
  const span = spanAt(database, first, run);
  try {
    yield* textsFrom(context, database, run, span, run.last);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    context.warn(warningOf(error));
  }
}
