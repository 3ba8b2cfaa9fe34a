// Which files of a folder belong to one session: its parts, its inbox, and what recoveries, repairs and migrations kept
// beside them. A second version of the log that a copy or a syncer left is a session of its own.

import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemError } from '../core/errors.ts';
import { parseSessionFileName } from '../core/session-file-name.ts';
import type { StoreLayout } from './store-layout.ts';

/** Names of everything in the store that belongs to a session, its first log file first. `names` are all there are. */
export function ownNames(
  layout: StoreLayout,
  id: string,
  names: readonly string[] = namesIn(layout.sessionsDir),
): string[] {
  const first = basename(layout.logPath(id));
  const lock = basename(layout.sharedLockPath(id));
  const prefixes = [`${stemOf(first)}.`, `session-${id}.`];
  const candidates = names.filter((name) => name === first || prefixes.some((prefix) => name.startsWith(prefix)));
  const others = candidates.filter((name) => isOtherSession(name, id));
  // The claim against other machines is of a writer, not of the session.
  const isOwn = (name: string): boolean =>
    name !== lock &&
    !name.startsWith(`${lock}.`) &&
    !others.some((other) => name === other || name.startsWith(`${stemOf(other)}.`));
  return firstInFront(candidates.filter(isOwn), first);
}

/** Names of a session's files in its trash folder, its first log file first. */
export function keptNames(directory: string, id: string): string[] {
  const names = namesIn(directory).filter((name) => name.startsWith('session-'));
  const isFirst = (name: string): boolean => {
    const parsed = parseSessionFileName(name);
    return parsed?.id === id && (parsed.kind === 'conflict' || parsed.part === 1);
  };
  return firstInFront(names, names.find(isFirst));
}

/** Bytes of all files below a folder, or of a file; 0 when it is not there. Links are not followed. */
export function sizeOf(path: string): number {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) return stat?.size ?? 0;
  } catch (error) {
    throw systemError(error, 'look at', path);
  }
  return namesIn(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** Names in a folder; none when it is not there. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'list', directory);
  }
}

function isOtherSession(name: string, id: string): boolean {
  const parsed = parseSessionFileName(name);
  return parsed !== null && parsed.id !== id;
}

function stemOf(name: string): string {
  return name.replace(/\.json\.gz$/, '');
}

function firstInFront(names: readonly string[], first: string | undefined): string[] {
  return names.toSorted((a, b) => Number(b === first) - Number(a === first) || (a < b ? -1 : 1));
}
