// Finds provider tokens: one pass of a combined expression over the literal beginnings, then a look at each place with
// the few rules that begin so. A hundred expressions over the whole text would cost a hundred passes.

import { isExampleToken } from './secret-likeness.ts';
import type { Finder } from './span.ts';
import type { TokenRule } from './token-rule.ts';
import { startsWord } from './word-edge.ts';

/** Longest `lead`; what is sliced off before a hit. */
const LEAD_CHARACTERS_MAX = 64;

interface Compiled {
  rule: TokenRule;
  rest: RegExp;
  lead: RegExp | undefined;
}

export function tokenFinder(rules: readonly TokenRule[]): Finder {
  const byStart = new Map<string, Compiled[]>();
  for (const rule of rules) {
    const compiled = {
      rule,
      rest: new RegExp(`${rule.rest}(?![A-Za-z0-9])`, 'y'),
      lead: rule.lead === undefined ? undefined : new RegExp(`(?<![A-Za-z0-9_])${rule.lead}$`),
    };
    for (const start of rule.starts) byStart.set(start, [...(byStart.get(start) ?? []), compiled]);
  }
  // Longest first: an alternation takes the first that fits, and `sk-ant-` must not be read as `sk-`. A shorter
  // beginning of the same place is tried afterwards.
  const starts = [...byStart.keys()].sort((a, b) => b.length - a.length);
  const candidates = new Map<string, Compiled[]>();
  for (const start of starts) {
    candidates.set(
      start,
      starts
        .filter((other) => start.startsWith(other))
        .flatMap((other) => byStart.get(other)!.map((one) => ({ ...one, rule: { ...one.rule, starts: [other] } }))),
    );
  }
  const combined = new RegExp(starts.map((start) => start.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'g');
  return (text, report) => {
    combined.lastIndex = 0;
    for (let hit = combined.exec(text); hit !== null; hit = combined.exec(text)) {
      const found = tokenAt(text, hit.index, candidates.get(hit[0])!);
      if (found === undefined) combined.lastIndex = hit.index + 1;
      else {
        report(found);
        combined.lastIndex = found.end;
      }
    }
  };
}

function tokenAt(text: string, at: number, candidates: readonly Compiled[]) {
  for (const { rule, rest, lead } of candidates) {
    const restStart = at + rule.starts[0]!.length;
    rest.lastIndex = restStart;
    if (!rest.test(text)) continue;
    const end = rest.lastIndex;
    let start = at;
    if (lead !== undefined) {
      const before = lead.exec(text.slice(Math.max(0, at - LEAD_CHARACTERS_MAX), at));
      if (before === null) continue;
      start = at - before[0].length;
    } else if (rule.edge === 'word' && !startsWord(text, at)) continue;
    if (isExampleToken(text.slice(lead === undefined ? restStart : start, end))) continue;
    return { start, end, rule: rule.name };
  }
  return undefined;
}
