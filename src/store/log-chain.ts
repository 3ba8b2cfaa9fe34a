// Which intact frames belong together. Every frame names its predecessor by hash, so frames of another session, of a
// writer that had lost its lock, or from before a cut are told from ours, and damage is known to the byte.

import type { LogFile, StoredFrame } from './log-file.ts';
import { FRAME_BYTES_MIN, NO_HASH } from './frame.ts';

/** Bytes of a log file that hold no frame of its chain. They are never overwritten or left unreported. */
export interface DamagedSpan {
  offsetBytes: number;
  lengthBytes: number;
  /** `torn`: at the end, with nothing of ours behind it. `damaged`: frames are missing. `foreign`: none of ours. */
  reason: 'torn' | 'damaged' | 'foreign';
  /** Frames that the numbering says are missing; 0 for torn and foreign spans. */
  framesMissing: number;
}

export type ChainItem = { frame: StoredFrame } | { damage: DamagedSpan };

/** What came before a frame in the chain: its hash, number and epoch. */
export interface Link {
  hash: Buffer;
  seq: number;
  epoch: number;
}

/** The link that the first frame of a session's first file has before it. */
export const CHAIN_START: Link = { hash: NO_HASH, seq: -1, epoch: 0 };

export function linkOf(frame: StoredFrame): Link {
  return { hash: frame.hash(), seq: frame.seq, epoch: frame.epoch };
}

/** Exact continuation: the hash fits and the numbers go on. */
export function follows(link: Link, frame: StoredFrame): boolean {
  return frame.prev.equals(link.hash) && frame.seq === link.seq + 1 && frame.epoch >= link.epoch;
}

/** Could stand behind a damaged span of this many bytes: no more frames are missing than fit into it. */
function mayFollow(link: Link, frame: StoredFrame, gapBytes: number): boolean {
  const missing = frame.seq - link.seq - 1;
  return missing >= 1 && missing <= Math.ceil(gapBytes / FRAME_BYTES_MIN) && frame.epoch >= link.epoch;
}

/**
 * All frames of a file from `offset` on, in order, with the spans between them that are none. `before` is the link in
 * front of `offset`. Reads each byte once; yields spans as they are passed.
 */
export function* walkChain(file: LogFile, offset: number, before: Link): Generator<ChainItem, Link> {
  let link = before;
  let at = offset;
  // Start of the bytes passed over since the last frame of ours, or -1; and whether an intact frame was among them.
  let gapAt = -1;
  let foreignOnly = true;
  while (at < file.size) {
    const found = file.frameAt(at) ?? file.nextIntact(at + 1);
    if (!found) break;
    if (found.offset > at) {
      if (gapAt < 0) gapAt = at;
      foreignOnly = false;
    }
    const gapBytes = gapAt < 0 ? 0 : found.offset - gapAt;
    const exact = follows(link, found);
    if (exact || (gapBytes > 0 && !foreignOnly && mayFollow(link, found, gapBytes))) {
      if (gapAt >= 0) {
        const framesMissing = found.seq - link.seq - 1;
        const reason = foreignOnly ? 'foreign' : 'damaged';
        yield { damage: { offsetBytes: gapAt, lengthBytes: gapBytes, reason, framesMissing } };
      }
      yield { frame: found };
      link = linkOf(found);
      gapAt = -1;
      foreignOnly = true;
    } else if (gapAt < 0) gapAt = found.offset;
    at = found.offset + found.frameBytes;
  }
  const tornAt = gapAt >= 0 ? gapAt : at;
  if (tornAt < file.size) {
    const damage: DamagedSpan = {
      offsetBytes: tornAt,
      lengthBytes: file.size - tornAt,
      reason: 'torn',
      framesMissing: 0,
    };
    yield { damage };
  }
  return link;
}

export interface Tail {
  /** Last frame of the chain; null when the file holds none. */
  last: StoredFrame | null;
  /** Where the chain ends; bytes behind it are torn or foreign. */
  endBytes: number;
}

/**
 * The end of the chain, found from the end of the file without reading its middle. A last frame counts when its
 * predecessor is there and fits; anything else is settled by `tailByWalking`.
 */
export function tailFromEnd(file: LogFile, before: () => Link): Tail | 'unsure' {
  const last = file.previousIntact(file.size);
  if (!last) return file.size === 0 ? { last: null, endBytes: 0 } : 'unsure';
  const endBytes = last.offset + last.frameBytes;
  if (last.prevBytes === 0) {
    return last.offset === 0 && follows(before(), last) ? { last, endBytes } : 'unsure';
  }
  const previous = file.frameAt(last.offset - last.prevBytes, 'backwards');
  return previous && follows(linkOf(previous), last) ? { last, endBytes } : 'unsure';
}

/** The end of the chain by reading the whole file: slower, and right whatever the file looks like. */
export function tailByWalking(file: LogFile, before: Link): Tail & { damage: DamagedSpan[] } {
  const damage: DamagedSpan[] = [];
  let last: StoredFrame | null = null;
  for (const item of walkChain(file, 0, before)) {
    if ('frame' in item) last = item.frame;
    else if (item.damage.reason !== 'torn') damage.push(item.damage);
  }
  return { last, endBytes: last ? last.offset + last.frameBytes : 0, damage };
}
