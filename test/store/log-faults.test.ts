import { endFault, injectFault } from '../helpers/fault-fs.ts';
import type { FaultKind, FaultyCall } from '../helpers/fault-fs.ts';
import assert from 'node:assert/strict';
import { cpSync, existsSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SessionError } from '../../src/core/errors.ts';
import type { LogRecord, NewRecord } from '../../src/core/record.ts';
import type { LogWriter } from '../../src/store/log-writer.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { createLog, newSession, openLog, readLog, tempStore, userSays } from '../helpers/temp-store.ts';

makeSyncingFree();

const FAULTS: Record<FaultKind, FaultyCall[]> = {
  ENOSPC: ['openSync', 'writeSync', 'fsyncSync', 'fdatasync', 'mkdirSync', 'renameSync'],
  EDQUOT: ['writeSync', 'fdatasync'],
  EIO: ['readSync', 'writeSync', 'fsyncSync', 'fdatasync', 'fdatasyncSync', 'ftruncateSync', 'fstatSync', 'statSync'],
  EROFS: ['openSync', 'writeSync', 'ftruncateSync', 'renameSync', 'mkdirSync', 'rmSync'],
  EMFILE: ['openSync'],
  short: ['writeSync'],
};

/** What the failing call may be reported as; a failed sync, or a failed undoing, ends the writer. */
const CODES: Record<FaultKind, string[]> = {
  ENOSPC: ['STORE_FULL', 'LOG_POISONED'],
  EDQUOT: ['STORE_FULL', 'LOG_POISONED'],
  EIO: ['STORE_UNREADABLE', 'LOG_POISONED'],
  EROFS: ['STORE_UNREADABLE', 'LOG_POISONED'],
  EMFILE: ['STORE_UNREADABLE', 'LOG_POISONED'],
  short: ['STORE_FULL'],
};

interface Workload {
  name: string;
  prepare(store: TempStore): Promise<string>;
  /** Opens, appends some records one by one, and closes. */
  open(store: TempStore, id: string): LogWriter;
  records: NewRecord[];
}

const WORKLOADS: Workload[] = [
  {
    name: 'a new session',
    prepare: async (store) => newSession(store).sessionId,
    open: (store, sessionId) => createLog(store, newSession(store, { sessionId })),
    records: [userSays('one'), userSays('two')],
  },
  {
    name: 'a session with a torn tail',
    prepare: (store) => beginSession(store, { torn: 40 }),
    open: (store, id) => openLog(store, id),
    records: [userSays('three')],
  },
  {
    name: 'a record that goes into a blob',
    prepare: (store) => beginSession(store, {}),
    open: (store, id) => openLog(store, id),
    records: [userSays(noise(1, 300_000)), userSays('after')],
  },
  {
    name: 'a log that goes on in a next part',
    prepare: (store) => beginSession(store, {}),
    open: (store, id) => openLog(store, id, { partBytesMax: 100 }),
    records: [userSays('next part'), userSays('and the next')],
  },
];

describe('when the disk fails', () => {
  for (const workload of WORKLOADS) {
    for (const [kind, calls] of Object.entries(FAULTS) as [FaultKind, FaultyCall[]][]) {
      it(`with ${kind} at any call, ${workload.name} loses nothing that was acknowledged`, async (t) => {
        const store = tempStore(t);
        const id = await workload.prepare(store);
        const before = join(store.directory, 'before');
        if (existsSync(store.layout.sessionsDir)) cpSync(store.layout.sessionsDir, before, { recursive: true });
        for (const call of calls) {
          for (let nth = 1, reached = true; reached; nth++) {
            rmSync(store.layout.sessionsDir, { recursive: true, force: true });
            if (existsSync(before)) cpSync(before, store.layout.sessionsDir, { recursive: true });
            reached = await survives(store, id, workload, call, kind, nth);
          }
        }
      });
    }
  }
});

async function survives(
  store: TempStore,
  id: string,
  workload: Workload,
  call: FaultyCall,
  kind: FaultKind,
  nth: number,
): Promise<boolean> {
  const at = `${kind} at ${call} number ${nth}`;
  const known = exists(store, id) ? readLog(store.layout, id).records : [];
  const acknowledged: LogRecord[] = [...known];
  const failures: unknown[] = [];
  injectFault(call, kind, nth);
  await attempt(failures, async () => {
    const writer = workload.open(store, id);
    for (const record of workload.records) {
      await attempt(failures, async () => acknowledged.push(...(await writer.append([record]))));
    }
    await attempt(failures, () => writer.close());
  });
  const reached = endFault();

  assert.ok(failures.length > 0 || !reached || isHarmless(call), `${at} was not noticed`);
  for (const failure of failures) {
    assert.ok(failure instanceof SessionError, `${at} gave ${String(failure)}`);
    assert.ok([...CODES[kind], 'LOG_CHANGED'].includes(failure.code), `${at} gave ${failure.code}: ${failure.message}`);
    assert.ok(failure.path, `${at} does not say where`);
  }
  if (acknowledged.length === 0 && !exists(store, id)) return reached;
  if (acknowledged.length > 0) {
    const writer = openLog(store, id);
    acknowledged.push(...(await writer.append([userSays('afterwards')])));
    await writer.close();
    const { records, health } = readLog(store.layout, id);
    assert.equal(health, 'ok', at);
    const ids = records.map((record) => record.id);
    assert.equal(new Set(ids).size, ids.length, `${at}: a record is there twice`);
    for (const record of acknowledged) assert.ok(ids.includes(record.id), `${at}: a ${record.type} is lost`);
  }
  return reached;
}

/** Calls whose failure costs nothing: removing what is left over, or looking at what is read anyway. */
function isHarmless(call: FaultyCall): boolean {
  return call === 'rmSync';
}

async function attempt(failures: unknown[], action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    failures.push(error);
  }
}

async function beginSession(store: TempStore, { torn = 0 }): Promise<string> {
  const session = newSession(store);
  const writer = createLog(store, session);
  await writer.append([userSays('one')]);
  await writer.append([userSays('two')]);
  await writer.close();
  const path = store.layout.logPath(session.sessionId);
  truncateSync(path, statSync(path).size - torn);
  return session.sessionId;
}

function exists(store: TempStore, id: string): boolean {
  return existsSync(store.layout.logPath(id));
}
