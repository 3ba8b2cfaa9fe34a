// Taking words out of the full-text index for good. The tables hold no text, so SQLite has to be told the same words
// once more to find their entries; where the log no longer has them, only indexing everything anew removes them.

import type { DatabaseSync } from 'node:sqlite';
import { SessionError } from '../../core/errors.ts';
import { removeRow } from './catalogue-table.ts';
import type { IndexContext } from './index-context.ts';
import { setFullText } from './index-schema.ts';
import type { IndexedText } from './index-source.ts';
import { getMeta, setMeta } from './meta-table.ts';
import { statement } from './statements.ts';
import { textChecksum } from './text-checksum.ts';
import { composed } from './text-form.ts';
import { ordinalsOf } from './text-move.ts';
import { rowNumber } from './text-rows.ts';
import type { IndexedState } from './text-tables.ts';
import { dropRuns, indexedState, orphanTexts, runsOf } from './text-tables.ts';
import { wordsOf } from './text-words.ts';
import { writing } from './write-transaction.ts';

/**
 * Up to so many texts are cut out of the tables one by one, at 1 to 5 ms each (FTS5's secure-delete). More are marked
 * as deleted, a hundred times as fast, and the tables then written anew without them, at about 100 MB of text a second.
 */
const CUT_OUT_TEXTS_MAX = 256;
/** With fewer left behind than this, indexing everything anew is not worth its time. */
const ORPHANS_MIN = 1_000;

/** Takes a session out of the index, words and all. Answers whether nothing was left behind. */
export function forgetSession(context: IndexContext, database: DatabaseSync, id: string): boolean {
  const row = statement(database, 'SELECT no FROM session WHERE id = ?').get(id);
  if (!row) return true;
  const exact = removeTexts(context, database, row['no'] as number, id);
  writing(database, () => {
    removeRow(database, id);
    // Should the log stay after all, the next list has to find it again.
    setMeta(database, 'folder', '');
    setMeta(database, 'names', '');
  });
  cutWriteAheadLog(database);
  return exact;
}

/**
 * Removes a session's words while its log still has them. What cannot be removed exactly is orphaned: found by
 * nobody, and counted until `restartTexts`. Answers whether nothing was left behind.
 */
function removeTexts(context: IndexContext, database: DatabaseSync, no: number, id: string): boolean {
  const state = indexedState(database, no);
  if (!state || state.texts === 0) return true;
  const few = state.texts <= CUT_OUT_TEXTS_MAX;
  const exact = writing(database, () => {
    if (!holdsSameWords(context, id, state)) {
      orphanTexts(database, no);
      return false;
    }
    if (!few) for (const table of TABLES) setFullText(database, table, 'secure-delete', 0);
    deleteRows(context, database, no, id);
    return true;
  });
  if (exact && !few) {
    writing(database, () => {
      for (const table of TABLES) {
        database.exec(`INSERT INTO ${table}(${table}) VALUES('optimize')`);
        setFullText(database, table, 'secure-delete', 1);
      }
    });
  }
  return exact;
}

const TABLES = ['words', 'pieces'] as const;

/** True when so much was left behind that the texts should be indexed anew. */
export function isMostlyOrphans(database: DatabaseSync): boolean {
  const orphans = getMeta(database, 'orphans');
  return orphans >= ORPHANS_MIN && orphans * 4 >= getMeta(database, 'ordinal');
}

/** What was deleted stays readable in the write-ahead log until that is taken over and cut off. False: it is in use. */
export function cutWriteAheadLog(database: DatabaseSync): boolean {
  return statement(database, 'PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 1;
}

/** Takes out what was left behind of sessions that are gone, at the price of indexing all others anew. */
export function dropOrphans(database: DatabaseSync): void {
  if (getMeta(database, 'orphans') > 0) restartTexts(database);
}

/** Empties the full-text tables; every readable session is due again. */
export function restartTexts(database: DatabaseSync): void {
  writing(database, () => {
    for (const table of TABLES) database.exec(`INSERT INTO ${table}(${table}) VALUES('delete-all')`);
    database.exec(`DELETE FROM run; DELETE FROM span; DELETE FROM indexed;
      UPDATE session SET due = (health <> 'unreadable' AND encrypted = 0)`);
    for (const key of ['ordinal', 'filled', 'orphans'] as const) setMeta(database, key, 0);
  });
  cutWriteAheadLog(database);
}

/** Gives free pages at the end of the file back, when there are many: merging leaves them. */
export function trimFile(database: DatabaseSync): void {
  const pages = (pragma: string): number => Number(Object.values(statement(database, `PRAGMA ${pragma}`).get()!)[0]);
  if (pages('freelist_count') * 10 > pages('page_count')) database.exec('PRAGMA incremental_vacuum');
}

/** The first as many texts of the log as were indexed, and no fewer; empty when the log cannot be read. */
function* indexedTexts(context: IndexContext, id: string, count: number): Generator<IndexedText> {
  try {
    let left = count;
    if (left === 0) return;
    for (const text of context.source.texts(id, null).texts) {
      yield text;
      if (--left === 0) return;
    }
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // Gone or unreadable: too few texts came, which the caller sees.
  }
}

function holdsSameWords(context: IndexContext, id: string, state: IndexedState): boolean {
  let crc = 0;
  let texts = 0;
  for (const text of indexedTexts(context, id, state.texts)) {
    crc = textChecksum(text, crc);
    texts++;
  }
  return texts === state.texts && crc === state.crc;
}

function deleteRows(context: IndexContext, database: DatabaseSync, no: number, id: string): void {
  const fromWords = statement(database, `INSERT INTO words(words, rowid, text) VALUES('delete', ?, ?)`);
  const fromPieces = statement(database, `INSERT INTO pieces(pieces, rowid, text) VALUES('delete', ?, ?)`);
  const filled = getMeta(database, 'filled');
  const runs = runsOf(database, no);
  const ordinals = ordinalsOf(runs);
  const texts = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  for (const text of indexedTexts(context, id, texts)) {
    const ordinal = ordinals.next().value as number;
    const row = rowNumber(ordinal, text.role);
    fromWords.run(row, wordsOf(text));
    if (ordinal < filled) fromPieces.run(row, composed(text.text));
  }
  for (const { first, last } of runs) {
    statement(database, 'DELETE FROM span WHERE first BETWEEN ? AND ?').run(first, last);
  }
  dropRuns(database, no);
}
