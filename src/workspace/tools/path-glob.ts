// File name patterns as shells have them: `*.ts`, `src/**/*.{js,ts}`, `[a-z]?`. Written here because the known libraries
// turn them into regular expressions, and a pattern with many stars then takes for ever on one name; this one takes
// time in proportion to pattern times name.

const ALTERNATIVES_MAX = 256;

/** True for paths that fit. Paths have `/`; a pattern without `/` is matched with the last part alone. */
export type PathMatcher = (path: string) => boolean;

/** Null when the braces of the pattern stand for more than 256 patterns. */
export function pathGlob(pattern: string): PathMatcher | null {
  const alternatives = expandBraces(pattern.replace(/^\.?\//, ''));
  if (alternatives === null) return null;
  const globs = alternatives.map((one) => {
    const parts = one.split('/').filter((part) => part !== '');
    // What is below a folder, and not the folder.
    return parts.at(-1) === '**' ? [...parts, '*'] : parts;
  });
  return (path) => {
    const parts = path.split('/');
    return globs.some((glob) => fits(glob.length === 1 ? ['**', ...glob] : glob, parts, partFits, '**'));
  };
}

/**
 * Two sequences side by side, where `many` in the pattern stands for any number of items. Only the last `many` is ever
 * gone back to: an earlier one could not win more.
 */
function fits<T>(
  pattern: readonly T[],
  items: readonly string[],
  one: (pattern: T, item: string) => boolean,
  many: T,
): boolean {
  let at = 0;
  let back = { pattern: -1, item: 0 };
  for (let item = 0; item < items.length;) {
    if (at < pattern.length && pattern[at] === many) {
      back = { pattern: ++at, item };
    } else if (at < pattern.length && one(pattern[at]!, items[item]!)) {
      at += 1;
      item += 1;
    } else if (back.pattern >= 0) {
      at = back.pattern;
      item = ++back.item;
    } else {
      return false;
    }
  }
  while (at < pattern.length && pattern[at] === many) at += 1;
  return at === pattern.length;
}

function partFits(glob: string, name: string): boolean {
  return fits(tokensOf(glob), Array.from(name), tokenFits, '*');
}

const TOKENS = new Map<string, string[]>();

/** `*`, `?`, `[…]` with its brackets, or a character; `\` takes the next one as it is. */
function tokensOf(glob: string): string[] {
  const known = TOKENS.get(glob);
  if (known) return known;
  const tokens = glob.match(/\\[\s\S]|\[[!^]?\]?[^\]]*\]|\*+|[\s\S]/gu) ?? [];
  const plain = tokens.map((token) => (token.startsWith('**') ? '*' : token));
  if (TOKENS.size > 1000) TOKENS.clear();
  TOKENS.set(glob, plain);
  return plain;
}

function tokenFits(token: string, character: string): boolean {
  if (token === '?') return true;
  if (token.length > 1 && token.startsWith('\\')) return token.slice(1) === character;
  if (token.length > 2 && token.startsWith('[')) return classHas(token.slice(1, -1), character);
  return token === character;
}

function classHas(inside: string, character: string): boolean {
  const isNegated = inside.startsWith('!') || inside.startsWith('^');
  const set = Array.from(isNegated ? inside.slice(1) : inside);
  let has = false;
  for (let i = 0; i < set.length; i++) {
    const isRange = set[i + 1] === '-' && i + 2 < set.length;
    has ||= isRange ? set[i]! <= character && character <= set[i + 2]! : set[i] === character;
    if (isRange) i += 2;
  }
  return has !== isNegated;
}

function expandBraces(pattern: string): string[] | null {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // The innermost pair with a comma; a brace without one is a character.
    const braces = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (!braces) {
      done.push(next);
    } else {
      const { index } = braces;
      const rest = next.slice(index + braces[0].length);
      for (const one of braces[1]!.split(',').reverse()) open.push(next.slice(0, index) + one + rest);
    }
    if (done.length + open.length > ALTERNATIVES_MAX) return null;
  }
  return done;
}
