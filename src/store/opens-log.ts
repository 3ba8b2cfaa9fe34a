// Whether a key is the one of a log: of two keys, the one that opens its first frame.

import type { SessionCipher } from '../crypto/session-cipher.ts';
import { FLAG, openFrame } from './frame.ts';
import { LogFile } from './log-file.ts';
import { firstFrame } from './log-identity.ts';
import type { StoreLayout } from './store-layout.ts';

/** Throws STORE_UNREADABLE and STORE_UNSAFE. */
export function opensLog(layout: StoreLayout, id: string, cipher: SessionCipher): boolean {
  const file = new LogFile(layout.logPath(id), layout.trust);
  try {
    const first = firstFrame([file]);
    return (
      first !== null && (first.flags & FLAG.encrypted) !== 0 && openFrame(first.bytes, first, cipher.frames) !== null
    );
  } finally {
    file.close();
  }
}
