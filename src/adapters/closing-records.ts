// The records that end a reading: what was left out, and where the session stands.

import type { ForeignRecord } from './adapter.ts';

/**
 * Counts what an adapter does not bring over, by type, so that "everything is kept" can be checked: what is in the file
 * became a record, was reported as unreadable, or is counted here.
 */
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

/**
 * The last record of a reading: which branch is the active one. Its id names the message, because when the other agent
 * goes on with the session, the next reading ends in another head.
 */
export function headRecord(messageId: string | null): ForeignRecord {
  return { id: `head:${messageId ?? ''}`, type: 'head', messageId, pointer: null, reason: 'imported' };
}
