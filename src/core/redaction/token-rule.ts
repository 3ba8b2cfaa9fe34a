// What a provider's token format is, as a row of a table: the letters it begins with and what follows them. Prefixes
// are found in one pass over the text; only then one small expression looks at the place.

export interface TokenRule {
  /** As it stands in the placeholder. */
  name: string;
  /** Literal beginnings, case as published. */
  starts: readonly string[];
  /** Regular expression source of what follows. No nested repetition: it runs on hostile text. */
  rest: string;
  /** `any`: the beginning is so rare that letters may stand before it. `word`: it must begin a word. */
  edge: 'any' | 'word';
  /** Regular expression source of what stands before `starts` where the rare letters are in the middle; at most 80. */
  lead?: string;
}

// Character classes of the published formats. Lengths in the tables are a little wider than published ones: providers
// lengthen their tokens without notice, and a cut-off token is still most of a secret.
export const ALNUM = '[A-Za-z0-9]';
export const LOWER = '[a-z0-9]';
export const UPPER = '[A-Z0-9]';
export const HEX = '[A-Fa-f0-9]';
export const WORD = '[A-Za-z0-9_-]';
export const BASE64 = '[A-Za-z0-9+/]';
export const BASE64_ANY = '[A-Za-z0-9+/_=-]';
export const UUID = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;

/** A format that needs no word boundary before it. */
export function token(name: string, starts: string | readonly string[], rest: string): TokenRule {
  return { name, starts: typeof starts === 'string' ? [starts] : starts, rest, edge: 'any' };
}

/** A format with so common a beginning that it counts only where a word begins. */
export function wordToken(name: string, starts: string | readonly string[], rest: string): TokenRule {
  return { ...token(name, starts, rest), edge: 'word' };
}
