// The session that an import goes into: what it holds already, where its leaf is, and the batches on their way into it.
// A writer is opened only when there is something to write, so that importing the same thing again touches nothing.

import type { Fold } from '../../../core/fold.ts';
import { applyRecord, emptyFold } from '../../../core/fold.ts';
import type { HeadRecord, LogRecord, NewRecord, Origin, SessionRecord } from '../../../core/record.ts';
import type { LogWriter } from '../../../store/log-writer.ts';
import { ImportBlobs } from './import-blobs.ts';
import type { ImportFile, ImportWish, OwnHeader } from './import-file.ts';
import { foreignSessionId, ownSessionId, RecordIds } from './import-ids.ts';
import type { KnownSession } from './import-known.ts';
import { knownSession } from './import-known.ts';
import type { OutputFilter } from '../agent/output-recorder.ts';
import type { SerializerStore } from '../serializer-store.ts';

/** Records of one sync. */
const BATCH_RECORDS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class ImportTarget {
  readonly session: SessionRecord;
  readonly ids: RecordIds;
  /** Null for a session that is not here yet. */
  readonly known: KnownSession | null;
  readonly blobs: ImportBlobs;
  /** The state as it will be: for names, and for dry runs, which have no other. */
  readonly fold: Fold;
  /** Leaf of the session as it was found. */
  readonly headBefore: string | null;
  /** Leaf as it will be when all that was pushed is written. */
  head: string | null;
  readonly #store: SerializerStore;
  readonly #wish: ImportWish;
  #writer: LogWriter | null = null;
  #batch: LogRecord[] = [];
  #batchBytes = 0;

  constructor(store: SerializerStore, file: ImportFile, wish: ImportWish, header: OwnHeader) {
    const { agent, policy } = file;
    const sessionIdOf = (id: string): string => importedId(store, agent, id);
    const passes = (id: string): boolean => isWritable(store, id);
    const sessionId = targetId(store, file, header);
    const known = store.exists(sessionId) ? read(store, sessionId) : null;
    const at = header.createdAt ?? new Date(file.mtimeMs).toISOString();
    const { recordId } = header;
    const ownRecordId = recordId !== undefined && passes(recordId) ? recordId : null;
    const isKnownMessage = (id: string): boolean => known?.messages.has(id) ?? false;
    this.ids = new RecordIds({ sessionId, policy, passes, isKnownMessage, sessionIdOf, fallbackAt: at });
    this.session = {
      type: 'session',
      id: ownRecordId ?? this.ids.derivedAt(Date.parse(at), 'session'),
      at,
      format: 2,
      sessionId,
      generation: store.clock.sessionId(),
      part: 1,
      family: known?.family ?? sessionId,
      project: header.project ?? { path: '' },
      origin: originOf(file, header, sessionIdOf),
    };
    this.known = known;
    const newFilter = (): OutputFilter | null => store.door?.output() ?? null;
    this.blobs = new ImportBlobs(wish.dryRun ? null : store.blobs(this.session.family, sessionId), newFilter);
    this.fold = known?.fold ?? emptyFold(this.session);
    this.headBefore = this.fold.head.messageId;
    this.head = this.headBefore;
    this.#store = store;
    this.#wish = wish;
  }

  has(id: string): boolean {
    return this.known?.has(id) ?? false;
  }

  /** `bytes` is about what the record takes on disk. */
  async push(record: LogRecord, bytes: number): Promise<void> {
    if (record.type === 'message') this.head = record.id;
    if (record.type === 'head') this.head = (record as HeadRecord).messageId;
    applyRecord(this.fold, record, { part: 1, offset: 0, seq: 0 });
    if (this.#wish.dryRun) return;
    this.#batch.push(record);
    this.#batchBytes += bytes;
    if (this.#batch.length >= BATCH_RECORDS || this.#batchBytes >= BATCH_BYTES) await this.#flush();
  }

  async setHead(messageId: string | null): Promise<void> {
    const id = this.#store.clock.recordId();
    const head = { type: 'head' as const, id, at: this.ids.lastAt, messageId, pointer: null, reason: 'imported' };
    await this.push(head, 200);
  }

  /** Writes what is left, also of a session without a record. Durable when it resolves. */
  async finish(): Promise<void> {
    await this.#flush();
    if (!this.known && !this.#writer && !this.#wish.dryRun) await this.#append([]);
    await this.close();
  }

  /** Gives the session back; what was written stays, and the next import goes on from there. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    if (writer) await this.#store.closeWriter(writer);
  }

  async #flush(): Promise<void> {
    const batch = this.#batch.splice(0);
    this.#batchBytes = 0;
    if (batch.length > 0) await this.#append(batch as NewRecord[]);
  }

  async #append(records: readonly NewRecord[]): Promise<void> {
    this.#writer ??= this.known
      ? await this.#store.openWriter(this.session.sessionId)
      : this.#store.createWriter(this.session);
    await this.#writer.append(records);
  }
}

/** Id of the session that an import goes into. */
export function targetId(store: SerializerStore, { agent, policy }: ImportFile, { id }: Pick<OwnHeader, 'id'>): string {
  if (policy === 'foreign') return importedId(store, agent, id);
  const ownId = ownSessionId(id);
  return isWritable(store, ownId) ? ownId : foreignSessionId('roo', ownId);
}

/** An id is a name of files too, and anybody may have written the document that it stands in. */
function isWritable(store: SerializerStore, id: string): boolean {
  return UUID.test(id) || (store.door?.passes(id) ?? true);
}

function importedId(store: SerializerStore, agent: string, id: string): string {
  return store.importedAs(agent, id) ?? foreignSessionId(agent, id);
}

function read(store: SerializerStore, id: string): KnownSession {
  const reader = store.openReader(id);
  try {
    return knownSession(reader, store.openBase);
  } finally {
    reader.close();
  }
}

function originOf(file: ImportFile, header: OwnHeader, sessionIdOf: (id: string) => string): Origin {
  if (header.origin) return header.origin;
  const { version, parent } = header;
  return {
    kind: parent === undefined ? 'import' : 'subagent',
    agent: file.agent,
    ...(version !== undefined && { version }),
    sessionId: header.id,
    path: file.path,
    ...(parent !== undefined && { parent: sessionIdOf(parent) }),
  };
}
