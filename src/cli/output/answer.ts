// What a command gives back. It knows the fields of the JSON contract and how people would see them; it does not know
// which of them was asked for, nor where it goes.

import type { Style } from './style.ts';

/** Text with its line ends. Lazy, so that a long answer is never whole in memory. */
export type Chunks = Iterable<string> | AsyncIterable<string>;

export interface Screen {
  columns: number;
  style: Style;
}

/** The answer for people (table) and in the text forms for scripts. */
export interface View {
  table(screen: Screen): Chunks;
  plain(): Chunks;
  csv(): Chunks;
  markdown(): Chunks;
}

export interface Answer {
  /** `data` of the JSON envelope, but for the list. */
  data: Readonly<Record<string, unknown>>;
  /** The list in `data`, and the lines of jsonl. Read once. Without it jsonl is one line: `data`. */
  list?: { key: string; items: Iterable<unknown> | AsyncIterable<unknown> };
  view: View;
}
