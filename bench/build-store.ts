// Stores of many small sessions: whole logs, written without syncing each, because what is measured on them is reading.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { emptyFold } from '../src/core/fold.ts';
import { SessionCipher } from '../src/crypto/session-cipher.ts';
import type { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import { FLAG } from '../src/store/frame.ts';
import { FrameComposer } from '../src/store/frame-composer.ts';
import { CHAIN_START } from '../src/store/log-chain.ts';
import { sessionBlobs } from '../src/store/session-blobs.ts';
import { filler, seeded } from './build-session.ts';

const MESSAGES_EACH = 8;

/** A data key, and the key file that holds it. */
export interface SharedKey {
  dataKey: Buffer;
  file: Uint8Array;
}

/**
 * Returns the id of one of the sessions. They are encrypted when there is a key: one for all of them, because opening its
 * file costs the same for each, and sealing ten thousand would take longer than what is measured.
 */
export function buildStore(storage: SessionStorage, sessions: number, key: SharedKey | null = null): string {
  const { layout, clock } = storage;
  mkdirSync(layout.sessionsDir, { recursive: true, mode: 0o700 });
  if (key) mkdirSync(dirname(layout.keyPath('any')), { recursive: true, mode: 0o700 });
  const random = seeded(sessions);
  const body = filler(500, random);
  let id = '';
  for (let i = 0; i < sessions; i++) {
    const project = { path: `/home/dev/project-${i % 20}` };
    const plain = storage.newSessionRecord({ project, origin: { kind: 'human', agent: 'roo' } });
    const session = key ? { ...plain, encryptedSince: 'beginning' as const } : plain;
    id = session.sessionId;
    if (key) writeFileSync(layout.keyPath(id), key.file, { mode: 0o600 });
    const cipher = key && new SessionCipher(key.dataKey, id);
    const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
    const blobs = sessionBlobs(layout, id, id, cipher);
    const composer = new FrameComposer(start, { clock, level: 6, blobs, cipher, find: () => null });
    composer.add([session]);
    for (let n = 0; n < MESSAGES_EACH; n++) {
      const role = n % 2 === 0 ? ('user' as const) : ('assistant' as const);
      composer.add([{ type: 'message', role, parts: [{ type: 'text', text: `session ${i} message ${n} ${body}` }] }]);
      composer.seal();
    }
    composer.add([{ type: 'close' }]);
    composer.flag(FLAG.close);
    composer.snapshot();
    writeFileSync(layout.logPath(id), composer.take(), { mode: 0o600 });
  }
  return id;
}
