// Blobs are shared by a session and its forks. When one of them goes for good, what no other names goes with it.

import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { syncDirectory } from './durable-files.ts';
import { LogReader } from './log-reader.ts';
import { LogSource } from './log-source.ts';
import { blobsOf } from './log-verify.ts';
import type { StoreLayout } from './store-layout.ts';
import { listTrash, trashedLayout } from './trash.ts';

/** Family of a session; null where its log cannot be read, so that nobody takes its blobs for nobody's. */
export function familyOf(layout: StoreLayout, id: string): string | null {
  let reader: LogReader | undefined;
  try {
    reader = LogReader.open(layout, id);
    return reader.session.family;
  } catch (error) {
    if (error instanceof SessionError && error.code !== 'INTERNAL') return null;
    throw error;
  } finally {
    reader?.close();
  }
}

/** Removes the blobs of a family that no session in store or trash names. Returns the bytes freed. */
export function sweepBlobs(layout: StoreLayout, family: string): number {
  const directory = layout.blobDir(family);
  const names = blobNames(directory);
  if (names.length === 0) return 0;
  const used = usedBlobs(layout, family);
  if (!used) return 0;
  let freed = 0;
  for (const name of names) {
    if (used.has(name)) continue;
    freed += statSync(join(directory, name)).size;
    rmSync(join(directory, name));
  }
  if (used.size === 0) rmSync(directory, { recursive: true });
  else syncDirectory(directory);
  return freed;
}

/** Hashes that the family's logs name; null when that cannot be known. */
function usedBlobs(layout: StoreLayout, family: string): Set<string> | null {
  const used = new Set<string>();
  const places: [StoreLayout, string][] = [
    ...new LogSource(layout).ids().map((id): [StoreLayout, string] => [layout, id]),
    ...listTrash(layout).map(({ id }): [StoreLayout, string] => [trashedLayout(layout, id), id]),
  ];
  for (const [place, id] of places) {
    if (familyOf(place, id) !== family) continue;
    const reader = LogReader.open(place, id);
    try {
      for (const item of reader.forwards()) {
        // What the lost frames named is not known: then nothing of the family may go.
        if ('damage' in item && item.damage.reason === 'damaged') return null;
        if ('damage' in item) continue;
        for (const record of reader.records(item)) for (const { hash } of blobsOf(record)) used.add(hash);
      }
    } finally {
      reader.close();
    }
  }
  return used;
}

function blobNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'list', directory);
  }
}
