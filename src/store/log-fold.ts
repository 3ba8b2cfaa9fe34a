// The state of a session after all its records, at the cost of what came since the last snapshot. What cannot be read
// on the way is reported and read around: a lost blob of one tool must not keep a session from opening.

import type { Fold } from '../core/fold.ts';
import { applyRecord, emptyFold, FOLDED_WHOLE } from '../core/fold.ts';
import { foldIn } from '../core/fold-needs.ts';
import { SessionError } from '../core/errors.ts';
import type { LogRecord, SnapshotRecord } from '../core/record.ts';
import type { BlobStore } from './blob-store.ts';
import { FLAG } from './frame.ts';
import type { PlacedFrame } from './log-place.ts';
import { pointerTo } from './log-place.ts';
import type { LogReader } from './log-reader.ts';
import { lostBlobWarning } from './log-warnings.ts';

/** Frames held in memory while looking for a snapshot; a log without one (of an older fold) is read forwards instead. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;

/** Starts at the last usable snapshot; where that left a large value out, the value is read from its record. */
export function foldLog(reader: LogReader): Fold {
  const since: PlacedFrame[] = [];
  let heldBytes = 0;
  let start: Fold | null = null;
  for (const item of reader.backwards()) {
    if ('damage' in item) continue;
    if (item.frame.flags & FLAG.snapshot) start = snapshotIn(reader.records(item), reader.blobs);
    if (start) break;
    since.push(item);
    heldBytes += item.frame.frameBytes;
    if (heldBytes > HELD_BYTES_MAX) return foldForwards(reader);
  }
  const fold = start ?? emptyFold(reader.session);
  fold.session = reader.session;
  for (const placed of since.reverse()) applyFrame(fold, reader, placed);
  fillSlots(fold, reader);
  return fold;
}

/** The fold that a frame's snapshot holds; null when it is of another fold version, is no fold, or its blob is gone. */
export function snapshotIn(records: readonly LogRecord[], blobs: BlobStore | null): Fold | null {
  const record = records.find((each): each is SnapshotRecord => each.type === 'snapshot');
  // Derived: where its blob is lost, an earlier snapshot serves as well.
  const whole = record?.spilled ? blobs && wholeOrLost(record, blobs).whole : record;
  return foldIn((whole as SnapshotRecord | null | undefined)?.fold);
}

function foldForwards(reader: LogReader): Fold {
  const fold = emptyFold(reader.session);
  for (const item of reader.forwards()) if ('frame' in item) applyFrame(fold, reader, item);
  fold.session = reader.session;
  return fold;
}

function applyFrame(fold: Fold, reader: LogReader, placed: PlacedFrame): void {
  const at = pointerTo(placed);
  for (const record of reader.records(placed)) applyRecord(fold, foldable(record, reader), at);
}

/** A record as the fold needs it: state that was spilled is fetched, of messages the line is enough. */
function foldable(record: LogRecord, reader: LogReader): LogRecord {
  return record.spilled && FOLDED_WHOLE.has(record.type) ? wholeOf(record, reader) : record;
}

/** Values that the snapshot left out because of their size. */
function fillSlots(fold: Fold, reader: LogReader): void {
  for (const slot of ['context', 'files'] as const) {
    const { at, value } = fold[slot];
    if (!at || value !== undefined) continue;
    const placed = reader.findFrame(at);
    if (!placed) {
      reader.warn(`${slot} record`, {
        code: 'LOG_DAMAGED',
        message: `session ${reader.id}: its ${slot} is in frame ${at.seq}, which is lost`,
        path: reader.path,
        offsetBytes: at.offset,
        hint: `roo session repair ${reader.id}`,
      });
      continue;
    }
    const record = reader.records(placed).findLast((each) => each.type === slot);
    if (record) fold[slot].value = (wholeOf(record, reader) as never as Record<typeof slot, never>)[slot];
  }
}

/** The whole of a spilled record; the line that stands for it, with a warning, where the blob is lost. */
function wholeOf(record: LogRecord, reader: LogReader): LogRecord {
  const { whole, lost } = wholeOrLost(record, reader.blobs);
  if (whole) return whole;
  const { spilled, type } = record;
  reader.warn(spilled!.hash, lostBlobWarning(reader.id, type, spilled!, lost.path ?? '', lost.code));
  return record;
}

type WholeOrLost = { whole: LogRecord; lost: null } | { whole: null; lost: SessionError };

function wholeOrLost(record: LogRecord, blobs: BlobStore): WholeOrLost {
  try {
    return { whole: blobs.unspill(record), lost: null };
  } catch (error) {
    const isLost = error instanceof SessionError && (error.code === 'BLOB_MISSING' || error.code === 'BLOB_DAMAGED');
    if (isLost) return { whole: null, lost: error };
    throw error;
  }
}
