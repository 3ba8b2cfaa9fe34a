// From a leaf back to the root: the messages of one branch, newest first, each with the results of its calls. Follows a
// fork into the log that holds its past.

import { SessionError } from '../core/errors.ts';
import type { WalkedMessage } from './branch-cursor.ts';
import { BranchCursor } from './branch-cursor.ts';
import type { LogReader } from './log-reader.ts';
import { findMessage } from './message-place.ts';

/** Opens the log that a fork's past is in; the walk closes what it opened. */
export type OpenBase = (sessionId: string) => LogReader;

/** Messages from a leaf to the root. Reads as far as the caller takes messages. Null leaf: none. */
export function* walkMessages(reader: LogReader, leaf: string | null, openBase: OpenBase): Generator<WalkedMessage> {
  if (leaf === null) return;
  if (reader.session.base?.messageId === leaf) yield* walkBase(reader, leaf, openBase, [reader.id]);
  else {
    const cursor = new BranchCursor(reader);
    yield* walkOn(reader, cursor, cursor.find(leaf), openBase, [reader.id]);
  }
}

function* walkOn(
  reader: LogReader,
  cursor: BranchCursor,
  first: WalkedMessage | null,
  openBase: OpenBase,
  passed: readonly string[],
): Generator<WalkedMessage> {
  for (let walked = first; walked;) {
    yield walked;
    const { parentId }: { parentId: string | null } = walked.message;
    if (parentId === null) return;
    if (parentId === reader.session.base?.messageId) {
      yield* walkBase(reader, parentId, openBase, passed);
      return;
    }
    walked = cursor.find(parentId);
  }
}

/** Goes on in the log that a fork's past is in. `passed` are the sessions on the way there. */
function* walkBase(
  reader: LogReader,
  messageId: string,
  openBase: OpenBase,
  passed: readonly string[],
): Generator<WalkedMessage> {
  const base = reader.session.base!;
  if (passed.includes(base.sessionId)) throw circularError(reader, base.sessionId);
  const past = openBase(base.sessionId);
  try {
    const way = [...passed, base.sessionId];
    // A fork of a fork that has no message of its own yet.
    if (past.session.base?.messageId === messageId) yield* walkBase(past, messageId, openBase, way);
    else {
      const cursor = new BranchCursor(past);
      yield* walkOn(past, cursor, forkPoint(reader, past, cursor, messageId), openBase, way);
    }
  } finally {
    past.close();
  }
}

/** The message that a fork begins at, in its base; the nearest known where damage took it. Throws BASE_MISSING. */
function forkPoint(reader: LogReader, past: LogReader, cursor: BranchCursor, messageId: string): WalkedMessage | null {
  const { generation, at } = reader.session.base!;
  // A base that was rewritten since has its frames elsewhere.
  const isSame = past.session.generation === generation;
  const pointer = isSame && past.findFrame(at) ? at : findMessage(past, messageId);
  const found = pointer && cursor.jump(pointer, messageId);
  if (found) return found;
  if (past.health === 'damaged') return cursor.newestFrom(isSame ? past.frameBefore(at) : past.lastFrame());
  throw new SessionError(
    'BASE_MISSING',
    `session ${past.id} no longer holds what session ${reader.id} was forked from`,
    { op: 'read', path: past.path, hint: `roo session verify ${past.id}` },
  );
}

function circularError(reader: LogReader, sessionId: string): SessionError {
  return new SessionError('LOG_DAMAGED', `session ${reader.id} says that session ${sessionId}, its fork, is its past`, {
    op: 'read',
    path: reader.path,
    hint: `roo session verify ${reader.id}`,
  });
}
