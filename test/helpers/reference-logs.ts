// The logs that damage is tried on. Each is written by the real writer, and it is known of every record at which size
// of the file it was acknowledged.

import { readFileSync, statSync } from 'node:fs';
import type { LogRecord, NewRecord } from '../../src/core/record.ts';
import type { LogWriter } from '../../src/store/log-writer.ts';
import { createLog, newSession, openLog, userSays } from './temp-store.ts';
import type { TempStore } from './temp-store.ts';

export interface Acknowledged {
  records: LogRecord[];
  /** Size of the file when the append resolved. */
  endBytes: number;
}

export interface ReferenceLog {
  id: string;
  path: string;
  bytes: Buffer;
  acknowledged: Acknowledged[];
}

export type WriteReference = (store: TempStore) => Promise<ReferenceLog>;

/** The frames of an ordinary session: short messages, a call with its result, changes of state. */
export const smallFrames: WriteReference = async (store) => {
  const log = beginLog(store);
  await log.append(userSays('Why does the login fail?'));
  await log.append({
    type: 'message',
    role: 'assistant',
    parts: [{ type: 'tool-call', callId: 'c1', name: 'bash', input: '{"command":"npm test"}' }],
  });
  await log.append({ type: 'tool-end', callId: 'c1', status: 'ok', output: '1 failing\n  login\n', exitCode: 0 });
  await log.append({ type: 'state', patch: { workingDirectory: '/home/dev/project/src' } }, userSays('And now?'));
  return log.end('left open');
};

/** Frames that gzip cannot shrink, and one that holds many records. */
export const bigFrames: WriteReference = async (store) => {
  const log = beginLog(store);
  await log.append(userSays(noise(1, 9_000)));
  await log.append(...Array.from({ length: 30 }, (_, i) => userSays(noise(i + 2, 200))));
  await log.append(userSays(noise(99, 12_000)));
  return log.end('left open');
};

/** A session that was closed and opened again, one crash included: epochs, snapshots and closing frames. */
export const manyEpochs: WriteReference = async (store) => {
  const log = beginLog(store);
  await log.append(userSays('one'));
  await log.reopen('closed');
  await log.append(userSays('two'), { type: 'meta', name: 'a name', addTags: ['tag'] });
  await log.reopen('crashed');
  await log.append(userSays('three'));
  await log.reopen('closed');
  await log.append(userSays('four'));
  return log.end('closed');
};

export const REFERENCES: Readonly<Record<string, WriteReference>> = {
  'small frames': smallFrames,
  'big frames': bigFrames,
  'several epochs and snapshots': manyEpochs,
};

/** Text that gzip cannot make smaller, the same for the same seed. */
export function noise(seed: number, characters: number): string {
  let state = seed * 0x9e3779b9 + 1;
  const bytes = Buffer.allocUnsafe(characters);
  for (let i = 0; i < characters; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = 0x21 + ((state >>> 16) % 94);
  }
  return bytes.toString('latin1');
}

interface OpenReference {
  append(...records: NewRecord[]): Promise<void>;
  reopen(how: 'closed' | 'crashed'): Promise<void>;
  end(how: 'closed' | 'left open'): Promise<ReferenceLog>;
}

function beginLog(store: TempStore): OpenReference {
  const session = newSession(store);
  const id = session.sessionId;
  const path = store.layout.logPath(id);
  const acknowledged: Acknowledged[] = [];
  let writer: LogWriter = createLog(store, session);
  return {
    async append(...records) {
      const written = await writer.append(records);
      acknowledged.push({ records: written, endBytes: statSync(path).size });
    },
    async reopen(how) {
      if (how === 'closed') await writer.close();
      writer = openLog(store, id);
    },
    async end(how) {
      if (how === 'closed') await writer.close();
      return { id, path, bytes: readFileSync(path), acknowledged };
    },
  };
}
