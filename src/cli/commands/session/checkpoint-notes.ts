// What a checkpoint left out, in a line for each reason: a list of ten thousand ignored files would hide the one secret.

import { safeLine } from '../../../core/safe-text.ts';
import { amount } from '../../output/units.ts';

const NAMED_MAX = 3;

export function leftOutNotes(leftOut: readonly { path: string; reason: string }[]): string[] {
  const byReason = Map.groupBy(leftOut, ({ reason }) => reason);
  return [...byReason].map(([reason, items]) => {
    const named = items.slice(0, NAMED_MAX).map(({ path }) => path);
    const more = items.length > NAMED_MAX ? ` and ${amount(items.length - NAMED_MAX)} more` : '';
    return safeLine(`left out: ${named.join(', ')}${more} (${reason})`);
  });
}
