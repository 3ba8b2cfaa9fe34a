// Puts the words of sessions into the full-text index, where they are due. Works in batches, each a transaction that
// begins by asking what is due now: so several processes may be at it, and any may be killed between two.

import type { DatabaseSync } from 'node:sqlite';
import { SessionError, warningOf } from '../../core/errors.ts';
import type { Progress } from './catalogue-refresh.ts';
import { removeRow } from './catalogue-table.ts';
import type { IndexContext } from './index-context.ts';
import { BATCH_BYTES } from './index-schema.ts';
import type { IndexSource } from './index-source.ts';
import { indexTrouble } from './index-errors.ts';
import { getMeta, setMeta } from './meta-table.ts';
import { SpanWriter } from './span-writer.ts';
import { statement } from './statements.ts';
import { textChecksum } from './text-checksum.ts';
import { moveTexts } from './text-move.ts';
import { rowNumber } from './text-rows.ts';
import type { IndexedState } from './text-tables.ts';
import { extendRun, indexedState, putIndexedState } from './text-tables.ts';
import { wordsOf } from './text-words.ts';
import { writing } from './write-transaction.ts';

type Reading = ReturnType<IndexSource['texts']>;

/** A process that waited so long, and saw no other one index anything, stops waiting. */
const STALLED_MS = 5_000;

/** Indexes all that is due. Where another process is at it, waits as long as that one gets on; then throws busy. */
export function indexDueTexts(context: IndexContext, database: DatabaseSync, progress?: Progress): void {
  const total = dueCount(database);
  let since = { ordinal: -1, atMs: 0 };
  for (let due = total; due > 0;) {
    try {
      indexBatch(context, database);
    } catch (error) {
      if (indexTrouble(error) !== 'busy') throw error;
      const ordinal = getMeta(database, 'ordinal');
      if (ordinal !== since.ordinal) since = { ordinal, atMs: context.now() };
      else if (context.now() - since.atMs > STALLED_MS) throw error;
    }
    due = dueCount(database);
    progress?.(total - due, total);
  }
}

/** Indexes one batch of what is due, of all sessions or of one; answers how many texts it took in. */
export function indexBatch(context: IndexContext, database: DatabaseSync, id?: string): number {
  return writing(database, () => new TextBatch(context, database).run(id));
}

export function dueCount(database: DatabaseSync): number {
  return statement(database, 'SELECT count(*) AS n FROM session WHERE due = 1').get()!['n'] as number;
}

class TextBatch {
  readonly #context: IndexContext;
  readonly #database: DatabaseSync;
  readonly #firstOrdinal: number;
  #ordinal: number;
  #bytes = 0;

  constructor(context: IndexContext, database: DatabaseSync) {
    this.#context = context;
    this.#database = database;
    this.#firstOrdinal = this.#ordinal = getMeta(database, 'ordinal');
  }

  run(id?: string): number {
    const which = id === undefined ? '' : 'AND id = ?';
    const due = statement(this.#database, `SELECT no, id FROM session WHERE due = 1 ${which} ORDER BY no LIMIT 1`);
    const values = id === undefined ? [] : [id];
    for (let row = due.get(...values); row && this.#bytes < BATCH_BYTES; row = due.get(...values)) {
      this.#session(row['no'] as number, row['id'] as string);
    }
    setMeta(this.#database, 'ordinal', this.#ordinal);
    return this.#ordinal - this.#firstOrdinal;
  }

  #session(no: number, id: string): void {
    try {
      const state = indexedState(this.#database, no);
      const reading = this.#context.source.texts(id, state?.position ?? null);
      if (!reading.restarted || !state) return this.#append(no, state, reading);
      const texts = reading.texts[Symbol.iterator]();
      if (moveTexts(this.#database, no, state, texts)) {
        return this.#append(no, state, { ...reading, texts: { [Symbol.iterator]: () => texts } });
      }
      texts.return?.();
      this.#append(no, null, this.#context.source.texts(id, null));
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (error.code === 'SESSION_NOT_FOUND') return removeRow(this.#database, id);
      // The row says what is wrong with the session; its words are tried again when the log has changed.
      this.#context.warn(warningOf(error));
      this.#settle(no);
    }
  }

  /** Takes texts in until the log or the batch is full; a batch ends between two frames. */
  #append(no: number, before: IndexedState | null, reading: Reading): void {
    const spans = new SpanWriter(this.#database);
    const insert = statement(this.#database, 'INSERT INTO words(rowid, text) VALUES(?, ?)');
    const first = this.#ordinal;
    let { texts, crc } = before ?? { texts: 0, crc: 0 };
    let frame = -1;
    let complete = true;
    try {
      for (const text of reading.texts) {
        if (this.#bytes >= BATCH_BYTES && frame !== -1 && frame !== text.pointer.seq) {
          complete = false;
          break;
        }
        frame = text.pointer.seq;
        insert.run(rowNumber(this.#ordinal, text.role), wordsOf(text));
        spans.add(this.#ordinal++, text);
        crc = textChecksum(text, crc);
        texts++;
        this.#bytes += text.text.length;
      }
    } finally {
      spans.finish();
      extendRun(this.#database, no, first, this.#ordinal - 1);
      putIndexedState(this.#database, no, { position: reading.position(), texts, crc });
    }
    if (complete) this.#settle(no);
  }

  #settle(no: number): void {
    statement(this.#database, 'UPDATE session SET due = 0 WHERE no = ?').run(no);
  }
}
