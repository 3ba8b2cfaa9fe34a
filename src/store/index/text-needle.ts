// What is looked for, as patterns over a folded text: to check candidates that the tables only narrowed down, and to
// mark the places in a snippet.

import type { FindTerm } from '../../core/find-query.ts';
import { folded } from './text-fold.ts';
import { identifierParts } from './text-form.ts';

/** A place in a text, in UTF-16 units, and which of the terms stands there. */
export interface Place {
  start: number;
  end: number;
  term: number;
}

/** For each text: null when it does not fit the query, else where what was looked for stands (possibly nowhere). */
export type Matcher = (texts: readonly string[]) => Promise<(Place[] | null)[]>;

interface Needle {
  /** Tried in order; the first that stands in the text counts. */
  patterns: RegExp[];
  sign: FindTerm['sign'];
}

const PLACES_MAX = 200;
const GAP = '[^\\p{L}\\p{N}]+';
const LETTER_BEFORE = '(?<![\\p{L}\\p{N}])';
const NO_LETTER_AFTER = '(?![\\p{L}\\p{N}])';

/** Marks what the tables of words have found. Only symbols, which no table of words has, decide about a text. */
export function wordMatcher(terms: readonly FindTerm[]): Matcher {
  const needles = terms.map((term): Needle => {
    if (term.kind === 'symbols') return pieceNeedle(term);
    const names = [term.text, ...(identifierParts(term.text) ? [identifierParts(term.text)!.join(' ')] : [])];
    const bodies = names.map((name) => wordsOf(folded(name)).map(escaped).join(GAP));
    const after = term.kind === 'prefix' ? '' : NO_LETTER_AFTER;
    return {
      // Parts of identifiers have letters around them, and scripts without spaces have nothing else.
      patterns: [...bodies.map((body) => LETTER_BEFORE + body + after), bodies[0]!].map(
        (body) => new RegExp(body, 'gu'),
      ),
      sign: term.sign,
    };
  });
  const decides = terms.map(({ kind }) => kind === 'symbols');
  return async (texts) => texts.map((text) => placesOf(folded(text), needles, decides));
}

/** A text fits when every wanted term stands somewhere in it, as characters, and no unwanted one does. */
export function pieceMatcher(terms: readonly FindTerm[], undecided: (term: FindTerm) => boolean): Matcher {
  const needles = terms.map(pieceNeedle);
  const decides = terms.map((term) => !undecided(term));
  return async (texts) => texts.map((text) => placesOf(folded(text), needles, decides));
}

/** A gap in what is looked for may be any white space in the text, such as the end of a line. */
function pieceNeedle({ text, sign }: FindTerm): Needle {
  return { patterns: [new RegExp(folded(text).split(/\s+/u).map(escaped).join('\\s+'), 'gu')], sign };
}

function placesOf(text: string, needles: readonly Needle[], decides: readonly boolean[]): Place[] | null {
  const places: Place[] = [];
  for (const [term, { patterns, sign }] of needles.entries()) {
    const before = places.length;
    if (sign === 'with' || decides[term]) {
      for (const pattern of patterns) {
        for (const { index, 0: found } of text.matchAll(pattern)) {
          places.push({ start: index, end: index + found.length, term });
          if (places.length - before >= PLACES_MAX) break;
        }
        if (places.length > before) break;
      }
    }
    const isThere = places.length > before;
    if (decides[term] && isThere !== (sign === 'with')) return null;
    if (sign === 'without') places.length = before;
  }
  return places;
}

/** Never empty: a character that is a letter only to the index stands for itself. */
function wordsOf(text: string): string[] {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.length > 0 ? words : [text];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
