// How far an encrypted session had come when it was written here last, sealed with its key. A log that is cut back to
// an earlier end, or exchanged for an older one, is whole in itself: only this tells. It stands apart from the log, on
// this machine alone; whoever can put back both as they were leaves no trace.

import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import type { SessionRecord } from '../core/record.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import { ensureDirectory, overwrite } from './durable-files.ts';
import type { StoredFrame } from './log-file.ts';
import type { DamagedSpan } from './log-chain.ts';
import { readSafely } from './safe-file.ts';
import type { StoreLayout } from './store-layout.ts';

export interface Anchor {
  /** Mark of the log, and how often it had been written anew. */
  log: number;
  rewrites: number;
  /** Number and hash (hex) of its last frame. */
  seq: number;
  hash: string;
}

/**
 * Null where there is none: then nothing is known, as of a log from elsewhere. `other` for one that was sealed with
 * another key, or is no whole anchor.
 */
export function readAnchor(layout: StoreLayout, id: string, cipher: SessionCipher): Anchor | 'other' | null {
  const bytes = readSafely(layout.anchorPath(id));
  // An empty one is what a power cut leaves.
  if (!bytes || bytes.length === 0) return null;
  const text = cipher.openText('anchor', id, bytes);
  return text === null ? 'other' : (JSON.parse(text) as Anchor);
}

/**
 * Moves the anchor to a frame that is durable. It is not synced itself, and a disk that refuses it is nobody's failure:
 * one that is older vouches for less.
 */
export function writeAnchor(layout: StoreLayout, id: string, cipher: SessionCipher, anchor: Anchor): void {
  const path = layout.anchorPath(id);
  const beside = `${path}.${process.pid}.tmp`;
  try {
    ensureDirectory(dirname(path));
    overwrite(beside, Buffer.from(cipher.sealText('anchor', id, JSON.stringify(anchor))));
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    if (systemError(error, 'anchor', path).code === 'INTERNAL') throw error;
  }
}

export function removeAnchor(layout: StoreLayout, id: string): void {
  rmSync(layout.anchorPath(id), { force: true });
}

/** True for a frame that stands where the anchor's stood, and is another: the log was cut there and gone on with. */
export function isExchanged(anchor: Anchor, frame: StoredFrame): boolean {
  const isThere = frame.log === anchor.log && frame.seq === anchor.seq;
  return isThere && frame.hash().toString('hex') !== anchor.hash;
}

/** What a log lacks of what its anchor has seen; null when nothing. A log that was written anew since is a newer one. */
export function anchorDamage(
  anchor: Anchor,
  { rewrites = 0 }: SessionRecord,
  last: StoredFrame | null,
): Omit<DamagedSpan, 'offsetBytes'> | null {
  const missing = (frames: number): Omit<DamagedSpan, 'offsetBytes'> => ({
    lengthBytes: 0,
    reason: 'damaged',
    framesMissing: frames,
  });
  if (rewrites !== anchor.rewrites) return rewrites < anchor.rewrites ? missing(1) : null;
  if (last?.log !== anchor.log || last.seq < anchor.seq) return missing(Math.max(1, anchor.seq - (last?.seq ?? -1)));
  return isExchanged(anchor, last) ? missing(1) : null;
}
