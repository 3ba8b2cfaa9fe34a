// The files that one session's log consists of. Almost always there is one; past `maxSessionSize` the log goes on in a
// second, and a part that is lost must not hide the ones behind it.

import { isThere } from './durable-files.ts';
import type { StoreLayout } from './store-layout.ts';

/** Lost parts in a row that are looked past for one that is still there. */
const PARTS_LOST_MAX = 1;

/** Number of the last part of a session that has a file; 0 when there is none. Parts before it may be missing. */
export function countParts(layout: StoreLayout, id: string): number {
  let last = 0;
  for (let part = 1; part <= last + 1 + PARTS_LOST_MAX; part++) if (isThere(layout.logPath(id, part))) last = part;
  return last;
}

/** The files of a session in order; the empty list when there is none. */
export function partPaths(layout: StoreLayout, id: string): string[] {
  const paths: string[] = [];
  const count = countParts(layout, id);
  for (let part = 1; part <= count; part++) paths.push(layout.logPath(id, part));
  return paths.filter(isThere);
}
