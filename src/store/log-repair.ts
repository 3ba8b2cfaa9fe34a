// Makes a damaged log whole again without losing a byte: the original is kept beside it under another name, every frame
// that can be read goes into the new log, and a quarantine record stands where something is missing.

import type { Clock } from '../core/clock.ts';
import type { NewRecord } from '../core/record.ts';
import { isThere } from './durable-files.ts';
import { keepOriginal } from './kept-original.ts';
import { countParts } from './log-parts.ts';
import type { PlacedDamage } from './log-place.ts';
import { LogReader } from './log-reader.ts';
import { assertWritable } from './log-warnings.ts';
import { cutTornTail, freePath } from './log-recover.ts';
import { rewriteLog } from './log-rewrite.ts';
import type { StoreLayout } from './store-layout.ts';
import type { Verified } from './log-verify.ts';
import { verifyLog } from './log-verify.ts';

export interface Repaired {
  before: Verified;
  after: Verified;
  actions: string[];
  originalPath: string | null;
}

export interface RepairOptions {
  clock: Clock;
  level: number;
  /** Messages of this session that forks of it begin at. */
  forkPoints?: readonly string[];
}

/** Repairs a log in place. The caller holds its lock. Throws LOG_UNREADABLE where there is nothing to keep. */
export function repairLog(layout: StoreLayout, id: string, options: RepairOptions): Repaired {
  const before = verify(layout, id);
  const actions: string[] = [];
  let originalPath: string | null = null;
  if (before.spans.some((span) => span.reason !== 'torn')) {
    originalPath = keepParts(layout, id);
    actions.push(`kept the original as ${originalPath}`);
    const onDamage = quarantineIn(originalPath);
    const { records } = rewriteLog(layout, id, { ...options, onDamage });
    actions.push(`wrote ${records} records into a new log`);
  }
  actions.push(...cutTails(layout, id));
  return { before, after: verify(layout, id), actions, originalPath };
}

/** The record that stands where bytes were left out, and says where they are. */
function quarantineIn(originalPath: string) {
  return ({
    part,
    reason,
    lengthBytes,
    framesMissing,
    offsetBytes,
  }: PlacedDamage): Extract<NewRecord, { type: 'quarantine' }> => ({
    type: 'quarantine',
    reason:
      reason === 'foreign'
        ? `${lengthBytes} bytes had no place in this session`
        : `${lengthBytes} bytes could not be read; ${framesMissing} frames are missing here`,
    source: { path: keptPart(originalPath, part), offsetBytes },
  });
}

function verify(layout: StoreLayout, id: string): Verified {
  const reader = LogReader.open(layout, id);
  try {
    return verifyLog(reader, 'look');
  } finally {
    reader.close();
  }
}

function cutTails(layout: StoreLayout, id: string): string[] {
  const reader = LogReader.open(layout, id);
  try {
    assertWritable(reader);
    const { endBytes } = reader.tail();
    const { path, size } = reader.file(reader.parts);
    if (endBytes === size) return [];
    return [`cut ${size - endBytes} unfinished bytes off the end and kept them as ${cutTornTail(path, endBytes)}`];
  } finally {
    reader.close();
  }
}

/** Keeps every part under another name, durably, and returns the name of the first. */
function keepParts(layout: StoreLayout, id: string): string {
  const kept = freePath(layout.logPath(id).replace(/\.json\.gz$/, '.damaged'));
  const names = Array.from({ length: countParts(layout, id) }, (_, index) => layout.logPath(id, index + 1));
  for (const [index, path] of names.entries()) if (isThere(path)) keepOriginal(path, keptPart(kept, index + 1));
  return kept;
}

function keptPart(kept: string, part: number): string {
  return part === 1 ? kept : `${kept}.part${part}`;
}
