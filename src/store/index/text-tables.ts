// Which ordinals belong to which session, and where in its log they are. See index-schema.ts.

import type { DatabaseSync } from 'node:sqlite';
import type { TextPosition } from './index-source.ts';
import { getMeta, setMeta } from './meta-table.ts';
import { statement } from './statements.ts';

/** A range of ordinals of one session, both ends included. */
export interface Run {
  first: number;
  last: number;
}

/** How far a session's log has been indexed. */
export interface IndexedState {
  position: TextPosition;
  texts: number;
  crc: number;
}

export function runsOf(database: DatabaseSync, no: number): Run[] {
  return statement(database, 'SELECT first, last FROM run WHERE session = ? ORDER BY first').all(
    no,
  ) as unknown as Run[];
}

/** Null when nothing of the session was indexed. */
export function indexedState(database: DatabaseSync, no: number): IndexedState | null {
  const row = statement(database, 'SELECT * FROM indexed WHERE no = ?').get(no);
  if (!row) return null;
  const { part, offset, seq } = row as Record<string, number>;
  return {
    position: {
      generation: row['generation'] as string,
      next: { part: part!, offset: offset!, seq: seq! },
      calls: JSON.parse(row['calls'] as string) as TextPosition['calls'],
    },
    texts: row['texts'] as number,
    crc: row['crc'] as number,
  };
}

export function putIndexedState(database: DatabaseSync, no: number, { position, texts, crc }: IndexedState): void {
  const { generation, next, calls } = position;
  statement(
    database,
    'INSERT OR REPLACE INTO indexed(no, generation, part, offset, seq, calls, texts, crc) VALUES(?,?,?,?,?,?,?,?)',
  ).run(no, generation, next.part, next.offset, next.seq, JSON.stringify(calls), texts, crc);
}

/** Gives ordinals to a session; goes on with its last run where they follow it. */
export function extendRun(database: DatabaseSync, no: number, first: number, last: number): void {
  if (last < first) return;
  const { changes } = statement(database, 'UPDATE run SET last = ? WHERE session = ? AND last = ?').run(
    last,
    no,
    first - 1,
  );
  if (changes === 0) statement(database, 'INSERT INTO run(first, last, session) VALUES(?, ?, ?)').run(first, last, no);
}

/**
 * Gives a session's ordinals up, inside the caller's transaction. Its words stay in the full-text tables, where no run
 * leads from them to a session any more; how many there are is remembered, and once they are a quarter of all, the
 * texts are indexed anew (see text-writer.ts).
 */
export function orphanTexts(database: DatabaseSync, no: number): void {
  const runs = runsOf(database, no);
  for (const { first, last } of runs) {
    statement(database, 'DELETE FROM span WHERE first BETWEEN ? AND ?').run(first, last);
  }
  const texts = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (texts > 0) setMeta(database, 'orphans', getMeta(database, 'orphans') + texts);
  dropRuns(database, no);
}

/** Forgets which ordinals are the session's, once their words and spans are gone. */
export function dropRuns(database: DatabaseSync, no: number): void {
  statement(database, 'DELETE FROM run WHERE session = ?').run(no);
  statement(database, 'DELETE FROM indexed WHERE no = ?').run(no);
}
