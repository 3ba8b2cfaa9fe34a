// Forks: a new log whose past is in another one. And the way back: copying that past into the fork, before the session
// that holds it is purged or the fork is taken elsewhere.

import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { writableConfig } from '../core/read-only.ts';
import type { ForkBase, LogRecord, NewRecord, SessionRecord } from '../core/record.ts';
import type { StoredRecord } from './blob-transfer.ts';
import type { LogReader } from './log-reader.ts';
import type { OpenBase } from './message-walk.ts';
import { findMessage } from './message-place.ts';
import { messagesForwards, pathIds } from './path-forwards.ts';

const PIECE_CHARACTERS_MAX = 32 * 1024;

/** First record of a fork of a session at a message, and the records that carry over what is no message. */
export interface ForkStart {
  session: SessionRecord;
  records: NewRecord[];
}

/**
 * Plans a fork at a message of any branch, of the shared past too; null means the active leaf. Throws SESSION_NOT_FOUND
 * for an unknown message.
 */
export function planFork(
  reader: LogReader,
  at: string | null,
  name: string | null,
  clock: Clock,
  openBase: OpenBase,
): ForkStart {
  const fold = reader.fold();
  const messageId = at ?? fold.head.messageId;
  const base = messageId === null ? null : baseAt(reader, fold, messageId, openBase);
  const session: SessionRecord = {
    type: 'session',
    id: clock.recordId(),
    at: isoTime(clock.now()),
    format: 2,
    sessionId: clock.sessionId(),
    generation: clock.sessionId(),
    part: 1,
    family: reader.session.family,
    project: fold.project,
    origin: { kind: 'fork', agent: 'roo', parent: reader.id },
    ...(base && { base }),
  };
  return { session, records: carriedOver(fold, reader.id, name) };
}

/** Where the past of the new fork is. What a fork shares with older ones, the new fork shares with them directly. */
function baseAt(reader: LogReader, fold: Fold, messageId: string, openBase: OpenBase): ForkBase {
  const { base, generation } = reader.session;
  if (base?.messageId === messageId) return base;
  const isHead = fold.head.messageId === messageId && fold.head.pointer !== null;
  const at = isHead ? fold.head.pointer : findMessage(reader, messageId);
  if (at) return { sessionId: reader.id, generation, messageId, at };
  if (base) {
    const past = openBase(base.sessionId);
    try {
      return baseAt(past, past.fold(), messageId, openBase);
    } finally {
      past.close();
    }
  }
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
  const config = writableConfig(fold.config);
  if (Object.keys(config).length > 0) records.push({ type: 'config', patch: config });
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
 * results of their calls. Read as it is asked for: a past may be gigabytes. Empty for a session that is no fork.
 */
export function* pastOf(reader: LogReader, openBase: OpenBase, newId: () => string): Generator<StoredRecord> {
  const { base } = reader.session;
  if (!base) return;
  const past = openBase(base.sessionId);
  try {
    yield* recordsUpTo(past, base.messageId, openBase, newId);
  } finally {
    past.close();
  }
}

/** The messages from the root to one, of the shared past too, with the results of their calls; read as asked for. */
export function* recordsUpTo(
  reader: LogReader,
  messageId: string,
  openBase: OpenBase,
  newId: () => string,
): Generator<StoredRecord> {
  const ids = new Set(pathIds(reader, messageId, openBase));
  for (const { message, results, blobs } of messagesForwards(reader, ids, openBase)) {
    yield { record: message, blobs };
    for (const [callId, { end, output }] of results) {
      if (end?.output === undefined && !end?.blob) {
        for (const record of outputRecords(output, callId, message.at, newId)) yield { record, blobs };
      }
      if (end) yield { record: end, blobs };
    }
  }
}

/** Output that was recorded piece by piece and that no end repeats. Joined it could be too long for a line. */
function* outputRecords(output: string, callId: string, at: string, newId: () => string): Generator<LogRecord> {
  for (let start = 0; start < output.length; start += PIECE_CHARACTERS_MAX) {
    yield { type: 'tool-output', id: newId(), at, callId, text: output.slice(start, start + PIECE_CHARACTERS_MAX) };
  }
}
