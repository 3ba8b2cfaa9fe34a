// The user's own patterns of secrets, as they stand in a list of settings: `name=expression`.

import { usage } from '../args/parse-args.ts';

/** Throws USAGE for one without a name. What is wrong with an expression is told when it is used. */
export function namedPatterns(entries: readonly string[] | null): { name: string; source: string }[] {
  return (entries ?? []).map((entry) => {
    const at = entry.indexOf('=');
    if (at < 1) throw usage(`redaction.patterns: ${JSON.stringify(entry)} has no name`, 'write it as name=expression');
    return { name: entry.slice(0, at), source: entry.slice(at + 1) };
  });
}
