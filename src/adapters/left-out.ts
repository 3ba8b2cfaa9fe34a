// Counts what an adapter does not bring over, by type, so that "everything is kept" can be checked: entries read =
// records made + entries counted here + entries reported as unreadable.

import type { ForeignRecord } from './adapter.ts';

export class LeftOut {
  readonly #counts = new Map<string, number>();

  count(type: string): void {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
  }

  /** The record that says so, or undefined when nothing was left out. */
  record(agent: string): ForeignRecord | undefined {
    if (this.#counts.size === 0) return undefined;
    const counts = Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    // The number is in the id: when the session goes on, this is another record.
    return { id: `left-out:${total}`, type: 'custom', kind: `${agent}:left-out`, value: { counts } };
  }
}
