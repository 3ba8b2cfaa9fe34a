// How a query is asked of the tables. Whatever a person types ends up inside quotes, where FTS5 knows no operators.

import type { FindQuery, FindTerm } from '../../core/find-query.ts';
import { folded } from './text-fold.ts';
import { identifierParts, queriedForm } from './text-form.ts';
import type { Matcher } from './text-needle.ts';
import { pieceMatcher, wordMatcher } from './text-needle.ts';
import { markedWords, withoutMarks } from './text-words.ts';

export interface TextPlan {
  /** Expression for the table of words; null when it has nothing to say. */
  words: string | null;
  /** Expression for the table of pieces, which finds too much; null when it has nothing to say. */
  pieces: string | null;
  matcher: Matcher;
  /** `matcher`: candidates are read again and must fit; `tables`: what the tables say is the answer. */
  decides: 'matcher' | 'tables';
}

/** The terms of two characters in the index that end in a character, in scripts without spaces. */
export type Endings = (character: string) => string[];

/** Trigrams: shorter text is in no table of pieces. */
const PIECE_CHARACTERS = 3;

/** The first asking: words as words. Null when there is nothing to ask of texts. */
export function wordPlan(query: FindQuery, endings: Endings): TextPlan {
  const symbols = query.terms.filter(({ kind }) => kind === 'symbols');
  const words = wordExpression(
    query.terms.filter(({ kind }) => kind !== 'symbols'),
    query,
    endings,
  );
  if (words !== null) {
    const decides = symbols.length > 0 ? 'matcher' : 'tables';
    return { words, pieces: pieceExpression(symbols), matcher: wordMatcher(query.terms), decides };
  }
  // Only symbols are wanted: then what is unwanted can only be looked for in the texts themselves.
  const matcher = pieceMatcher(query.terms, () => false);
  return { words, pieces: pieceExpression(symbols), matcher, decides: 'matcher' };
}

/** The second asking: every term as a piece of text. One or two letters are in no piece; words may begin with them. */
export function piecePlan(query: FindQuery, endings: Endings): TextPlan {
  const beginnings = query.terms.filter(isTooShort).map((term): FindTerm => ({ ...term, kind: 'prefix' }));
  return {
    words: wordExpression(beginnings, query, endings),
    pieces: pieceExpression(query.terms),
    matcher: pieceMatcher(query.terms, isTooShort),
    decides: 'matcher',
  };
}

function isTooShort({ sign, kind, text }: FindTerm): boolean {
  return sign === 'with' && kind !== 'symbols' && [...text].length < PIECE_CHARACTERS;
}

/** All trigrams of all texts wanted; null when none is long enough. */
export function pieceExpression(terms: readonly Pick<FindTerm, 'text' | 'sign'>[]): string | null {
  const trigrams = new Set<string>();
  for (const { text, sign } of terms) {
    if (sign === 'without') continue;
    for (const solid of folded(text).split(/\s+/u)) {
      const characters = [...solid];
      for (let i = 0; i + PIECE_CHARACTERS <= characters.length; i++) {
        trigrams.add(characters.slice(i, i + PIECE_CHARACTERS).join(''));
      }
    }
  }
  return trigrams.size === 0 ? null : [...trigrams].map(quoted).join(' AND ');
}

function wordExpression(terms: readonly FindTerm[], { tools, files }: FindQuery, endings: Endings): string | null {
  const all = [
    ...terms.map((term) => ({ sign: term.sign, expression: termExpression(term, endings) })),
    ...tools.map(({ value, sign }) => ({ sign, expression: quoted(markedWords('tool', value)) })),
    ...files.map(({ value, sign }) => ({ sign, expression: quoted(markedWords('file', value)) })),
  ];
  const wanted = all.filter(({ sign }) => sign === 'with').map(({ expression }) => `(${expression})`);
  if (wanted.length === 0) return null;
  const unwanted = all.filter(({ sign }) => sign === 'without').map(({ expression }) => `(${expression})`);
  return [wanted.join(' AND '), ...unwanted].join(' NOT ');
}

/** `parseJson` is also `parse_json` and `parse json`, and a part of `parseJsonText`. */
function termExpression({ kind, text }: FindTerm, endings: Endings): string {
  const parts = kind === 'word' ? identifierParts(text) : null;
  if (parts) return `${quoted(text)} OR ${quoted(parts.join(' '))}`;
  const { form, start, end } = queriedForm(withoutMarks(text));
  const after = kind === 'prefix' || end === 'beginning' ? ' *' : '';
  if (start === 'whole') return quoted(form) + after;
  const [character, ...others] = form.split(/\s+/);
  const ended = endings(character!).map(
    (pair) => quoted([pair, ...others].join(' ')) + (others.length > 0 ? after : ''),
  );
  return [quoted(form) + after, ...ended].join(' OR ');
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', ' ').replaceAll('\0', ' ')}"`;
}
