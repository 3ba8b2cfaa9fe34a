// Holds records back while the message before them may still grow. Claude Code writes one model answer as several
// lines, one a block, and the results of its first tool calls may stand between them; our log wants one message record
// and its results after it.

import type { ForeignMessage, ForeignRecord, Sink } from './adapter.ts';

/** Held back at most; a talk with a subagent inside one tool call may be long. */
const HELD_BYTES_MAX = 8 * 1024 * 1024;
/** Ids of answers that are closed, to tell a block that comes too late from a new answer. */
const CLOSED_MAX = 256;

interface Held {
  record: ForeignRecord;
  bytes: number;
  /** Key of the answer that may still get blocks. */
  open?: string;
}

export class Outbox {
  readonly #sink: Sink;
  readonly #held: Held[] = [];
  readonly #open = new Map<string, ForeignMessage>();
  readonly #closed = new Set<string>();
  #heldBytes = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** `bytes` is about what the record takes in memory. */
  async push(record: ForeignRecord, bytes: number): Promise<void> {
    await this.#hold({ record, bytes });
  }

  async pushOpen(key: string, record: ForeignMessage, bytes: number): Promise<void> {
    this.#open.set(key, record);
    await this.#hold({ record, bytes, open: key });
  }

  /** The answer that may still grow, to be changed in place. */
  open(key: string): ForeignMessage | undefined {
    return this.#open.get(key);
  }

  /** The answer that was opened last and may still grow. */
  lastOpen(): ForeignMessage | undefined {
    return [...this.#open.values()].at(-1);
  }

  wasClosed(key: string): boolean {
    return this.#closed.has(key);
  }

  /** Says that the message with this record id has an answer to it, so it is complete. */
  async close(recordId: string | null): Promise<void> {
    for (const [key, record] of this.#open) if (record.id === recordId) this.#closeKey(key);
    await this.#drain();
  }

  async end(): Promise<void> {
    for (const key of this.#open.keys()) this.#closeKey(key);
    await this.#drain();
  }

  async #hold(held: Held): Promise<void> {
    this.#held.push(held);
    this.#heldBytes += held.bytes;
    await this.#drain();
  }

  async #drain(): Promise<void> {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (first.open !== undefined && this.#open.has(first.open)) {
        if (this.#heldBytes <= HELD_BYTES_MAX) return;
        this.#closeKey(first.open);
      }
      this.#held.shift();
      this.#heldBytes -= first.bytes;
      await this.#sink.record(first.record);
    }
  }

  #closeKey(key: string): void {
    this.#open.delete(key);
    this.#closed.add(key);
    if (this.#closed.size > CLOSED_MAX) this.#closed.delete(this.#closed.values().next().value!);
  }
}
