// Where a message stands, when only its id is known. Ids are UUIDv7 and logs grow with time, so the place is nearly
// always found by halving; a log whose ids are not in order (other clocks, imports) is read from its end instead.

import type { HeadRecord, MessageRecord, Pointer } from '../core/record.ts';
import { callsOf } from './call-results.ts';
import type { LogFile, StoredFrame } from './log-file.ts';
import type { PlacedFrame } from './log-place.ts';
import { pointerTo } from './log-place.ts';
import type { LogReader } from './log-reader.ts';

/** Below this a stretch is read through. */
const STRETCH_BYTES = 512 * 1024;

/** The frame of a message on any branch; null when neither the log nor the point where it was forked holds it. */
export function findMessage(reader: LogReader, messageId: string): Pointer | null {
  const { base } = reader.session;
  if (base?.messageId === messageId) return base.at;
  const near = isTimed(messageId) ? findByTime(reader, messageId) : null;
  return near ?? findFromEnd(reader, messageId);
}

/** Ids of the calls that results behind a head record may be of; null when the message it goes to is not to be had. */
export function callsAtHead(reader: LogReader, { messageId, pointer }: HeadRecord): string[] | null {
  if (messageId === null) return [];
  const placed = pointer && reader.findFrame(pointer);
  const message = placed && reader.records(placed).find(({ type, id }) => type === 'message' && id === messageId);
  return message ? callsOf(message as MessageRecord) : null;
}

function findFromEnd(reader: LogReader, messageId: string): Pointer | null {
  for (const item of reader.backwards()) {
    if (!('damage' in item) && holds(reader, item, messageId)) return pointerTo(item);
  }
  return null;
}

function findByTime(reader: LogReader, messageId: string): Pointer | null {
  for (let part = reader.parts; part >= 1; part--) {
    const file = reader.file(part);
    let from = 0;
    let to = file.size;
    while (to - from > STRETCH_BYTES) {
      const middle = from + Math.floor((to - from) / 2);
      const frame = file.nextIntact(middle);
      if (frame && frame.offset < to && isBefore(reader, { part, frame }, messageId)) from = frame.offset;
      else to = middle;
    }
    const found = searchStretch(reader, part, file, from, to + STRETCH_BYTES, messageId);
    if (found) return found;
  }
  return null;
}

/** Looks through the frames from the one at or before `from` to the one behind `to`. */
function searchStretch(
  reader: LogReader,
  part: number,
  file: LogFile,
  from: number,
  to: number,
  messageId: string,
): Pointer | null {
  let frame: StoredFrame | null = file.frameAt(from) ?? file.nextIntact(from);
  while (frame && frame.offset <= to) {
    const placed = { part, frame };
    if (holds(reader, placed, messageId)) return pointerTo(placed);
    const next: number = frame.offset + frame.frameBytes;
    frame = file.frameAt(next) ?? file.nextIntact(next);
  }
  return null;
}

/** True when the frame's first record with a time in its id was made no later than the message. */
function isBefore(reader: LogReader, placed: PlacedFrame, messageId: string): boolean {
  const first = reader.records(placed).find(({ id, type }) => isTimed(id) && type !== 'session');
  return first !== undefined && first.id <= messageId;
}

function holds(reader: LogReader, placed: PlacedFrame, messageId: string): boolean {
  return reader.records(placed).some((record) => record.type === 'message' && record.id === messageId);
}

function isTimed(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id);
}
