// A branch from its beginning: what transcripts and exports need. The log is read once more, forwards, and only ids are
// held meanwhile, so a session of gigabytes streams.

import type { MessageRecord } from '../core/record.ts';
import { pointerTo } from './log-place.ts';
import type { LogReader } from './log-reader.ts';
import type { WalkedMessage } from './branch-cursor.ts';
import { ResultsOf } from './call-results.ts';
import type { OpenBase } from './message-walk.ts';
import { walkMessages } from './message-walk.ts';

/** Ids of the messages from the root to a leaf, oldest first. */
export function pathIds(reader: LogReader, leaf: string | null, openBase: OpenBase): string[] {
  const ids: string[] = [];
  for (const { message } of walkMessages(reader, leaf, openBase)) ids.push(message.id);
  return ids.reverse();
}

/** The named messages in the order of the log, which is the order of any one branch, with the results of their calls. */
export function* messagesForwards(
  reader: LogReader,
  wanted: ReadonlySet<string>,
  openBase: OpenBase,
): Generator<WalkedMessage> {
  if (wanted.size === 0) return;
  const { base } = reader.session;
  if (base && wanted.has(base.messageId)) {
    const past = openBase(base.sessionId);
    try {
      yield* messagesForwards(past, wanted, openBase);
    } finally {
      past.close();
    }
  }
  let current: WalkedMessage | null = null;
  let behind: ResultsOf | null = null;
  for (const item of reader.forwards()) {
    if ('damage' in item) continue;
    for (const record of reader.records(item)) {
      if (record.type === 'message' && wanted.has(record.id)) {
        // Results stand before the next message of the branch, so this one has all of its own now.
        if (current) yield current;
        behind = new ResultsOf(record as MessageRecord);
        current = { message: record as MessageRecord, at: pointerTo(item), results: behind.results };
      } else behind?.add(record);
    }
  }
  if (current) yield current;
}
