// A store in a folder of the test's own, as the serializer sees it: real logs, locks and blobs, and for an index a look
// at every log.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../../../src/core/clock.ts';
import type { Fold } from '../../../src/core/fold.ts';
import { applyRecord } from '../../../src/core/fold.ts';
import type { LogRecord, NewRecord, SessionRecord } from '../../../src/core/record.ts';
import { effectiveConfig } from '../../../src/core/session-config.ts';
import { parseSessionFileName } from '../../../src/core/session-file-name.ts';
import type { RedactionDoor } from '../../../src/cli/services/RedactionDoor.ts';
import { SessionSerializer } from '../../../src/cli/services/SessionSerializer.ts';
import type { SerializerOptions, SerializerStore } from '../../../src/cli/services/SessionSerializer.ts';
import type { SessionDetails } from '../../../src/cli/types/service-types.ts';
import { BlobStore } from '../../../src/store/blob-store.ts';
import { readInbox } from '../../../src/store/inbox.ts';
import { LogReader } from '../../../src/store/log-reader.ts';
import type { WriterOptions } from '../../../src/store/log-writer.ts';
import { LogWriter } from '../../../src/store/log-writer.ts';
import { inUseError, isLocked, tryLock } from '../../../src/store/session-lock.ts';
import type { SessionLock } from '../../../src/store/session-lock.ts';
import type { StoreLayout } from '../../../src/store/store-layout.ts';
import { storeLayout } from '../../../src/store/store-layout.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

export interface TestStore {
  folder: string;
  layout: StoreLayout;
  store: SerializerStore;
  serializer: SessionSerializer;
  newSession(changes?: Partial<SessionRecord>): SessionRecord;
  /** Appends to a session that is there. */
  add(id: string, records: NewRecord[]): Promise<void>;
  records(id: string): LogRecord[];
  fold(id: string): Fold;
  lock(id: string): SessionLock;
  ids(): string[];
}

const clock: Clock = { now: () => Date.now(), recordId: () => randomUUIDv7(), sessionId: () => randomUUID() };

/** What is written passes `door`, if there is one. */
export function testStore(
  test: TestContext,
  { door = null, ...options }: SerializerOptions & { door?: RedactionDoor | null } = {},
): TestStore {
  const folder = tempFolder(test);
  const layout = storeLayout(join(folder, '.roo'));
  const writing: WriterOptions = {
    clock,
    writer: { pid: process.pid, host: 'test', version: '0' },
    level: 6,
    partBytesMax: Infinity,
    frameBytes: 64 * 1024,
    ...(door && { door: (records) => door.records(records) }),
  };
  const lock = (id: string): SessionLock => {
    const taken = tryLock(layout, id, '2026-01-01T00:00:00.000Z');
    if (!taken) throw inUseError(layout, id);
    return taken;
  };
  const open = (id: string): LogReader => LogReader.open(layout, id);
  const withReader = <T>(id: string, use: (reader: LogReader) => T): T => {
    const reader = open(id);
    try {
      return use(reader);
    } finally {
      reader.close();
    }
  };
  const fold = (id: string): Fold => withReader(id, (reader) => reader.fold());
  const ids = (): string[] =>
    (existsSync(layout.sessionsDir) ? readdirSync(layout.sessionsDir) : []).flatMap((name) => {
      const parsed = parseSessionFileName(name);
      return parsed?.kind === 'log' && parsed.part === 1 ? [parsed.id] : [];
    });
  const store: SerializerStore = {
    unlock: async () => undefined,
    audit: { note() {} },
    clock,
    door,
    openReader: open,
    openBase: open,
    details: (id) => details(id, fold(id), store.waiting(id), layout),
    exists: (id) => existsSync(layout.logPath(id)),
    waiting: (id) => readInbox(layout, id).entries.flatMap((entry) => entry.records),
    blobs: (family) => new BlobStore(layout.blobDir(family)),
    createWriter: (session) => LogWriter.create(layout, session, writing, lock(session.sessionId)),
    openWriter: async (id) => LogWriter.open(layout, id, writing, lock(id)),
    closeWriter: (writer) => writer.close(),
    importedAs: (agent, id) =>
      ids().find((each) => {
        const { origin } = withReader(each, (reader) => reader.session);
        return origin.agent === agent && origin.sessionId === id;
      }) ?? null,
  };
  return {
    folder,
    layout,
    store,
    serializer: new SessionSerializer(store, { temporary: folder, ...options }),
    newSession: (changes = {}) => newSession(changes),
    async add(id, records) {
      const writer = await store.openWriter(id);
      await writer.append(records);
      await writer.close();
    },
    records: (id) =>
      withReader(id, (reader) =>
        [...reader.forwards()].flatMap((item) =>
          'damage' in item ? [] : reader.records(item).map((record) => reader.blobs.unspill(record)),
        ),
      ),
    fold,
    lock,
    ids,
  };
}

function details(id: string, fold: Fold, waiting: readonly LogRecord[], layout: StoreLayout): SessionDetails {
  for (const record of waiting) applyRecord(fold, record, { part: 1, offset: 0, seq: 0 });
  const lastAccessedAt = statSync(layout.logPath(id)).atime.toISOString();
  return {
    session: { id, lastAccessedAt } as SessionDetails['session'],
    fold,
    config: effectiveConfig({}, fold.config),
    holder: isLocked(layout, id) ? { pid: 1, host: 'test', since: '' } : null,
    recipients: [],
    warnings: [],
  } as SessionDetails;
}

function newSession(changes: Partial<SessionRecord>): SessionRecord {
  const sessionId = changes.sessionId ?? clock.sessionId();
  return {
    type: 'session',
    id: clock.recordId(),
    at: '2026-03-01T00:00:00.000Z',
    format: 2,
    sessionId,
    generation: clock.sessionId(),
    part: 1,
    family: sessionId,
    project: { path: '/home/dev/project' },
    origin: { kind: 'human', agent: 'roo' },
    ...changes,
  };
}
