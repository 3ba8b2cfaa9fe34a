// Earlier inputs, newest first: walked through with Up and Down, searched with Ctrl-R.

/** What was edited on the way is kept where it was edited, and the draft is there again at the end. */
export class HistoryWalk {
  readonly #inputs: (string | undefined)[];
  readonly #history: readonly string[];
  #place = 0;

  constructor(history: readonly string[]) {
    this.#history = history;
    this.#inputs = [];
  }

  /** The older (-1) or newer (1) input, `current` being left for it; null where there is none. */
  step(direction: -1 | 1, current: string): string | null {
    const place = this.#place - direction;
    if (place < 0 || place > this.#history.length) return null;
    this.#inputs[this.#place] = current;
    this.#place = place;
    return this.#inputs[place] ?? this.#history[place - 1] ?? '';
  }
}

export interface HistorySearch {
  words: string;
  /** How many newer finds are passed over. */
  skip: number;
  /** What stood at the prompt before. */
  before: string;
}

/** Null where there is none (any more). Case counts only where the words have capitals. */
export function findInHistory(history: readonly string[], { words, skip }: HistorySearch): string | null {
  if (words === '') return null;
  const folded = words === words.toLowerCase() ? (text: string) => text.toLowerCase() : (text: string) => text;
  return history.filter((text) => folded(text).includes(words))[skip] ?? null;
}
