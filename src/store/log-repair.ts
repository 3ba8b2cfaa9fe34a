// Makes a damaged log whole again without losing a byte: the original is kept beside it under another name, every frame
// that can be read goes into the new log, and a quarantine record stands where something is missing.

import { copyFileSync, constants, openSync, fsyncSync, closeSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { systemError } from '../core/errors.ts';
import { syncDirectory } from './durable-files.ts';
import { partPaths } from './log-parts.ts';
import { LogReader } from './log-reader.ts';
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

/** Repairs a log in place. The caller holds its lock. Throws LOG_UNREADABLE where there is nothing to keep. */
export function repairLog(layout: StoreLayout, id: string, clock: Clock, level: number): Repaired {
  const before = verify(layout, id);
  const actions: string[] = [];
  let originalPath: string | null = null;
  if (before.spans.some((span) => span.reason !== 'torn')) {
    originalPath = keepOriginal(layout, id);
    actions.push(`kept the original as ${originalPath}`);
    const { records } = rewriteLog(layout, id, {
      clock,
      level,
      onDamage: (damage) => ({
        type: 'quarantine',
        reason: `${damage.lengthBytes} bytes could not be read; ${damage.framesMissing} frames are missing here`,
        source: { path: originalPath!, offsetBytes: damage.offsetBytes },
      }),
    });
    actions.push(`wrote ${records} records into a new log`);
  }
  actions.push(...cutTails(layout, id));
  return { before, after: verify(layout, id), actions, originalPath };
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
    const { endBytes } = reader.tail();
    const { path, size } = reader.file(reader.parts);
    if (endBytes === size) return [];
    return [`cut ${size - endBytes} unfinished bytes off the end and kept them as ${cutTornTail(path, endBytes)}`];
  } finally {
    reader.close();
  }
}

/** Copies every part aside, durably, and returns the name of the first. */
function keepOriginal(layout: StoreLayout, id: string): string {
  const stem = freePath(layout.logPath(id).replace(/\.json\.gz$/, '.damaged'));
  for (const [index, path] of partPaths(layout, id).entries()) {
    const kept = index === 0 ? stem : `${stem}.part${index + 1}`;
    try {
      copyFileSync(path, kept, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      const fd = openSync(kept, 'r+');
      fsyncSync(fd);
      closeSync(fd);
    } catch (error) {
      throw systemError(error, 'keep', path);
    }
  }
  syncDirectory(layout.sessionsDir);
  return stem;
}
