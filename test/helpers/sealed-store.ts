// A store whose sessions are encrypted with keys that the test holds.

import type { TestContext } from 'node:test';
import type { SessionRecord } from '../../src/core/record.ts';
import { SessionCipher } from '../../src/crypto/session-cipher.ts';
import type { LogWriter, WriterOptions } from '../../src/store/log-writer.ts';
import { sealedId } from '../../src/store/store-layout.ts';
import type { TempStore } from './temp-store.ts';
import { createLog, newSession, tempStore } from './temp-store.ts';

export interface SealedStore extends TempStore {
  keys: Map<string, SessionCipher>;
}

export function sealedStore(t: TestContext): SealedStore {
  const store = tempStore(t);
  const keys = new Map<string, SessionCipher>();
  const source = {
    cipherOf: (id: string) => keys.get(sealedId(id)) ?? null,
    isSealed: (id: string) => keys.has(sealedId(id)),
  };
  return { ...store, keys, layout: { ...store.layout, keys: source } };
}

/** A writer of a new encrypted session. */
export function createSealed(
  store: SealedStore,
  options: Partial<WriterOptions> = {},
  session: SessionRecord = newSession(store),
): LogWriter {
  const cipher = SessionCipher.fresh(session.sessionId);
  store.keys.set(session.sessionId, cipher);
  return createLog(store, session, { ...options, cipher });
}
