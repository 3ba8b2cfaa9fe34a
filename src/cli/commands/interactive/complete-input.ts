// What Tab does with proposals: completes what is certain, and shows the choices where nothing is.

import { safeLine } from '../../../core/safe-text.ts';
import type { Proposal } from '../propose-completions.ts';

export interface Completion {
  /** Where in the input the words begin that would be replaced. */
  start: number;
  /** Each begins with what stands there. One that ends in `/` or a space goes on as it is. */
  proposals: readonly Proposal[];
}

/** Proposals for the end of the text, which is the input up to the cursor. */
export type Complete = (text: string) => Promise<Completion>;

export interface Completed {
  /** What stands from `start` on afterwards; null where it stays. */
  replacement: string | null;
  /** A line each. */
  choices: string[];
}

export function completeInput(text: string, { start, proposals }: Completion): Completed {
  const [first, ...others] = proposals;
  if (first === undefined) return { replacement: null, choices: [] };
  if (others.length === 0)
    return { replacement: /[/ ]$/.test(first.word) ? first.word : `${first.word} `, choices: [] };
  const common = others.reduce((prefix, { word }) => commonPrefix(prefix, word), first.word);
  if (common.length > text.length - start) return { replacement: common, choices: [] };
  const widest = proposals.reduce((width, { word }) => Math.max(width, word.length), 0);
  const choices = proposals.map(({ word, description }) =>
    safeLine(`${word.padEnd(widest)}  ${description}`).trimEnd(),
  );
  return { replacement: null, choices };
}

/** Never ends in half a character. */
function commonPrefix(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  const prefix = one.slice(0, length);
  return prefix.isWellFormed() ? prefix : prefix.slice(0, -1);
}
