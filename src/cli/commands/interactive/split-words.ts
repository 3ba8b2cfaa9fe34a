// A line into words, as a shell would: spaces separate, quotes and backslashes hold together.

import { usage } from '../../args/parse-args.ts';

/** Throws USAGE for a quote that is not closed. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let i = 0; i < line.length; i++) {
    const unit = line[i]!;
    if (quote !== null) {
      if (unit === quote) quote = null;
      else if (unit === '\\' && quote === '"' && /["\\]/.test(line[i + 1] ?? '')) word += line[++i]!;
      else word += unit;
    } else if (unit === '"' || unit === "'") {
      quote = unit;
      word ??= '';
    } else if (/\s/.test(unit)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + (unit === '\\' && i + 1 < line.length ? line[++i]! : unit);
  }
  if (quote !== null) throw usage(`a ${quote} is not closed`);
  if (word !== null) words.push(word);
  return words;
}
