// Changes of identities and recipients happen one at a time: of two that each build on what they have read, the later
// would undo the earlier, and with it the only identity that opens what was sealed in between.

import { join } from 'node:path';
import { SessionError } from '../core/errors.ts';
import { tryLock } from './session-lock.ts';
import type { SessionLock } from './session-lock.ts';
import { storeLayout } from './store-layout.ts';

/** Each change takes a few syncs; a keychain may ask a person first. */
const LOCK_TIMEOUT_MS = 10_000;
const RETRY_MS = 25;

/** Throws SESSION_IN_USE when others hold it for too long. `since` is for messages. */
export async function holdKeys<T>(home: string, since: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockOf(home, since);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function lockOf(home: string, since: string): Promise<SessionLock> {
  const layout = { ...storeLayout(home), locksDir: join(home, 'state', 'locks') };
  for (let waitedMs = 0; waitedMs < LOCK_TIMEOUT_MS; waitedMs += RETRY_MS) {
    const lock = tryLock(layout, 'keys', since);
    if (lock) return lock;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new SessionError('SESSION_IN_USE', 'another process is changing the keys', {
    op: 'lock',
    path: join(layout.locksDir, 'keys.lock'),
    hint: 'try again when it is done',
  });
}
