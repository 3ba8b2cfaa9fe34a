// The user's own patterns of secrets, as they stand in a list of settings: `name=expression`.

import { SessionError } from '../../core/errors.ts';
import type { UserPattern } from '../../core/redaction/user-patterns.ts';
import { userPatternFinder } from '../../core/redaction/user-patterns.ts';

/** The entries of a setting that was checked. */
export function namedPatterns(entries: readonly string[] | null): UserPattern[] {
  return (entries ?? []).map((entry) => {
    const at = entry.indexOf('=');
    return { name: entry.slice(0, at), source: entry.slice(at + 1) };
  });
}

/** Why an entry cannot be used: it has no name, is no expression, or could take too long. Undefined when it can. */
export function patternMistake(entry: string): string | undefined {
  if (entry.indexOf('=') < 1) return `has a pattern without a name (write it as name=expression): ${entry}`;
  try {
    userPatternFinder(namedPatterns([entry]));
    return undefined;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return `has a pattern that cannot be used: ${error.message.replace(/^[^:]*: /, '')}`;
  }
}
