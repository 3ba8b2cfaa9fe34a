// The order of the sessions found. All terms of a query must be in one message, so how rare they are, which bm25 is
// about, weighs on every hit alike and can be left out; reading it would mean a pass over all texts. What tells
// sessions apart is how often they speak of it, who does, how much else they hold, and how long ago it was.

import type { FindRole } from '../../core/find-query.ts';
import type { Hit } from './text-hits.ts';

/** Names and descriptions of sessions are `system` texts; outputs of tools repeat what others said. */
const WEIGHTS: Record<FindRole, number> = { system: 4, user: 2, assistant: 1.5, tool: 1 };
/** Hits of one speaker remembered for snippets. */
const REMEMBERED_MAX = 4;
/** A quarter of what hits are weighed against is the same in a session of any length. */
const LENGTH_FREE = 0.25;
const TYPICAL_MESSAGES = 100;
const SATURATION = 4;
/** The oldest session keeps half its score; half of the rest is lost in so many days. */
const FRESHNESS_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

export interface SessionHits {
  /** Σ of the weights of all hits. */
  weight: number;
  /** The newest of each speaker, the weightiest speaker first. */
  best(): Hit[];
}

/** Gathers hits by session number. */
export function hitsBySession(hits: Iterable<Hit>): Map<number, SessionHits> {
  const found = new Map<number, GatheredHits>();
  for (const hit of hits) {
    let session = found.get(hit.no);
    if (!session) found.set(hit.no, (session = new GatheredHits()));
    session.add(hit);
  }
  return found;
}

/** Between 0 and 1, to six digits. */
export function sessionScore(hits: SessionHits, messages: number, ageMs: number): number {
  // The square root: a long session that comes back to a subject is not drowned by what else it holds.
  const length = LENGTH_FREE + (1 - LENGTH_FREE) * Math.sqrt(messages / TYPICAL_MESSAGES);
  const relevance = hits.weight / (hits.weight + SATURATION * length);
  const freshness = 0.5 + 0.5 * 2 ** (-Math.max(0, ageMs) / DAY_MS / FRESHNESS_DAYS);
  return Math.round(relevance * freshness * 1_000_000) / 1_000_000;
}

class GatheredHits implements SessionHits {
  weight = 0;
  readonly #newest: Record<FindRole, Hit[]> = { system: [], user: [], assistant: [], tool: [] };

  add(hit: Hit): void {
    this.weight += WEIGHTS[hit.role];
    const newest = this.#newest[hit.role];
    if (newest.length < REMEMBERED_MAX) newest.push(hit);
  }

  best(): Hit[] {
    return Object.values(this.#newest).flat();
  }
}
