// Finds many fixed strings in one pass (Wu and Manber, 1994): a table says how far the last three characters allow to
// jump, so most of the text is never looked at. Ten thousand strings cost hardly more than ten, where a regular
// expression of as many alternatives compiles for seconds.

const BLOCK = 3;
const TABLE_BITS = 16;

/** Strings must have this many characters: the shortest one bounds every jump. */
export const MATCHED_CHARACTERS_MIN = 8;

export interface Matched {
  start: number;
  end: number;
  /** Index into the strings handed to `stringMatcher`. */
  index: number;
}

/** A function that reports every place of every string, longest first at one place. */
export function stringMatcher(strings: readonly string[]): (text: string, report: (match: Matched) => void) => void {
  if (strings.length === 0) return () => {};
  if (strings.some(({ length }) => length < MATCHED_CHARACTERS_MIN)) throw new TypeError('a string is too short');
  const window = MATCHED_CHARACTERS_MIN;
  const jumps = new Uint8Array(1 << TABLE_BITS).fill(window - BLOCK + 1);
  const candidates = new Map<number, number[]>();
  for (const [index, string] of strings.entries()) {
    for (let last = BLOCK - 1; last < window; last++) {
      const hash = hashAt(string, last);
      jumps[hash] = Math.min(jumps[hash]!, window - 1 - last);
      if (last === window - 1) candidates.set(hash, [...(candidates.get(hash) ?? []), index]);
    }
  }
  for (const list of candidates.values()) list.sort((a, b) => strings[b]!.length - strings[a]!.length);
  return (text, report) => {
    for (let last = window - 1; last < text.length;) {
      const hash = hashAt(text, last);
      const jump = jumps[hash]!;
      if (jump > 0) {
        last += jump;
        continue;
      }
      const start = last - window + 1;
      for (const index of candidates.get(hash)!) {
        if (text.startsWith(strings[index]!, start)) report({ start, end: start + strings[index]!.length, index });
      }
      last++;
    }
  };
}

/** Of the three units that end at `last`. Two hashes may meet: then a candidate is looked at in vain. */
function hashAt(text: string, last: number): number {
  return (
    ((text.charCodeAt(last - 2) * 0x9e5) ^ (text.charCodeAt(last - 1) * 0x61) ^ (text.charCodeAt(last) * 0x2f1d)) &
    ((1 << TABLE_BITS) - 1)
  );
}
