// The line above the prompt: where one is, with whom, and what it has cost so far.

import { basename } from 'node:path';
import { safeLine } from '../../../core/safe-text.ts';
import { asciiWidth, textWidthFor } from '../../output/text-width.ts';
import { amount, money } from '../../output/units.ts';

export interface StatusFacts {
  sessionName: string;
  /** `provider/model`; null where none is configured. */
  model: string | null;
  /** All tokens of the session. */
  tokens: number;
  /** US dollars. */
  cost: number;
  /** True when everything said so far is on disk; null where nothing is kept. */
  saved: boolean | null;
  cwd: string;
}

const GAP = ' · ';

/** One line without its end, never wider than the columns; the least important facts leave first. Not styled. */
export async function statusLine(facts: StatusFacts, columns: number): Promise<string> {
  const saved = facts.saved === null ? 'not kept' : facts.saved ? 'saved' : 'not saved';
  const name = safeLine(facts.sessionName);
  const parts = [
    name === '' ? 'new session' : name,
    saved,
    facts.model === null ? '' : safeLine(facts.model),
    facts.tokens === 0 ? '' : `${amount(facts.tokens)} tokens`,
    facts.cost === 0 ? '' : money(facts.cost),
    safeLine(basename(facts.cwd)),
  ];
  const text = /^[\x20-\x7e]*$/.test(parts.join('')) ? asciiWidth : await textWidthFor(parts);
  // The last column stays free: a terminal may wrap behind it.
  const room = columns - 1;
  const shown = parts.filter((part) => part !== '');
  const widthOf = (many: readonly string[]): number => text.width(many.join(GAP));
  const nameMin = Math.min(text.width(shown[0]!), Math.floor(room / 2));
  while (shown.length > 2 && nameMin + widthOf(['', ...shown.slice(1)]) > room) shown.pop();
  const rest = shown.slice(1);
  const first = text.truncate(shown[0]!, Math.max(1, room - widthOf(['', ...rest])));
  return text.truncate([first, ...rest].join(GAP), room);
}
