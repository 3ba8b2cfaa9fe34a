// Which intact frames belong together. Every frame names its predecessor by hash and carries the mark of its log, so
// frames of another session, of a writer that had lost its lock, or from before a rewrite are told from ours, and
// damage is known to the byte.

import type { LogFile, StoredFrame } from './log-file.ts';
import { FRAME_BYTES_MIN, NO_HASH } from './frame.ts';
import { LaterFrames } from './later-frames.ts';

/** Bytes of a log file that hold no frame of its chain. They are never overwritten or left unreported. */
export interface DamagedSpan {
  offsetBytes: number;
  /** 0 where frames are missing and their bytes with them. */
  lengthBytes: number;
  /**
   * `torn`: at the end, and not one intact frame in it. `damaged`: unreadable bytes, or frames that are missing.
   * `foreign`: intact frames that have no place in this chain.
   */
  reason: 'torn' | 'damaged' | 'foreign';
  /** Frames that the numbering says are missing; 0 for torn and foreign spans. */
  framesMissing: number;
}

export type ChainItem = { frame: StoredFrame } | { damage: DamagedSpan };

/** What came before a frame in the chain. */
export interface Link {
  hash: Buffer;
  seq: number;
  epoch: number;
  /** Mark of the log; null where it is not known yet, then the first frame that fits brings it. */
  log: number | null;
}

/** The link that the first frame of a session's first file has before it. */
export const CHAIN_START: Link = { hash: NO_HASH, seq: -1, epoch: 0, log: null };

export function linkOf(frame: StoredFrame): Link {
  return { hash: frame.hash(), seq: frame.seq, epoch: frame.epoch, log: frame.log };
}

/** Exact continuation: the hash fits and the numbers go on. */
export function follows(link: Link, frame: StoredFrame): boolean {
  return isLater(link, frame) && frame.seq === link.seq + 1 && frame.prev.equals(link.hash);
}

/** A frame of the same log that was written after the link; what lies between may be lost. */
function isLater(link: Link, frame: StoredFrame): boolean {
  return (link.log === null || frame.log === link.log) && frame.seq > link.seq && frame.epoch >= link.epoch;
}

/**
 * All frames of a file from `offset` on, in order, with the spans between them that are none. `before` is the link in
 * front of `offset`. Reads each byte about once; yields spans as they are passed.
 */
export function* walkChain(file: LogFile, offset: number, before: Link): Generator<ChainItem> {
  let link = before;
  /** End of the last frame of the chain; bytes from here on are not accounted for yet. */
  let chainEnd = offset;
  /** End of the last intact frame, of whatever log. */
  let intactEnd = offset;
  let passedOnlyFrames = true;
  const later = new LaterFrames(file, (from) => intactFrom(file, from), follows);
  for (let found = intactFrom(file, offset); found; found = intactFrom(file, intactEnd)) {
    if (found.offset > intactEnd) passedOnlyFrames = false;
    intactEnd = found.offset + found.frameBytes;
    const gapBytes = found.offset - chainEnd;
    if (!follows(link, found) && !isNextLeft(later, link, found, gapBytes)) continue;
    const framesMissing = found.seq - link.seq - 1;
    if (gapBytes > 0 || framesMissing > 0) {
      const reason = passedOnlyFrames && framesMissing === 0 ? 'foreign' : 'damaged';
      yield { damage: { offsetBytes: chainEnd, lengthBytes: gapBytes, reason, framesMissing } };
    }
    yield { frame: found };
    link = linkOf(found);
    chainEnd = intactEnd;
    passedOnlyFrames = true;
  }
  if (intactEnd > chainEnd) yield { damage: endSpan('foreign', chainEnd, intactEnd) };
  if (file.size > intactEnd) yield { damage: endSpan('torn', intactEnd, file.size) };
}

/** True when the frames between the link and this one are lost, so that it is the next one there is. */
function isNextLeft(later: LaterFrames<Link>, link: Link, frame: StoredFrame, gapBytes: number): boolean {
  if (!isLater(link, frame) || frame.seq === link.seq + 1) return false;
  const framesMissing = frame.seq - link.seq - 1;
  if (framesMissing * FRAME_BYTES_MIN <= gapBytes) return true;
  // More are missing than were ever here: either bytes were taken out of the file, or this is a copy that strayed to
  // the front, and then the true successor is still to come.
  return !later.hold(link, frame.offset + frame.frameBytes);
}

function intactFrom(file: LogFile, offset: number): StoredFrame | null {
  return file.frameAt(offset) ?? file.nextIntact(offset + 1);
}

function endSpan(reason: 'torn' | 'foreign', from: number, to: number): DamagedSpan {
  return { offsetBytes: from, lengthBytes: to - from, reason, framesMissing: 0 };
}

export interface Tail {
  /** Last frame of the chain; null when the file holds none. */
  last: StoredFrame | null;
  /** Where the last intact frame ends, of whatever log; bytes behind it are torn, and the next frame goes there. */
  endBytes: number;
}

/**
 * The end of the chain, found from the end of the file without reading its middle. A last frame counts when it is of
 * this log and its predecessor is there and fits; anything else is settled by `walkWhole`.
 */
export function tailFromEnd(file: LogFile, log: number | null, before: () => Link): Tail | 'unsure' {
  const last = file.previousIntact(file.size);
  if (!last) return { last: null, endBytes: 0 };
  if (last.log !== log) return 'unsure';
  const previous = last.prevBytes === 0 ? null : file.frameAt(last.offset - last.prevBytes, 'backwards');
  const link = previous ? linkOf(previous) : last.offset === 0 ? before() : null;
  return link && follows(link, last) ? { last, endBytes: last.offset + last.frameBytes } : 'unsure';
}

/** A file's chain as it is when read from its beginning: right whatever the file looks like. */
export interface WalkedChain extends Tail {
  damage: DamagedSpan[];
  /** Where its frames begin, and their numbers, both ascending. */
  offsets: number[];
  seqs: number[];
}

export function walkWhole(file: LogFile, before: Link): WalkedChain {
  const walked: WalkedChain = { last: null, endBytes: file.size, damage: [], offsets: [], seqs: [] };
  for (const item of walkChain(file, 0, before)) {
    if ('frame' in item) {
      walked.last = item.frame;
      walked.offsets.push(item.frame.offset);
      walked.seqs.push(item.frame.seq);
    } else {
      walked.damage.push(item.damage);
      if (item.damage.reason === 'torn') walked.endBytes = item.damage.offsetBytes;
    }
  }
  return walked;
}

/** Index of the last value that is at most `limit` in an ascending list, or -1. */
export function lastAtMost(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
