// Credentials inside addresses: `scheme://user:password@host`. The part before the host ends at the first slash, and
// the last `@` in it is the one that counts, since passwords hold `@` more often than they should.

import { entropyBits, isExample } from './secret-likeness.ts';
import type { Finder, Span } from './span.ts';

const AUTHORITY = /[^\s/"'`<>\\|]{1,400}/y;
/** A user alone is a token when it is long and mixed, as in `https://<token>@host`. */
const TOKEN_CHARACTERS_MIN = 20;
const TOKEN_ENTROPY_BITS_MIN = 3;

export const urlFinder: Finder = (text, report) => {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const start = slashesEnd(text, at + 1);
    const found = start === undefined ? undefined : credential(text, start);
    if (found !== undefined) report(found);
  }
};

/** Behind `//` or `\/\/`. */
function slashesEnd(text: string, at: number): number | undefined {
  if (text.startsWith('//', at)) return at + 2;
  return text.startsWith('\\/\\/', at) ? at + 4 : undefined;
}

function credential(text: string, start: number): Span | undefined {
  AUTHORITY.lastIndex = start;
  const authority = AUTHORITY.exec(text)?.[0];
  const at = authority?.lastIndexOf('@') ?? -1;
  if (authority === undefined || at < 1 || at === authority.length - 1) return undefined;
  const colon = authority.indexOf(':');
  const hasPassword = colon >= 0 && colon < at;
  const value = authority.slice(hasPassword ? colon + 1 : 0, at);
  if (value === '' || isExample(value)) return undefined;
  if (
    !hasPassword &&
    !(value.length >= TOKEN_CHARACTERS_MIN && /\d/.test(value) && entropyBits(value) >= TOKEN_ENTROPY_BITS_MIN)
  ) {
    return undefined;
  }
  return { start: start + at - value.length, end: start + at, rule: 'url-password' };
}
