// A conversion during which the disk fails, at each call of each kind in turn: it is told, and the session is whole as
// it was or as it was to be.

import { endFault, injectFault } from '../helpers/fault-fs.ts';
import type { FaultKind, FaultyCall } from '../helpers/fault-fs.ts';
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SessionError } from '../../src/core/errors.ts';
import type { LogRecord, NewRecord } from '../../src/core/record.ts';
import { BlobStore } from '../../src/store/blob-store.ts';
import { convertLog } from '../../src/store/log-convert.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { verifyLog } from '../../src/store/log-verify.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { createLog, newSession, readLog, tempStore, userSays } from '../helpers/temp-store.ts';
import { answers, calls } from '../helpers/walks.ts';

makeSyncingFree();

const FAULTS: Record<FaultKind, FaultyCall[]> = {
  ENOSPC: ['openSync', 'writeSync', 'fsyncSync', 'mkdirSync', 'renameSync'],
  EDQUOT: ['writeSync'],
  EIO: ['readSync', 'writeSync', 'fsyncSync', 'fstatSync', 'statSync', 'lstatSync'],
  EROFS: ['openSync', 'renameSync', 'rmSync'],
  EMFILE: ['openSync'],
  short: ['writeSync'],
};

async function write(store: TempStore): Promise<string> {
  const session = newSession(store);
  const writer = createLog(store, session);
  await writer.append([calls('a', ['1']), answers('1', noise(1, 300_000)), userSays('old')]);
  await writer.close();
  return session.sessionId;
}

function changed(record: LogRecord): NewRecord {
  return JSON.parse(JSON.stringify(record).replace('"old"', '"new"')) as NewRecord;
}

/** Which of the two the session is, every byte of it read. */
function stateOf(store: TempStore, id: string): string {
  const reader = LogReader.open(store.layout, id);
  try {
    const { health, blobs } = verifyLog(reader, 'hash');
    assert.deepEqual({ health, blobs }, { health: 'ok', blobs: [] });
    const text = JSON.stringify(readLog(store.layout, id).records);
    const isOld = text.includes('"old"') && reader.session.family === id;
    const isNew = text.includes('"new"') && reader.session.family === 'elsewhere';
    assert.ok(isOld !== isNew, 'neither the old one nor the new one');
    return isOld ? 'old' : 'new';
  } finally {
    reader.close();
  }
}

for (const [kind, failing] of Object.entries(FAULTS) as [FaultKind, FaultyCall[]][]) {
  it(`${kind} at any call while a log is converted is told, and loses nothing`, async (t) => {
    let failures = 0;
    for (const call of failing) {
      for (let nth = 1, reached = true; reached; nth++) {
        const store = tempStore(t);
        const id = await write(store);
        const to = new BlobStore(store.layout.blobDir('elsewhere'));
        injectFault(call, kind, nth);
        let failure: unknown = null;
        try {
          await convertLog(store.layout, id, {
            clock: store.clock,
            level: 6,
            to,
            session: { family: 'elsewhere' },
            change: changed,
          });
        } catch (error) {
          failure = error;
        } finally {
          reached = endFault();
        }
        if (failure) failures++;
        assert.ok(
          failure === null || (failure instanceof SessionError && failure.code !== 'INTERNAL'),
          String(failure),
        );
        const state = stateOf(store, id);
        assert.ok(failure !== null || state === 'new', `${call} ${nth}`);
      }
    }
    assert.ok(failures > 0);
  });
}
