// Indexed texts read again from the log, by their ordinals.

import type { DatabaseSync } from 'node:sqlite';
import type { IndexContext } from './index-context.ts';
import { IndexDamaged } from './index-errors.ts';
import type { IndexedText } from './index-source.ts';
import { statement } from './statements.ts';
import type { Run } from './text-tables.ts';
import { indexedState } from './text-tables.ts';

/** A stretch of a session's texts that are read together. */
export interface Span {
  first: number;
  last: number;
  part: number;
  offset: number;
  seq: number;
  fromMs: number;
  toMs: number;
}

/** The span that holds an ordinal of a run. Throws IndexDamaged when there is none. */
export function spanAt(database: DatabaseSync, ordinal: number, run: Run): Span {
  const columns = 'first, part, offset, seq, from_ms AS fromMs, to_ms AS toMs';
  const sql = `SELECT ${columns} FROM span WHERE first <= ? ORDER BY first DESC LIMIT 1`;
  const span = statement(database, sql).get(ordinal) as unknown as Omit<Span, 'last'> | undefined;
  if (!span || span.first < run.first) throw new IndexDamaged(`text ${ordinal} has no place`);
  const next = statement(database, 'SELECT first FROM span WHERE first > ? ORDER BY first LIMIT 1').get(ordinal);
  return { ...span, last: Math.min(next ? (next['first'] as number) - 1 : run.last, run.last) };
}

/**
 * The texts from a span's beginning up to an ordinal. Fewer when the log was cut or rewritten since: it is due then,
 * and the next find reads it anew. Throws the source's error when it cannot be read.
 */
export function* textsFrom(
  context: IndexContext,
  database: DatabaseSync,
  session: { no: number; id: string },
  span: Pick<Span, 'first' | 'part' | 'offset' | 'seq'>,
  last: number,
): Generator<{ ordinal: number; text: IndexedText }> {
  const state = indexedState(database, session.no);
  if (!state) return;
  const { part, offset, seq } = span;
  const position = { generation: state.position.generation, next: { part, offset, seq }, calls: {} };
  const { restarted, texts } = context.source.texts(session.id, position);
  let ordinal = span.first;
  for (const text of texts) {
    if (restarted || ordinal > last) return;
    yield { ordinal: ordinal++, text };
    if (ordinal > last) return;
  }
}
