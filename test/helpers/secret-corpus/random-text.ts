// Random text from a seed, in the alphabets that token formats are written in. Equal seeds give equal text.

export const LOWER = 'abcdefghijklmnopqrstuvwxyz';
export const UPPER = LOWER.toUpperCase();
export const DIGITS = '0123456789';
export const ALNUM = LOWER + UPPER + DIGITS;
export const HEX = '0123456789abcdef';
export const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
export const BASE64 = `${ALNUM}+/`;
export const URL_SAFE = `${ALNUM}-_`;

export interface Random {
  /** Below `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  text(alphabet: string, length: number): string;
  uuid(): string;
}

/** Mulberry32: small, and good enough to draw letters. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const text = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]!).join('');
  return {
    below,
    pick: (from) => from[below(from.length)]!,
    text,
    uuid: () => [8, 4, 4, 4, 12].map((length) => text(HEX, length)).join('-'),
  };
}
