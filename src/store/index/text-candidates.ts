// Texts that may be hits, the newest first, as the tables give them.

import type { DatabaseSync } from 'node:sqlite';
import { getMeta } from './meta-table.ts';
import { statement } from './statements.ts';
import type { TextPlan } from './text-plan.ts';
import { ordinalOf } from './text-rows.ts';
import type { Run } from './text-tables.ts';
import { runsOf } from './text-tables.ts';

/** A text by its place in the index. The row number is null where only reading the text tells who spoke. */
export interface Candidate {
  ordinal: number;
  row: number | null;
  /** Session number. */
  no: number;
  run: Run;
}

/**
 * With so many stretches of ordinals or fewer, a find within some sessions asks for each stretch; with more, it is
 * faster to go through all hits and leave out those of other sessions.
 */
const STRETCHES_MAX = 300;

/** Goes through the candidates of the given sessions (null: of all), but for those to be skipped. */
export function* candidates(
  database: DatabaseSync,
  plan: TextPlan,
  sessions: ReadonlySet<number> | null,
  skipped: ReadonlySet<number>,
): Generator<Candidate> {
  const runs = new RunFinder(database);
  for (const stretch of stretchesOf(database, sessions)) {
    for (const { ordinal, row } of found(database, plan, stretch)) {
      const run = runs.at(ordinal);
      // Words of sessions that are gone stay in the tables for a while; no run leads from them to anything.
      if (!run || skipped.has(run.session) || (sessions && !sessions.has(run.session))) continue;
      yield { ordinal, row, no: run.session, run };
    }
  }
}

type Found = Pick<Candidate, 'ordinal' | 'row'>;

function* found(database: DatabaseSync, plan: TextPlan, { first, last }: Run): Generator<Found> {
  if (plan.decides === 'tables' || plan.pieces === null) {
    yield* plan.words === null ? everything(first, last) : inWords(database, plan.words, first, last);
    return;
  }
  const filled = getMeta(database, 'filled');
  if (last >= filled) {
    const from = Math.max(first, filled);
    yield* plan.words === null ? everything(from, last) : inWords(database, plan.words, from, last);
  }
  if (first >= filled) return;
  const words = plan.words === null ? '' : 'AND rowid IN (SELECT rowid FROM words WHERE words MATCH ?)';
  const values = plan.words === null ? [plan.pieces] : [plan.pieces, plan.words];
  yield* rows(database, `pieces WHERE pieces MATCH ? ${words}`, values, first, Math.min(last, filled - 1));
}

function inWords(database: DatabaseSync, words: string, first: number, last: number): Generator<Found> {
  return rows(database, 'words WHERE words MATCH ?', [words], first, last);
}

/** Most searches need few rows, and those that need many should not ask often. */
const CHUNK_ROWS = { first: 512, growth: 8, last: 32_768 };

/**
 * The rows of a table that fit, from the last to the first ordinal. In chunks, each one JSON text: five times as fast
 * as row by row, and no statement is left half done while hits are read.
 */
function* rows(
  database: DatabaseSync,
  where: string,
  values: readonly string[],
  first: number,
  last: number,
): Generator<Found> {
  const chunk = statement(
    database,
    `SELECT json_group_array(rowid) AS rows FROM
       (SELECT rowid FROM ${where} AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?)`,
  );
  // As integers of SQLite: FTS5 would go through all rows for a bound that is a float.
  const from = BigInt(first * 4);
  let to = BigInt(last * 4 + 3);
  for (let limit = CHUNK_ROWS.first; ; limit = Math.min(limit * CHUNK_ROWS.growth, CHUNK_ROWS.last)) {
    const found = JSON.parse(chunk.get(...values, from, to, limit)!['rows'] as string) as number[];
    for (const row of found) yield { ordinal: ordinalOf(row), row };
    if (found.length < limit) return;
    to = BigInt(found.at(-1)! - 1);
  }
}

function* everything(first: number, last: number): Generator<Found> {
  for (let ordinal = last; ordinal >= first; ordinal--) yield { ordinal, row: null };
}

/** Ranges of ordinals to look into, the newest first. */
function stretchesOf(database: DatabaseSync, sessions: ReadonlySet<number> | null): Run[] {
  const all = [{ first: 0, last: getMeta(database, 'ordinal') - 1 }];
  if (sessions === null) return all;
  const stretches: Run[] = [];
  const runs: Run[] = [];
  for (const no of sessions) {
    runs.push(...runsOf(database, no));
    if (runs.length > STRETCHES_MAX * 4) return all;
  }
  for (const run of runs.sort((a, b) => b.first - a.first)) {
    const newer = stretches.at(-1);
    if (newer?.first === run.last + 1) newer.first = run.first;
    else stretches.push({ ...run });
  }
  return stretches.length > STRETCHES_MAX ? all : stretches;
}

/** Finds runs for ordinals that mostly lie in the run of the one before. */
class RunFinder {
  readonly #database: DatabaseSync;
  #run: (Run & { session: number }) | null = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  at(ordinal: number): (Run & { session: number }) | null {
    if (this.#run && ordinal >= this.#run.first && ordinal <= this.#run.last) return this.#run;
    const sql = 'SELECT first, last, session FROM run WHERE first <= ? ORDER BY first DESC LIMIT 1';
    const run = statement(this.#database, sql).get(ordinal) as (Run & { session: number }) | undefined;
    this.#run = run && ordinal <= run.last ? run : null;
    return this.#run;
  }
}
