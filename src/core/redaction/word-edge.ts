// Where a word begins in text that may have been escaped: in `\nAKIA…` or `%3DAKIA…` the letter before the token
// belongs to an escape, and a plain word boundary would hide the token.

const WORD = /[A-Za-z0-9_]/;
const ESCAPE_END = /(?:\\[nrtbfv0]|\\x[0-9A-Fa-f]{2}|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\u001b\[[0-9;]{0,16}m)$/;
const ESCAPE_CHARACTERS_MAX = 20;

/** True when no word goes on across `at`. */
export function startsWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text[at - 1]!;
  if (before === '-') return at < 2 || !WORD.test(text[at - 2]!);
  if (!WORD.test(before)) return true;
  return ESCAPE_END.test(text.slice(Math.max(0, at - ESCAPE_CHARACTERS_MAX), at));
}
