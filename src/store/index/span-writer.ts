// Writes down, once for about 32 texts, where in the log they begin; see index-schema.ts.

import type { DatabaseSync } from 'node:sqlite';
import type { Pointer } from '../../core/record.ts';
import type { IndexedText } from './index-source.ts';
import { statement } from './statements.ts';

/** Reading one text again means reading its span up to there: about 16 KB. */
const SPAN_TEXTS = 32;
const SPAN_BYTES = 16 * 1024;
/** A span prefers not to begin with a tool's result, whose call would then lie outside it; up to so many texts. */
const SPAN_TEXTS_MAX = 64;

interface OpenSpan {
  first: number;
  pointer: Pointer;
  texts: number;
  bytes: number;
  fromMs: number;
  toMs: number;
}

export class SpanWriter {
  readonly #database: DatabaseSync;
  #open: OpenSpan | null = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the next text, whose ordinal is one more than the last or the first of a run. */
  add(ordinal: number, text: IndexedText): void {
    // A time that is none counts as 1970: such a text is found by `before:` only.
    const atMs = Date.parse(text.at) || 0;
    if (this.#open === null || this.#mayEnd(this.#open, ordinal, text)) {
      this.finish();
      this.#open = { first: ordinal, pointer: text.pointer, texts: 0, bytes: 0, fromMs: atMs, toMs: atMs };
    }
    const open = this.#open!;
    open.texts++;
    open.bytes += text.text.length;
    open.fromMs = Math.min(open.fromMs, atMs);
    open.toMs = Math.max(open.toMs, atMs);
  }

  /** Writes the last span. The next text begins a new one. */
  finish(): void {
    if (!this.#open) return;
    const { first, pointer, fromMs, toMs } = this.#open;
    statement(
      this.#database,
      'INSERT INTO span(first, part, offset, seq, from_ms, to_ms) VALUES(?, ?, ?, ?, ?, ?)',
    ).run(first, pointer.part, pointer.offset, pointer.seq, fromMs, toMs);
    this.#open = null;
  }

  #mayEnd(open: OpenSpan, ordinal: number, text: IndexedText): boolean {
    if (ordinal !== open.first + open.texts) return true; // Another run.
    const { part, offset } = text.pointer;
    if (part === open.pointer.part && offset === open.pointer.offset) return false;
    if (open.texts >= SPAN_TEXTS_MAX) return true;
    return (open.texts >= SPAN_TEXTS || open.bytes >= SPAN_BYTES) && text.role !== 'tool';
  }
}
