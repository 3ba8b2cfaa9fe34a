// A log that was rewritten with the same words, as archiving does, keeps its rows in the index: only the places in
// the log are new. Indexing a long session anew would leave all its old words behind.

import type { DatabaseSync } from 'node:sqlite';
import type { IndexedText } from './index-source.ts';
import { SpanWriter } from './span-writer.ts';
import { statement } from './statements.ts';
import { textChecksum } from './text-checksum.ts';
import type { IndexedState, Run } from './text-tables.ts';
import { orphanTexts, runsOf } from './text-tables.ts';

/**
 * Reads as many texts as were indexed and gives their rows their new places; the caller goes on with the iterator
 * behind them. False when they are not the same words; then, and when reading fails, the rows are given up.
 */
export function moveTexts(
  database: DatabaseSync,
  no: number,
  before: IndexedState,
  texts: Iterator<IndexedText, unknown>,
): boolean {
  let moved = false;
  try {
    moved = movedTo(database, runsOf(database, no), before, texts);
  } finally {
    if (!moved) orphanTexts(database, no);
  }
  return moved;
}

function movedTo(
  database: DatabaseSync,
  runs: readonly Run[],
  before: IndexedState,
  texts: Iterator<IndexedText, unknown>,
): boolean {
  for (const { first, last } of runs) {
    statement(database, 'DELETE FROM span WHERE first BETWEEN ? AND ?').run(first, last);
  }
  const spans = new SpanWriter(database);
  let crc = 0;
  for (const ordinal of ordinalsOf(runs)) {
    const { done, value } = texts.next();
    if (done) return false;
    spans.add(ordinal, value);
    crc = textChecksum(value, crc);
  }
  spans.finish();
  return crc === before.crc;
}

/** Every ordinal of the runs, in order. */
export function* ordinalsOf(runs: readonly Run[]): Generator<number> {
  for (const { first, last } of runs) for (let ordinal = first; ordinal <= last; ordinal++) yield ordinal;
}
