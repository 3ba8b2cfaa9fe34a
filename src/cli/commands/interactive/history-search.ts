// Ctrl-R: the newest earlier input that holds the words, and with each further Ctrl-R the one before it.

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
