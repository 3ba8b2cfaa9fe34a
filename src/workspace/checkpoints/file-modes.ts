// git knows of a file only whether it may be run. What files here usually have beside that, and the few that have
// something else (0600, 0444), is kept with the checkpoint, so that a file which is made again is what it was.

import type { BytePath } from './byte-path.ts';

export interface FileModes {
  /** Permission bits of most files that may not be run. */
  usual: number;
  /** Permission bits by path, where they do not follow from `usual` and git's notion. */
  unusual: ReadonlyMap<BytePath, number>;
}

/** Beyond this many they are no exceptions, and would make every checkpoint large; then git's notion has to do. */
const UNUSUAL_MAX = 2000;

/** Permission bits that a file gets. */
export function modeOf(modes: FileModes, path: BytePath, isExecutable: boolean): number {
  return modes.unusual.get(path) ?? expected(modes.usual, isExecutable);
}

/** As known before, brought up to date with what was found. `touched` are the paths that are new, changed or gone. */
export function modesWith(
  known: FileModes | null,
  found: ReadonlyMap<BytePath, number>,
  touched: readonly BytePath[],
): FileModes {
  const usual = known?.usual ?? mostCommon(found.values());
  const unusual = new Map(known?.unusual);
  for (const path of touched) unusual.delete(path);
  for (const [path, mode] of found) if (mode !== expected(usual, (mode & 0o100) !== 0)) unusual.set(path, mode);
  return { usual, unusual: unusual.size > UNUSUAL_MAX ? new Map() : unusual };
}

function expected(usual: number, isExecutable: boolean): number {
  return isExecutable ? usual | ((usual & 0o444) >> 2) : usual;
}

function mostCommon(modes: Iterable<number>): number {
  const counts = new Map<number, number>();
  for (const mode of modes) if ((mode & 0o111) === 0) counts.set(mode, (counts.get(mode) ?? 0) + 1);
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? 0o666 & ~process.umask();
}

export function modesText({ usual, unusual }: FileModes): string {
  return JSON.stringify({ usual, unusual: Object.fromEntries(unusual) });
}

/** Null for a text that is none of ours. */
export function modesIn(text: string): FileModes | null {
  let value: { usual?: unknown; unusual?: unknown } | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!Number.isInteger(value?.usual) || typeof value?.unusual !== 'object') return null;
  const unusual = Object.entries(value.unusual ?? {}).filter((entry): entry is [BytePath, number] =>
    Number.isInteger(entry[1]),
  );
  return { usual: value.usual as number, unusual: new Map(unusual) };
}
