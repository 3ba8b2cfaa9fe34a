// Two tiers of the same tests: every change runs a sample, `SLOW=1` runs everything.

export const SLOW: boolean = process.env['SLOW'] === '1';

/** How many runs: `fast` of them, or `slow` under SLOW=1. */
export function runs(fast: number, slow: number): number {
  return SLOW ? slow : fast;
}
