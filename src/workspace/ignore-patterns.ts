// The patterns of a .gitignore as the matching library takes them.

/**
 * A pattern is matched by backtracking, so that one with many stars, on a long name, takes for ever. None that means
 * well has so many.
 */
const STARS_MAX = 6;

/** Lines of the file, without those that could not be matched in any time. */
export function ignorePatterns(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.filter((line) => (line.match(/\*+/g)?.length ?? 0) <= STARS_MAX);
}
