// Which messages `show` prints: the last ones, or a stretch named by message ids or by their number from the beginning.

import { SessionError } from '../../core/errors.ts';
import type { LogReader } from '../../store/log-reader.ts';
import type { WalkedMessage } from '../../store/branch-cursor.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { walkMessages } from '../../store/message-walk.ts';
import { messagesForwards, pathIds } from '../../store/path-forwards.ts';
import { findMessage } from '../../store/message-place.ts';
import type { ShowRange } from '../types/service-types.ts';

const ORDINAL = /^[0-9]{1,9}$/;

/** Messages of a range of a branch, oldest first. The last ones are read from the end of the log, others from its start. */
export function* shownRange(
  reader: LogReader,
  leaf: string | null,
  openBase: OpenBase,
  range: ShowRange,
): Generator<WalkedMessage> {
  if (range.last !== undefined) {
    yield* newest(walkMessages(reader, leaf, openBase), range.last);
    return;
  }
  const ids = pathIds(reader, leaf, openBase);
  const from = range.from === undefined ? 0 : indexOf(ids, range.from, reader);
  const to = range.to === undefined ? ids.length - 1 : indexOf(ids, range.to, reader);
  yield* messagesForwards(reader, new Set(ids.slice(from, to + 1)), openBase);
}

function newest(walk: Iterable<WalkedMessage>, count: number): WalkedMessage[] {
  const messages: WalkedMessage[] = [];
  if (count <= 0) return messages;
  for (const walked of walk) {
    messages.push(walked);
    if (messages.length >= count) break;
  }
  return messages.reverse();
}

/** Id of the message that a fork is to begin at: a full id of any branch, else as `show` takes it. */
export function messageNamed(reader: LogReader, name: string, openBase: OpenBase): string {
  if (!ORDINAL.test(name) && findMessage(reader, name)) return name;
  const ids = pathIds(reader, reader.fold().head.messageId, openBase);
  return ids[indexOf(ids, name, reader)]!;
}

/** Place of a message named by id, by a unique beginning of it, or by its number counted from 1. */
function indexOf(ids: readonly string[], name: string, reader: LogReader): number {
  if (ORDINAL.test(name)) {
    const number = Number(name);
    if (number >= 1 && number <= ids.length) return number - 1;
  }
  const found = ids.indexOf(name);
  if (found >= 0) return found;
  const byPrefix = ids.flatMap((id, index) => (name.length >= 4 && id.startsWith(name) ? [index] : []));
  if (byPrefix.length === 1) return byPrefix[0]!;
  const problem = byPrefix.length > 1 ? `has ${byPrefix.length} messages whose id begins with` : 'has no message';
  throw new SessionError('USAGE', `session ${reader.id} ${problem} ${name} on its active branch`, {
    op: 'show',
    hint: `name a message by its id or by a number from 1 to ${ids.length}`,
  });
}
