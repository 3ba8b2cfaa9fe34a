// What is found in a session that should not be there: how many secrets of which rule, and never what they were.

import type { Found } from '../../../core/redaction/redactor.ts';
import type { ScrubReport } from '../../types/storage-types.ts';

export class ScrubTally {
  readonly #counts = new Map<string, number>();
  total = 0;

  add(found: readonly Pick<Found, 'rule'>[]): void {
    for (const { rule } of found) this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    this.total += found.length;
  }

  /** Most often first. */
  get replaced(): ScrubReport['replaced'] {
    return Array.from(this.#counts, ([rule, count]) => ({ rule, count })).toSorted(
      (a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1),
    );
  }
}
