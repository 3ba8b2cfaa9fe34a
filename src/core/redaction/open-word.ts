// Words that make a secret's name of the word behind them: `api key`, `kucoin key`. A text that is shown early must not
// be cut between the two.

import { LABELLED_RULES } from './labelled-tokens.ts';
import { judgeName } from './secret-names.ts';

const LAST_WORD = /([A-Za-z][A-Za-z0-9_-]{1,30})[ \t]{1,4}$/;
const WORD_CHARACTERS_MAX = 36;
/** The last words of the labels: of `new_relic` the second is enough to hold back. */
const LABEL_WORDS: ReadonlySet<string> = new Set(
  LABELLED_RULES.flatMap(({ labels }) => labels.map((label) => label.slice(label.lastIndexOf('_') + 1))),
);

/** True when such a word ends at `cut`. */
export function endsInOpenWord(text: string, cut: number): boolean {
  const word = LAST_WORD.exec(text.slice(Math.max(0, cut - WORD_CHARACTERS_MAX), cut))?.[1]?.toLowerCase();
  if (word === undefined) return false;
  return LABEL_WORDS.has(word) || judgeName(`${word}_key`) === 'strong';
}
