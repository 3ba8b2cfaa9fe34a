// Changes of keys happen one at a time: of two that each build on what they have read, the later would undo the earlier,
// and with it the only identity, or the only key, that opens what was sealed in between.

import { join } from 'node:path';
import { SessionError } from '../core/errors.ts';
import { tryLock } from './session-lock.ts';
import type { SessionLock } from './session-lock.ts';
import type { StoreLayout } from './store-layout.ts';
import { storeLayout } from './store-layout.ts';

/** Each change takes a few syncs; a keychain may ask a person first. */
const LOCK_TIMEOUT_MS = 10_000;
const RETRY_MS = 25;

/** For identities and recipients of a home. Throws SESSION_IN_USE when others hold it for too long; `since` is for messages. */
export function holdKeys<T>(home: string, since: string, work: () => Promise<T>): Promise<T> {
  return hold({ ...storeLayout(home), locksDir: join(home, 'state', 'locks') }, 'keys', since, work);
}

/**
 * For the key of one session; apart from the lock of its writer, who changes no key and may hold it for days. Throws as
 * `holdKeys`.
 */
export function holdSessionKey<T>(layout: StoreLayout, id: string, since: string, work: () => Promise<T>): Promise<T> {
  return hold(layout, sessionKeyLock(id), since, work);
}

/** What the lock of a session's key is called among the locks of sessions. */
export function sessionKeyLock(id: string): string {
  return `${id}.key`;
}

async function hold<T>(layout: StoreLayout, name: string, since: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockOf(layout, name, since);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function lockOf(layout: StoreLayout, name: string, since: string): Promise<SessionLock> {
  for (let waitedMs = 0; waitedMs < LOCK_TIMEOUT_MS; waitedMs += RETRY_MS) {
    const lock = tryLock(layout, name, since);
    if (lock) return lock;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new SessionError('SESSION_IN_USE', 'another process is changing the keys', {
    op: 'lock',
    path: join(layout.locksDir, `${name}.lock`),
    hint: 'try again when it is done',
  });
}
