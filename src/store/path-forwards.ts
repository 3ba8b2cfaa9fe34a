// A branch from its beginning: what transcripts and exports need. The log is read once more, forwards, and only ids are
// held meanwhile, so a session of gigabytes streams.

import type { LogRecord, MessageRecord } from '../core/record.ts';
import { pointerTo } from './log-place.ts';
import type { LogReader } from './log-reader.ts';
import type { WalkedMessage } from './branch-cursor.ts';
import { ResultsOf } from './call-results.ts';
import type { OpenBase } from './message-walk.ts';
import { callsAtHead, findMessage } from './message-place.ts';
import { walkMessages } from './message-walk.ts';

/** Ids of the messages from the root to a leaf, oldest first. */
export function pathIds(reader: LogReader, leaf: string | null, openBase: OpenBase): string[] {
  const ids: string[] = [];
  for (const { message } of walkMessages(reader, leaf, openBase)) ids.push(message.id);
  return ids.reverse();
}

/**
 * The named messages in the order of the log, which is the order of any one branch, with the results of their calls.
 * `wanted` is a stretch of one branch, in its order: `pathIds` or a piece of it. Reads no further than it has to.
 */
export function* messagesForwards(
  reader: LogReader,
  wanted: ReadonlySet<string>,
  openBase: OpenBase,
): Generator<WalkedMessage> {
  let left = wanted.size;
  if (left === 0) return;
  const { base } = reader.session;
  if (base && reachesBase(reader, wanted, base.messageId)) {
    const past = openBase(base.sessionId);
    try {
      for (const walked of messagesForwards(past, wanted, openBase)) {
        left--;
        yield walked;
      }
    } finally {
      past.close();
    }
  }
  if (left > 0) yield* ownMessages(reader, wanted, left);
}

/** Of a stretch that lies in the past altogether, the message that the fork begins at need not be a part. */
function reachesBase(reader: LogReader, wanted: ReadonlySet<string>, baseMessageId: string): boolean {
  if (wanted.has(baseMessageId)) return true;
  const [first] = wanted;
  return findMessage(reader, first!) === null;
}

function* ownMessages(reader: LogReader, wanted: ReadonlySet<string>, count: number): Generator<WalkedMessage> {
  let left = count;
  let current: WalkedMessage | null = null;
  let behind: ResultsOf | null = null;
  for (const item of reader.forwards()) {
    if ('damage' in item) continue;
    for (const record of reader.records(item)) {
      if (record.type === 'message' && wanted.has(record.id)) {
        // Results stand before the next message of the branch, so this one has all of its own now.
        if (current) yield current;
        behind = new ResultsOf(record as MessageRecord, (head) => callsAtHead(reader, head));
        const { results } = behind;
        current = { message: record as MessageRecord, at: pointerTo(item), results, blobs: reader.blobs };
        left--;
      } else behind?.add(record);
      if (left === 0 && behind && (behind.isComplete || goesOn(record, current!))) {
        yield current!;
        return;
      }
    }
  }
  if (current) yield current;
}

/** True for the next message of the branch: behind it stands no result of the one before. */
function goesOn(record: LogRecord, { message }: WalkedMessage): boolean {
  return record.type === 'message' && (record as MessageRecord).parentId === message.id;
}
