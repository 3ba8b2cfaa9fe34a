// What the word behind `rewind` means: a checkpoint by its number, its id or a beginning of it; or a message, and then
// for the files the newest checkpoint that was taken at it or before it.

import { SessionError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import type { CheckpointRecord, RewindScope } from '../../core/record.ts';
import { walkMessages } from '../../store/message-walk.ts';
import { messageNamed } from './session-range.ts';
import type { SessionStorage } from './SessionStorage.ts';

export interface RewindTarget {
  messageId: string | null;
  checkpoint: CheckpointRecord | null;
  scope: RewindScope;
  /** For descriptions. */
  name: string;
}

/** `c3` is the third checkpoint of the list, so that no number can mean a checkpoint and a message. */
const NUMBERED = /^c([1-9][0-9]{0,8})$/;
const PREFIX_MIN = 4;

/** Throws CHECKPOINT_NOT_FOUND, also where files are wanted and no checkpoint has them. */
export function rewindTarget(
  storage: SessionStorage,
  id: string,
  fold: Fold,
  name: string,
  scope: RewindScope,
): RewindTarget {
  const checkpoint = checkpointNamed(fold, name);
  if (checkpoint) return withFiles({ messageId: checkpoint.messageId, checkpoint, scope, name }, name);
  const reader = storage.openReader(id);
  try {
    const messageId = namedMessage(() => messageNamed(reader, name, storage.openBase), name);
    if (scope === 'conversation') return { messageId, checkpoint: null, scope, name };
    const found = newestAt(fold, walkMessages(reader, messageId, storage.openBase));
    return withFiles({ messageId, checkpoint: found, scope, name }, name);
  } finally {
    reader.close();
  }
}

/** The state before the last rewind. What it did not bring back is not brought back now, unless asked for. */
export function undoTarget(fold: Fold, scope: RewindScope | null): RewindTarget {
  const safety = fold.checkpoints.findLast(({ kind }) => kind === 'safety');
  if (!safety) {
    throw new SessionError('CHECKPOINT_NOT_FOUND', 'there is no rewind to undo', {
      op: 'rewind',
      hint: 'roo session checkpoints lists where you can go back to',
    });
  }
  const target = { messageId: safety.messageId, checkpoint: safety, name: safety.description };
  return withFiles({ ...target, scope: scope ?? safety.rewound ?? 'both' }, safety.description);
}

function withFiles(target: RewindTarget, name: string): RewindTarget {
  if (target.scope === 'conversation' || target.checkpoint?.commit !== undefined) return target;
  throw new SessionError('CHECKPOINT_NOT_FOUND', `no checkpoint holds the files as they were at ${name}`, {
    op: 'rewind',
    hint: 'rewind the conversation alone (--conversation); roo session checkpoints lists the checkpoints',
  });
}

function checkpointNamed(fold: Fold, name: string): CheckpointRecord | null {
  const number = NUMBERED.exec(name)?.[1];
  if (number !== undefined) return fold.checkpoints[Number(number) - 1] ?? fail(name, 'there is no checkpoint');
  const exact = fold.checkpoints.find(({ id, commit }) => id === name || commit === name);
  if (exact || name.length < PREFIX_MIN) return exact ?? null;
  const fits = fold.checkpoints.filter(({ id, commit }) => id.startsWith(name) || commit?.startsWith(name));
  if (fits.length > 1) fail(name, `${fits.length} checkpoints have ids that begin with`);
  return fits[0] ?? null;
}

/** The newest checkpoint taken at the first message that has one, going back; or one from before all messages. */
function newestAt(fold: Fold, walk: Iterable<{ message: { id: string } }>): CheckpointRecord | null {
  const kept = fold.checkpoints.filter(({ commit, kind }) => commit !== undefined && kind !== 'safety');
  const byMessage = new Map(kept.map((checkpoint) => [checkpoint.messageId, checkpoint]));
  if (byMessage.size > 0) {
    for (const { message } of walk) {
      const checkpoint = byMessage.get(message.id);
      if (checkpoint) return checkpoint;
    }
  }
  return byMessage.get(null) ?? null;
}

function namedMessage(find: () => string, name: string): string {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'USAGE') throw error;
    return fail(name, 'there is no checkpoint or message');
  }
}

function fail(name: string, problem: string): never {
  throw new SessionError('CHECKPOINT_NOT_FOUND', `${problem} ${name}`, {
    op: 'rewind',
    hint: 'roo session checkpoints lists the checkpoints (c1, c2 …), roo session show the messages',
  });
}
