// Outputs of tools too long for memory, on their way from a format 1 document into blobs. In the message a mark stands
// for the text until its record is made.

import { randomName } from './hashing.ts';
import type { LongString } from '../core/json-capture.ts';
import { JsonUnescaper } from '../core/json-unescape.ts';
import type { BlobRef, NewRecord, ToolEndRecord } from '../core/record.ts';
import { outputEnds } from './record-spill.ts';

/** Where long texts go: a BlobStore, or something that only pretends, for a dry run. */
export interface BlobTarget {
  writer(): { write(bytes: Uint8Array): void; finish(): BlobRef; abandon(): void };
  read(ref: BlobRef): Buffer;
}

interface KeptText {
  blob: BlobRef;
  head: string;
  tail: string;
}

/** More than a record keeps of an output's beginning and of its end. */
const END_BYTES = 4096;

export class LongTexts {
  readonly #target: BlobTarget;
  readonly #texts = new Map<string, KeptText>();
  /** Nobody who wrote the document can have known it. */
  readonly #nonce = randomName();
  #open: { abandon(): void } | null = null;

  constructor(target: BlobTarget) {
    this.#target = target;
  }

  begin(): LongString {
    const writer = this.#target.writer();
    this.#open = writer;
    const unescaper = new JsonUnescaper();
    let first = Buffer.alloc(0);
    let last = Buffer.alloc(0);
    const take = (text: string): void => {
      if (text === '') return;
      const bytes = Buffer.from(text);
      writer.write(bytes);
      if (first.length < END_BYTES) first = Buffer.concat([first, bytes.subarray(0, END_BYTES)]);
      last = Buffer.from(Buffer.concat([last, bytes]).subarray(-END_BYTES));
    };
    return {
      write: (escaped) => take(unescaper.write(escaped)),
      end: () => {
        take(unescaper.end());
        const mark = `${this.#nonce}:${this.#texts.size}`;
        this.#texts.set(mark, { blob: writer.finish(), ...outputEnds(Buffer.concat([first, last])) });
        this.#open = null;
        return mark;
      },
    };
  }

  /** The record with its marks replaced: an output becomes a blob, any other text comes back whole. */
  settle(record: NewRecord): NewRecord {
    if (this.#texts.size === 0) return record;
    const kept = record.type === 'tool-end' ? this.#texts.get(record.output ?? '') : undefined;
    if (!kept) return this.#restore(record) as NewRecord;
    const { output: _mark, ...rest } = record as NewRecord & ToolEndRecord;
    return { ...(this.#restore(rest) as typeof rest), ...kept };
  }

  /** Takes back a text that was cut off in the middle. */
  close(): void {
    this.#open?.abandon();
    this.#open = null;
  }

  #restore(value: unknown): unknown {
    if (typeof value === 'string') {
      const kept = value.startsWith(this.#nonce) ? this.#texts.get(value) : undefined;
      return kept ? this.#target.read(kept.blob).toString('utf8') : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.#restore(item));
    if (typeof value !== 'object' || value === null || !value.constructor) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#restore(item)]));
  }
}
