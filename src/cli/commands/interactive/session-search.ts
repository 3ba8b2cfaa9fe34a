// Type-ahead search over all that a list knows of sessions, of ten thousand of them between two keys. Words may come in
// any order, each with one typing mistake; where nothing fits, letters that only follow each other are enough.

import type uFuzzy from '@leeoniya/ufuzzy';
import { basename } from 'node:path';
import { age, size } from '../../output/units.ts';
import type { SessionInfo } from '../../types/session-types.ts';

/** More hits than these stay in the order of the sessions: nobody reads so far. */
const RANKED_MAX = 1000;
/** All words at once are one regular expression, whose time grows with the text's length to the power of these. */
const RANKED_WORDS_MAX = 3;
/** Longer words are looked for as they are. */
const FUZZY_CHARACTERS_MAX = 40;
/** Letters spread over more than so many times their number are there by chance. */
const LOOSE_FACTOR = 3;
const NAME_CHARACTERS = 200;

export class SessionSearch {
  readonly #sessions: readonly SessionInfo[];
  readonly #texts: string[];
  readonly #folded: string[];
  readonly #fuzzy: uFuzzy;

  /** The order of the sessions is that of the answer where nothing else decides. */
  static async of(sessions: readonly SessionInfo[], nowMs: number): Promise<SessionSearch> {
    const { default: Fuzzy } = await import('@leeoniya/ufuzzy');
    return new SessionSearch(sessions, nowMs, Fuzzy);
  }

  private constructor(sessions: readonly SessionInfo[], nowMs: number, Fuzzy: typeof uFuzzy) {
    this.#sessions = sessions;
    this.#texts = sessions.map((session) => searchedText(session, nowMs));
    this.#folded = this.#texts.map((text) => text.toLowerCase());
    // Words of any script; only texts beyond ASCII pay for that.
    const letters = this.#texts.some((text) => /[^\x00-\x7f]/.test(text))
      ? { unicode: true, interSplit: "[^\\p{L}\\d']+", intraSplit: '\\p{Ll}\\p{Lu}', intraChars: "[\\p{L}\\d']" }
      : {};
    this.#fuzzy = new Fuzzy({ ...letters, intraMode: 1, intraIns: 1, intraSub: 1, intraTrn: 1, intraDel: 1 });
  }

  /** A word with `-` before it must not be there; one in quotes is taken as it is. */
  find(needle: string): readonly SessionInfo[] {
    const words: readonly string[] = needle.match(/-?"[^"]*"|\S+/g) ?? [];
    if (words.length === 0) return this.#sessions;
    const hits = words.reduce<number[] | null>((left, word) => this.#filter(word, left), null)!;
    const wanted = words.filter((word) => !/^-./.test(word));
    const found = hits.length > 0 ? this.#ranked(hits, wanted) : this.#looseHits(wanted.join(''));
    return found.map((i) => this.#sessions[i]!);
  }

  /** Places of those of `left` that the word fits; null stands for all. */
  #filter(word: string, left: number[] | null): number[] {
    if (/^-./.test(word)) {
      const unwanted = word.slice(1).replaceAll('"', '').toLowerCase();
      return (left ?? [...this.#texts.keys()]).filter((i) => !this.#folded[i]!.includes(unwanted));
    }
    const isFuzzy = /[\p{L}\p{N}]/u.test(word) && word.length <= FUZZY_CHARACTERS_MAX;
    if (isFuzzy) return this.#fuzzy.filter(this.#texts, word, left ?? undefined) ?? [];
    const folded = word.toLowerCase();
    return (left ?? [...this.#texts.keys()]).filter((i) => this.#folded[i]!.includes(folded));
  }

  /** Those that have the words in this order by how well they fit, and then the others. */
  #ranked(hits: number[], words: readonly string[]): readonly number[] {
    const needle = words.join(' ');
    const isRankable =
      hits.length <= RANKED_MAX && words.length <= RANKED_WORDS_MAX && needle.length <= FUZZY_CHARACTERS_MAX;
    if (!isRankable || !/[\p{L}\p{N}]/u.test(needle)) return hits;
    const inOrder = this.#fuzzy.filter(this.#texts, needle, hits);
    if (inOrder === null || inOrder.length === 0) return hits;
    const info = this.#fuzzy.info(inOrder, this.#texts, needle);
    const best = this.#fuzzy.sort(info, this.#texts, needle).map((place) => info.idx[place]!);
    const isBest = new Set(best);
    return [...best, ...hits.filter((i) => !isBest.has(i))];
  }

  /** Those that hold all letters one behind the other, the closest together first. */
  #looseHits(needle: string): number[] {
    const letters = Array.from(needle.toLowerCase().replaceAll(/\s+/g, ''));
    if (letters.length === 0) return [];
    return this.#folded
      .map((text, i) => ({ i, span: spanOf(letters, text) }))
      .filter(({ span }) => span <= letters.length * LOOSE_FACTOR)
      .toSorted((a, b) => a.span - b.span)
      .map(({ i }) => i);
  }
}

/** How far the letters reach from the first to the last; Infinity where they are not all there. */
function spanOf(letters: readonly string[], text: string): number {
  let end = 0;
  for (const letter of letters) {
    const place = text.indexOf(letter, end);
    if (place === -1) return Infinity;
    end = place + letter.length;
  }
  // Backwards from there: an early first letter may have a later twin.
  let start = end;
  for (const letter of letters.toReversed()) start = text.lastIndexOf(letter, start - letter.length);
  return end - start;
}

/** Title first: what is found there counts more. A session that nobody named has its first prompt as title. */
function searchedText(session: SessionInfo, nowMs: number): string {
  return [
    session.name.slice(0, NAME_CHARACTERS),
    ...session.tags.map((tag) => `#${tag}`),
    basename(session.project),
    session.description.slice(0, NAME_CHARACTERS),
    session.agent,
    session.status,
    age(session.updatedAt, nowMs),
    session.updatedAt.slice(0, 10),
    size(session.size),
    session.id.slice(0, 8),
    session.project,
  ].join(' ');
}
