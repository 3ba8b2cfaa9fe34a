// What the plan says of files: what changed while the session was away, what it had in view, what it watched.

import type { FileChange } from './record.ts';
import type { RestoreAction } from './restore-plan.ts';

export interface FilesObserved {
  /** Those of files that the session read or wrote come first. */
  changes: readonly FileChange[];
  /** How many of the changes, from the first on, are of such files. */
  touchedCount: number;
  /** When the files were looked at before, ISO 8601; null where they never were. */
  sinceAt: string | null;
  /** Set where only the files that the session touched could be compared; says why. */
  partly: string | null;
  git: GitChange | null;
  /** Files that the session had in view. */
  open: readonly { path: string; state: 'unchanged' | 'changed' | 'gone' }[];
}

/** Null on a side without a repository. */
export interface GitChange {
  before: GitState | null;
  now: GitState | null;
}
export interface GitState {
  /** Commit; null before the first one. */
  head: string | null;
  /** Null when no branch is checked out. */
  branch: string | null;
}

export interface WatchObserved {
  path: string;
  state: 'there' | 'gone';
}

/** Changes that are listed one by one; of the rest the number is said. */
const LISTED_MAX = 20;
const HASH_CHARACTERS = 8;

export function planFiles({ changes, touchedCount, sinceAt, partly, git, open }: FilesObserved): RestoreAction[] {
  const kind = 'files';
  const plan: RestoreAction[] = [];
  const moved = git === null ? null : gitDifference(git);
  if (moved !== null) plan.push({ kind, action: 'report', target: 'git', reason: moved });
  if (sinceAt === null) {
    const reason = 'the session has no earlier look at its files to compare with';
    plan.push({ kind, action: 'scan', target: 'files', reason });
  } else if (partly !== null) {
    plan.push({ kind, action: 'scan', target: 'files', reason: partly });
  }
  const shown = changes.slice(0, LISTED_MAX);
  for (const [index, change] of shown.entries()) {
    const whose = index < touchedCount ? '; the session read or wrote it' : '';
    plan.push({
      kind,
      action: 'report',
      target: change.path,
      reason: `${changeWords(change)} since ${sinceAt}${whose}`,
    });
  }
  const rest = changes.length - shown.length;
  if (rest > 0)
    plan.push({ kind, action: 'report', target: `${rest} more files`, reason: restWords(changes.slice(LISTED_MAX)) });
  for (const { path, state } of open) {
    const reason =
      state === 'gone'
        ? 'it was in view and is gone'
        : `it was in view and is ${state === 'changed' ? 'changed since' : 'as it was'}`;
    plan.push({ kind, action: state === 'gone' ? 'missing' : 'reopen', target: path, reason });
  }
  return plan;
}

export function planWatchers({ path, state }: WatchObserved): RestoreAction {
  return state === 'there'
    ? { kind: 'watchers', action: 'arm', target: path, reason: 'the session watched it' }
    : {
        kind: 'watchers',
        action: 'await',
        target: path,
        reason: 'the session watched it; it is gone, and watched when it comes back',
      };
}

/** `changed`, `renamed from a.ts`. */
export function changeWords({ kind, from }: FileChange): string {
  return kind === 'renamed' && from !== undefined ? `renamed from ${from}` : kind;
}

/** `3 added, 1 deleted`. */
export function restWords(changes: readonly FileChange[]): string {
  const kinds = ['added', 'changed', 'deleted', 'renamed'] as const;
  return kinds
    .map((kind) => ({ kind, count: changes.filter((change) => change.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind}`)
    .join(', ');
}

/** Null where nothing differs. */
function gitDifference({ before, now }: GitChange): string | null {
  if (before === null || now === null) {
    if (before === now) return null;
    return now === null ? 'the folder is in no git repository any more' : 'the folder is in a git repository now';
  }
  const words: string[] = [];
  if (before.branch !== now.branch) words.push(`branch ${branchName(before)} → ${branchName(now)}`);
  if (before.head !== now.head) words.push(`commit ${shortHead(before)} → ${shortHead(now)}`);
  return words.length === 0 ? null : words.join(', ');
}

function branchName({ branch }: GitState): string {
  return branch ?? '(none)';
}

function shortHead({ head }: GitState): string {
  return head?.slice(0, HASH_CHARACTERS) ?? '(none)';
}
