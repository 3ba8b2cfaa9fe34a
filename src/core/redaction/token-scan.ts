// Finds provider tokens: one pass over the text for their literal beginnings, then a look at each place with the few
// rules that begin so. A hundred expressions over the whole text would cost a hundred passes.

import { prefixScanner } from './prefix-scan.ts';
import { isExampleToken } from './secret-likeness.ts';
import type { Finder, Span } from './span.ts';
import type { TokenRule } from './token-rule.ts';
import { startsWord } from './word-edge.ts';

/** Longest `lead`; what is sliced off before a hit. */
const LEAD_CHARACTERS_MAX = 80;

interface Compiled {
  rule: TokenRule;
  startCharacters: number;
  rest: RegExp;
  lead: RegExp | undefined;
}

export function tokenFinder(rules: readonly TokenRule[]): Finder {
  const byStart = new Map<string, Compiled[]>();
  for (const rule of rules) {
    const rest = new RegExp(`${rule.rest}(?![A-Za-z0-9])`, 'y');
    const lead = rule.lead === undefined ? undefined : new RegExp(`${rule.lead}$`);
    for (const start of rule.starts) {
      byStart.set(start, [...(byStart.get(start) ?? []), { rule, startCharacters: start.length, rest, lead }]);
    }
  }
  // Longest first: `sk-ant-` must not be read as `sk-`. The rules of shorter beginnings are tried after the longer.
  const starts = [...byStart.keys()].sort((a, b) => b.length - a.length);
  const candidates = new Map(
    starts.map((start) => [
      start,
      starts.filter((other) => start.startsWith(other)).flatMap((other) => byStart.get(other)!),
    ]),
  );
  const scan = prefixScanner(starts, 'exact');
  return (text, report) => {
    scan(text, (at, start) => {
      const found = tokenAt(text, at, candidates.get(start)!);
      if (found !== undefined && !found.isExample) report(found.span);
      // Behind an example too: its letters were looked at once, and a text may be made of nothing else.
      return found?.span.end ?? at + 1;
    });
  };
}

function tokenAt(
  text: string,
  at: number,
  candidates: readonly Compiled[],
): { span: Span; isExample: boolean } | undefined {
  for (const { rule, startCharacters, rest, lead } of candidates) {
    if (rule.edge === 'word' && lead === undefined && !startsWord(text, at)) continue;
    rest.lastIndex = at + startCharacters;
    if (!rest.test(text)) continue;
    // Dots belong to the sentence around it, whatever the format allows.
    let end = rest.lastIndex;
    while (text[end - 1] === '.') end--;
    if (lead === undefined) {
      const isExample = isExampleToken(text.slice(at + startCharacters, end));
      return { span: { start: at, end, rule: rule.name }, isExample };
    }
    const before = lead.exec(text.slice(Math.max(0, at - LEAD_CHARACTERS_MAX), at));
    const start = at - (before?.[0].length ?? 0);
    if (before === null || (rule.edge === 'word' && !startsWord(text, start))) continue;
    return { span: { start, end, rule: rule.name }, isExample: isExampleToken(text.slice(start, end)) };
  }
  return undefined;
}
