// Forks: a new log whose past is in another one. And the way back: copying that past into the fork, before the session
// that holds it is purged or the fork is taken elsewhere.

import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import type { ForkBase, LogRecord, NewRecord, Pointer, SessionRecord } from '../core/record.ts';
import type { LogReader } from './log-reader.ts';
import type { OpenBase } from './message-walk.ts';
import { findMessage, walkMessages } from './message-walk.ts';

/** First record of a fork of a session at a message, and the records that carry over what is no message. */
export interface ForkStart {
  session: SessionRecord;
  records: NewRecord[];
}

/** Plans a fork at a message of any branch; null means the active leaf. Throws SESSION_NOT_FOUND for an unknown message. */
export function planFork(reader: LogReader, at: string | null, name: string | null, clock: Clock): ForkStart {
  const fold = reader.fold();
  const messageId = at ?? fold.head.messageId;
  const pointer = messageId === null ? null : placeOf(reader, fold, messageId);
  const id = clock.sessionId();
  const session: SessionRecord = {
    type: 'session',
    id: clock.recordId(),
    at: isoTime(clock.now()),
    format: 2,
    sessionId: id,
    generation: clock.sessionId(),
    part: 1,
    family: reader.session.family,
    project: fold.project,
    origin: { kind: 'fork', agent: 'roo', parent: reader.id },
    ...(messageId !== null && pointer !== null && { base: baseAt(reader, messageId, pointer) }),
  };
  return { session, records: carriedOver(fold, reader.id, name) };
}

/** A fork of a fork that has no message of its own yet shares the older past directly. */
function baseAt(reader: LogReader, messageId: string, at: Pointer): ForkBase {
  const { base } = reader.session;
  return base?.messageId === messageId
    ? base
    : { sessionId: reader.id, generation: reader.session.generation, messageId, at };
}

function placeOf(reader: LogReader, fold: Fold, messageId: string): Pointer {
  const place =
    fold.head.messageId === messageId && fold.head.pointer ? fold.head.pointer : findMessage(reader, messageId);
  if (place) return place;
  throw new SessionError('SESSION_NOT_FOUND', `session ${reader.id} has no message ${messageId}`, {
    op: 'fork',
    path: reader.path,
    hint: `roo session show ${reader.id} --format json lists message ids`,
  });
}

function carriedOver(fold: Fold, from: string, name: string | null): NewRecord[] {
  const records: NewRecord[] = [
    {
      type: 'meta',
      name: name ?? `${fold.name ?? fold.firstPrompt ?? from.slice(0, 8)} (fork)`,
      addTags: fold.tags,
      addLinks: [{ sessionId: from, kind: 'parent' }],
    },
    { type: 'state', patch: { ...fold.state, activeProcesses: [] } },
  ];
  if (Object.keys(fold.config).length > 0) records.push({ type: 'config', patch: fold.config });
  if (fold.context.value) records.push({ type: 'context', context: fold.context.value });
  if (fold.files.value) records.push({ type: 'files', files: fold.files.value });
  for (const [toolName, { configuration, cache }] of Object.entries(fold.tools)) {
    if (configuration !== undefined || cache !== undefined)
      records.push({ type: 'tool-state', toolName, configuration, cache });
  }
  return records;
}

/**
 * The shared past of a fork as records of its own, oldest first: the messages on the way to the fork point with the
 * results of their calls. Empty for a session that is no fork.
 */
export function pastOf(reader: LogReader, openBase: OpenBase): LogRecord[] {
  const { base } = reader.session;
  if (!base) return [];
  const past: LogRecord[] = [];
  for (const { message, results } of walkMessages(reader, base.messageId, openBase)) {
    for (const { end } of results.values()) if (end) past.push(end);
    past.push(message);
  }
  return past.toReversed();
}

/** True when the messages of `id` are the past of this session. */
export function restsOn(reader: LogReader, id: string): boolean {
  return reader.session.base?.sessionId === id;
}
