// Which sessions a policy would remove, and why. A pure decision: `cleanup --dry-run` prints it, `cleanup` carries out
// the same value. Rules that are absent or make no sense remove nothing: when in doubt, keep.

import type { Status } from './record.ts';

export interface RetentionSubject {
  id: string;
  updatedAt: string;
  bytes: number;
  tags: readonly string[];
  status: Status;
  archived: boolean;
  /** Another process is writing it at this moment. */
  inUse: boolean;
  /** Health is not known to be good: evidence is not thrown away. */
  damaged: boolean;
}

export interface RetentionRules {
  olderThanDays?: number | undefined;
  keepLast?: number | undefined;
  maxCount?: number | undefined;
  maxTotalBytes?: number | undefined;
  keepTags?: readonly string[] | undefined;
  status?: readonly Status[] | undefined;
  /** Where removed sessions go; what is archived already is not proposed for the archive. */
  action?: 'trash' | 'archive' | undefined;
}

export interface RetentionDecision {
  remove: { id: string; reason: string }[];
  keep: { id: string; reason: string }[];
}

const DAY_MS = 86_400_000;

/** Every session is in exactly one of the two lists, newest first. `nowMs` is milliseconds since 1970. */
export function applyRetention(
  sessions: readonly RetentionSubject[],
  rules: RetentionRules,
  nowMs: number,
): RetentionDecision {
  const newestFirst = sessions.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
  // Infinitely many newest ones are all of them: a protection that cannot be counted still protects.
  const keepLast = rules.keepLast === Infinity ? sessions.length : (countOf(rules.keepLast) ?? 0);
  const guarded = new Map<string, string>();
  for (const [place, session] of newestFirst.entries()) {
    const guard = place < keepLast ? `one of the ${keepLast} newest` : guardOf(session, rules);
    if (guard !== null) guarded.set(session.id, guard);
  }
  const removed = new Map<string, string>();
  const candidates = newestFirst.filter((session) => !guarded.has(session.id));
  removeOld(candidates, rules, nowMs, removed);
  removeBeyondCount(newestFirst, candidates, rules, removed);
  removeBeyondSize(newestFirst, candidates, rules, removed);
  return {
    remove: newestFirst.filter(({ id }) => removed.has(id)).map(({ id }) => ({ id, reason: removed.get(id)! })),
    keep: newestFirst
      .filter(({ id }) => !removed.has(id))
      .map(({ id }) => ({ id, reason: guarded.get(id) ?? 'no rule applies' })),
  };
}

/** Why a session is kept whatever the rules say; null when it is not. */
function guardOf(session: RetentionSubject, rules: RetentionRules): string | null {
  if (session.inUse) return 'open in another process';
  if (session.damaged) return 'damaged: repair it or delete it by hand';
  if (rules.action === 'archive' && session.archived) return 'archived already';
  const tag = rules.keepTags?.find((each) => session.tags.includes(each));
  if (tag !== undefined) return `tagged ${tag}`;
  if (rules.status?.length && !rules.status.includes(session.status)) return `status ${session.status}`;
  return null;
}

function removeOld(
  candidates: readonly RetentionSubject[],
  rules: RetentionRules,
  nowMs: number,
  removed: Map<string, string>,
): void {
  const days = positive(rules.olderThanDays);
  if (days === undefined) return;
  for (const { id, updatedAt } of candidates) {
    const ageDays = (nowMs - Date.parse(updatedAt)) / DAY_MS;
    if (ageDays > days) removed.set(id, `not changed for ${Math.floor(ageDays)} days, the limit is ${days}`);
  }
}

function removeBeyondCount(
  all: readonly RetentionSubject[],
  candidates: readonly RetentionSubject[],
  rules: RetentionRules,
  removed: Map<string, string>,
): void {
  const count = countOf(rules.maxCount);
  if (count === undefined) return;
  let left = all.length - removed.size;
  for (const { id } of candidates.toReversed()) {
    if (left <= count) return;
    if (removed.has(id)) continue;
    removed.set(id, `more than ${count} sessions, and this is among the oldest`);
    left--;
  }
}

function removeBeyondSize(
  all: readonly RetentionSubject[],
  candidates: readonly RetentionSubject[],
  rules: RetentionRules,
  removed: Map<string, string>,
): void {
  const limit = positive(rules.maxTotalBytes);
  if (limit === undefined) return;
  let total = all.reduce((sum, { id, bytes }) => (removed.has(id) ? sum : sum + bytes), 0);
  for (const { id, bytes } of candidates.toReversed()) {
    if (total <= limit) return;
    if (removed.has(id)) continue;
    removed.set(id, `the store is over ${limit} bytes, and this is among the oldest`);
    total -= bytes;
  }
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Half a session is none, and none would be all of them removed. */
function countOf(value: number | undefined): number | undefined {
  return positive(Math.floor(positive(value) ?? 0));
}
