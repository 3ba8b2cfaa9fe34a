// Where a session goes on: its folder, or where that moved to, and the variables that were set there.

import { keptEnvironment } from './environment.ts';
import { PLACEHOLDER_START } from './redaction/placeholder.ts';
import type { Observed, RestoreAction, Saved } from './restore-plan.ts';

/** What stands where the session was. `evidence` says why a folder is, or is not, taken for its project. */
export type FolderObserved =
  | { state: 'there' }
  | { state: 'missing'; moved: MovedFolder[] }
  | { state: 'other'; evidence: string; moved: MovedFolder[] };

/** A folder that holds the session's project now; the likeliest comes first. */
export interface MovedFolder {
  /** The session's own folder in it; its root where that folder is gone. */
  path: string;
  /** Root of the repository. */
  root: string;
  evidence: string;
}

/** The folder that a session was in last. */
export function savedFolder({ fold, workingDirectory }: Pick<Saved, 'fold' | 'workingDirectory'>): string {
  const saved: unknown = fold.state.workingDirectory;
  return typeof saved === 'string' && saved !== '' ? saved : workingDirectory;
}

export function planFolder(saved: Saved, { cwd, folder }: Observed): RestoreAction {
  const kind = 'cwd';
  const target = savedFolder(saved);
  if (folder.state === 'there') {
    return target === cwd
      ? { kind, action: 'stay', target, reason: 'the session was in this folder' }
      : { kind, action: 'enter', target, reason: 'the session was in that folder' };
  }
  const [first, ...others] = folder.moved;
  const trouble = folder.state === 'missing' ? 'there is no such folder now' : folder.evidence;
  if (first) {
    const more = others.length === 0 ? '' : `; it may also be ${others.map(({ path }) => path).join(', ')}`;
    const reason = `the session was in ${target}: ${trouble}; ${first.evidence}${more}`;
    return { kind, action: 'move', target: first.path, reason };
  }
  return folder.state === 'missing'
    ? { kind, action: 'missing', target, reason: `${trouble}; it would go on in ${cwd}` }
    : { kind, action: 'other', target, reason: `this may be another project: ${trouble}` };
}

/**
 * Variables that describe the terminal and its user. Those of now are right, and a session from elsewhere must not
 * choose which programs are run here: pagers and editors are.
 */
const OF_THE_TERMINAL: ReadonlySet<string> = new Set([
  'COLORTERM',
  'EDITOR',
  'PAGER',
  'PWD',
  'SHELL',
  'TERM',
  'VISUAL',
]);

/** The differences, by the allow-list again: a log from elsewhere may hold any name. */
export function planEnvironment(saved: unknown, here: Readonly<Record<string, string | undefined>>): RestoreAction[] {
  return Object.entries(keptEnvironment(texts(saved))).flatMap(([target, value]): RestoreAction[] => {
    const now = here[target];
    // A secret that is not known any more is no value to set.
    if (now === value || target === 'PWD' || value.includes(PLACEHOLDER_START)) return [];
    const difference = `it was ${JSON.stringify(value)}, here it is ${now === undefined ? 'not set' : JSON.stringify(now)}`;
    if (OF_THE_TERMINAL.has(target)) {
      if (now === undefined) return [];
      return [{ kind: 'env', action: 'keep', target, reason: `${difference}; yours stays` }];
    }
    return [{ kind: 'env', action: 'set', target, reason: difference }];
  });
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  // A shell keeps no variable with a zero byte in it, and Node cuts it there.
  const isText = (item: unknown): item is string => typeof item === 'string' && !item.includes('\0');
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])));
}
