// Blobs are shared by a session and its forks. When one of them goes for good, what no other names goes with it; where
// it cannot be known what the others name, everything stays.

import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import type { LogRecord } from '../core/record.ts';
import { isBlobHash } from '../core/record-needs.ts';
import { isThere, syncDirectory } from './durable-files.ts';
import { isOldDocument } from './format1-source.ts';
import { LogReader } from './log-reader.ts';
import { LogSource } from './log-source.ts';
import { blobsOf } from './log-verify.ts';
import { namesIn, ownNames, sizeOf } from './session-files.ts';
import { isLocked } from './session-lock.ts';
import type { StoreLayout } from './store-layout.ts';
import { listTrash, trashedLayout } from './trash.ts';

export interface Swept {
  bytesFreed: number;
  /** Why blobs stayed that may be nobody's, for people; null when nothing stood in the way. */
  kept: string | null;
}

interface FamilyUse {
  /** Hashes that the family's logs name. */
  hashes: Set<string>;
  /** Calls without an end: what a crash left of their output is still shown. */
  partials: Set<string>;
}

/** Name of the folder with a session's large parts; null where its log cannot be read. */
export function familyOf(layout: StoreLayout, id: string): string | null {
  let reader: LogReader | undefined;
  try {
    reader = LogReader.open(layout, id);
    return basename(reader.blobs.directory);
  } catch (error) {
    // What is locked shares its large parts with nobody.
    if (error instanceof SessionError && error.code === 'SESSION_ENCRYPTED') return basename(layout.sealedBlobDir(id));
    if (error instanceof SessionError && error.code !== 'INTERNAL') return null;
    throw error;
  } finally {
    reader?.close();
  }
}

export interface SweepOptions {
  /** Of the sessions that are open, those of the caller, which are at rest. */
  held?: ReadonlySet<string>;
  /** Families of sessions that were asked before: each log need not be opened for it again. */
  families?: ReadonlyMap<string, string>;
}

/** Removes the blobs of a family that no session in store or trash names, but for one that is about to be purged. */
export function sweepBlobs(
  layout: StoreLayout,
  family: string,
  purgedId: string | null,
  options: SweepOptions = {},
): Swept {
  const directory = layout.blobDir(family);
  if (!isThere(directory)) return { bytesFreed: 0, kept: null };
  const use = familyUse(layout, family, purgedId, options);
  if (typeof use === 'string') return { bytesFreed: 0, kept: namesIn(directory).length > 0 ? use : null };
  let bytesFreed = 0;
  try {
    const names = namesIn(directory);
    const unused = names.filter((name) => !isUsed(name, use));
    for (const name of unused) {
      bytesFreed += sizeOf(join(directory, name));
      rmSync(join(directory, name), { recursive: true, force: true });
    }
    const isEmpty = unused.length === names.length;
    if (isEmpty) rmSync(directory, { recursive: true, force: true });
    syncDirectory(isEmpty ? dirname(directory) : directory);
  } catch (error) {
    throw systemError(error, 'free', directory);
  }
  return { bytesFreed, kept: null };
}

/** Files that no record names yet are of writers, and there is none: see `familyUse`. */
function isUsed(name: string, { hashes, partials }: FamilyUse): boolean {
  return isBlobHash(name) ? hashes.has(name) : partials.has(name);
}

/** What the family's sessions name, or why that cannot be known. */
function familyUse(
  layout: StoreLayout,
  family: string,
  purgedId: string | null,
  { held = new Set(), families = new Map() }: SweepOptions,
): FamilyUse | string {
  const use: FamilyUse = { hashes: new Set(), partials: new Set() };
  const stored = namesIn(layout.sessionsDir);
  const places: [StoreLayout, string][] = [
    ...new LogSource(layout).ids().map((id): [StoreLayout, string] => [layout, id]),
    ...listTrash(layout).map(({ id }): [StoreLayout, string] => [trashedLayout(layout, id), id]),
  ];
  for (const [place, id] of places) {
    if (id === purgedId) continue;
    const itsFamily = families.get(id) ?? familyOf(place, id);
    // A document of format 1 has everything in itself.
    if (itsFamily === null && !isOldDocument(place, id)) return `session ${id}, which may name it, cannot be read`;
    if (itsFamily !== family) continue;
    // A blob is written before the record that names it.
    if (!held.has(id) && isLocked(layout, id)) return `session ${id}, which shares it, is open in another process`;
    const names = place === layout ? stored : namesIn(dirname(place.logPath(id)));
    const isRepaired = ownNames(layout, id, names).some((name) => name.includes('.damaged-'));
    if (isRepaired) return `session ${id}, which shares it, was repaired, and its damaged original may name it`;
    const hindrance = addUse(use, place, id);
    if (hindrance) return hindrance;
  }
  return use;
}

/** Names that the outputs of calls without an end may have. */
function partialNames(reader: LogReader): string[] {
  return Object.keys(reader.fold().openCalls).flatMap((callId) => reader.blobs.partialName(callId) ?? []);
}

function addUse(use: FamilyUse, place: StoreLayout, id: string): string | null {
  let reader: LogReader | undefined;
  try {
    reader = LogReader.open(place, id);
    for (const item of reader.forwards()) {
      if ('damage' in item && item.damage.reason === 'damaged') return `session ${id}, which shares it, is damaged`;
      if ('damage' in item) continue;
      for (const record of reader.records(item)) {
        for (const { hash } of [...blobsOf(record), ...blobsOf(wholeOf(reader, record))]) use.hashes.add(hash);
      }
    }
    for (const name of partialNames(reader)) use.partials.add(name);
    return null;
  } catch (error) {
    if (error instanceof SessionError && error.code === 'BLOB_DAMAGED')
      return `session ${id}, which shares it, is damaged`;
    if (error instanceof SessionError && error.code === 'SESSION_ENCRYPTED')
      return `session ${id}, which shares it, is locked`;
    throw error;
  } finally {
    reader?.close();
  }
}

/** Of a record that was spilled the line may name fewer blobs than the record does. */
function wholeOf(reader: LogReader, record: LogRecord): LogRecord {
  const isSpilled = record.spilled && record.type !== 'snapshot' && reader.blobs.has(record.spilled);
  return isSpilled ? reader.blobs.unspill(record) : record;
}
