// The checkpoints that a fork shares with the session it was forked from: they stay in that one's log, and those that
// were taken on the way to the fork point are the fork's too.

import type { CheckpointRecord } from '../../core/record.ts';
import { walkMessages } from '../../store/message-walk.ts';
import type { SessionStorage } from './SessionStorage.ts';

/** Oldest first; empty for a session that is no fork. Throws SESSION_NOT_FOUND where its past is gone. */
export function pastCheckpoints(storage: SessionStorage, id: string): CheckpointRecord[] {
  const reader = storage.openReader(id);
  try {
    const { base } = reader.session;
    if (!base) return [];
    const past = storage.openReader(base.sessionId);
    try {
      const own = past.fold().checkpoints.filter(({ kind }) => kind !== 'safety');
      const wanted = new Set(own.map(({ messageId }) => messageId));
      const onTheWay = new Set<string | null>([null]);
      wanted.delete(null);
      for (const { message } of walkMessages(past, base.messageId, storage.openBase)) {
        if (wanted.size === 0) break;
        if (wanted.delete(message.id)) onTheWay.add(message.id);
      }
      const before = pastCheckpoints(storage, base.sessionId);
      return [...before, ...own.filter(({ messageId }) => onTheWay.has(messageId))];
    } finally {
      past.close();
    }
  } finally {
    reader.close();
  }
}
