// One open store: what is in it, and every change of it. Reads need no lock; writes go through session-writers.ts,
// which keeps the write order. The index is asked for finding, the logs for the truth.

import { hostname } from 'node:os';
import { statSync, utimesSync } from 'node:fs';
import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import type { Warning } from '../../core/errors.ts';

import type { Fold } from '../../core/fold.ts';
import { emptyFold } from '../../core/fold.ts';
import type { LogRecord, NewRecord, SessionRecord } from '../../core/record.ts';
import type { SessionConfig } from '../../core/session-config.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import { assertSessionId, isSessionId } from '../../core/session-file-name.ts';
import { BlobStore } from '../../store/blob-store.ts';
import { readInbox } from '../../store/inbox.ts';
import { foldWithInbox, LogSource } from '../../store/log-source.ts';
import { crypto } from '../../store/hashing.ts';
import { LogReader } from '../../store/log-reader.ts';
import type { LogWriter } from '../../store/log-writer.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { walkMessages } from '../../store/message-walk.ts';
import { planFork } from '../../store/session-fork.ts';
import { isLocked, readHolder } from '../../store/session-lock.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import { storeLayout } from '../../store/store-layout.ts';
import { openLog, openPast } from '../../store/open-log.ts';
import type {
  ChangeResult,
  FindOptions,
  ISessionStorage,
  RefContext,
  SessionDetails,
  ShownSession,
  ShowRange,
} from '../types/service-types.ts';
import type {
  ConversationMessage,
  FoundPage,
  Session,
  SessionFilter,
  SessionPage,
  ShownMessage,
} from '../types/session-types.ts';
import type { RepairReport, VerifyReport } from '../types/storage-types.ts';
import type { Baseline } from './session-changes.ts';
import { changesOf } from './session-changes.ts';
import { followMessages } from './session-follow.ts';
import { SessionCatalogue } from './session-catalogue.ts';
import { SessionMaintenance } from './session-maintenance.ts';
import { conversationMessage, sessionOf, shownMessage } from './session-view.ts';
import type { OpenCalls } from './session-view.ts';
import { shownRange } from './session-range.ts';
import { SessionWriters } from './session-writers.ts';
import type { SerializerStore } from './serializer-store.ts';

export interface StorageOptions {
  /** ROO_HOME: machine-local state. */
  home: string;
  /** Where the sessions are; `sessions` in the home when absent. */
  sessionsDir?: string;
  /** Settings that stand under every session's own preferences. */
  settings?: Readonly<Record<string, unknown>>;
  clock?: Clock;
  /** Version of roo, for epoch records. */
  version?: string;
}

/** The machine's clock and random ids. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  recordId: () => crypto().randomUUIDv7(),
  sessionId: () => crypto().randomUUID(),
};

export class SessionStorage implements ISessionStorage, SerializerStore {
  readonly layout: StoreLayout;
  readonly clock: Clock;
  readonly writers: SessionWriters;
  readonly catalogue: SessionCatalogue;
  readonly maintenance: SessionMaintenance;
  readonly settings: Readonly<Record<string, unknown>>;
  /** What each Session object held when it was loaded or saved, so that a save knows what is new. */
  readonly #baselines = new WeakMap<Session, Baseline>();

  constructor(options: StorageOptions) {
    this.layout = storeLayout(options.home, options.sessionsDir);
    this.clock = options.clock ?? SYSTEM_CLOCK;
    this.settings = options.settings ?? {};
    const source = new LogSource(this.layout);
    this.catalogue = new SessionCatalogue(this.layout, source, this.clock);
    const identity = { pid: process.pid, host: hostname(), version: options.version ?? '0' };
    this.writers = new SessionWriters(this.layout, this.clock, identity, this.settings, this.catalogue);
    this.maintenance = new SessionMaintenance(this.layout, this.clock, this.writers, this.catalogue);
  }

  // Finding --------------------------------------------------------------------------------------------------------

  list(filter: SessionFilter = {}): SessionPage {
    return this.catalogue.list(filter);
  }

  find(query: string, options: FindOptions = {}): Promise<FoundPage> {
    return this.catalogue.find(query, options);
  }

  resolve(ref: string, context: RefContext): string {
    return this.catalogue.resolve(ref, context);
  }

  // Reading --------------------------------------------------------------------------------------------------------

  /** Opens a log for reading, bringing a format 1 file over first. The caller closes. */
  openReader(id: string): LogReader {
    assertSessionId(id, 'open');
    return openLog(this.layout, id, this.clock);
  }

  /** The log that holds a fork's past, in the store or in trash. */
  get openBase(): OpenBase {
    return (id) => openPast(this.layout, id, this.clock);
  }

  details(id: string): SessionDetails {
    const reader = this.openReader(id);
    try {
      const fold = foldWithInbox(this.layout, reader);
      const inUse = isLocked(this.layout, id);
      return {
        session: this.catalogue.info(id),
        fold,
        config: this.#configOf(fold),
        holder: inUse ? readHolder(this.layout, id) : null,
        warnings: reader.warnings,
      };
    } finally {
      reader.close();
    }
  }

  show(id: string, range: ShowRange): ShownSession {
    const reader = this.openReader(id);
    const fold = foldWithInbox(this.layout, reader);
    const { openBase } = this;
    const openCalls = this.#openCalls(id);
    const warnings: Warning[] = reader.warnings;
    const messages = (async function* () {
      try {
        for (const walked of shownRange(reader, fold.head.messageId, openBase, range)) {
          yield shownMessage(walked, reader.blobs, openCalls);
        }
        // Damage deeper in the log shows only while its messages are read.
        for (const warning of reader.warnings) if (!warnings.includes(warning)) warnings.push(warning);
      } finally {
        reader.close();
      }
    })();
    return { session: this.catalogue.info(id), messages, warnings };
  }

  follow(id: string, signal: AbortSignal): AsyncIterable<ShownMessage> {
    return followMessages(() => this.openReader(id), this.openBase, signal);
  }

  async *records(id: string): AsyncIterable<LogRecord> {
    const reader = this.openReader(id);
    try {
      for (const item of reader.forwards()) {
        if ('damage' in item) continue;
        for (const record of reader.records(item)) yield reader.blobs.unspill(record);
      }
    } finally {
      reader.close();
    }
  }

  /** The session with its newest messages, `maxHistoryLength` of them. Notes the access; reads no more than it returns. */
  async loadSession(id: string): Promise<Session> {
    const reader = this.openReader(id);
    try {
      const fold = foldWithInbox(this.layout, reader);
      const config = this.#configOf(fold);
      const openCalls = this.#openCalls(id);
      const messages: ConversationMessage[] = [];
      for (const walked of walkMessages(reader, fold.head.messageId, this.openBase)) {
        if (messages.length >= config.maxHistoryLength) break;
        messages.push(conversationMessage(walked, reader.blobs, openCalls));
      }
      messages.reverse();
      const lastAccessedAtMs = this.clock.now();
      noteAccess(reader, lastAccessedAtMs);
      const session = sessionOf({ id, fold, config, lastAccessedAtMs, messages });
      this.#baselines.set(session, baselineOf(fold, messages));
      return session;
    } finally {
      reader.close();
    }
  }

  /** Messages older than the given one on its branch, newest first; the way past the loaded window. */
  async *olderMessages(id: string, messageId: string): AsyncIterable<ConversationMessage> {
    const reader = this.openReader(id);
    const openCalls = this.#openCalls(id);
    try {
      const fold = reader.fold();
      let isOlder = false;
      for (const walked of walkMessages(reader, fold.head.messageId, this.openBase)) {
        if (isOlder) yield conversationMessage(walked, reader.blobs, openCalls);
        isOlder ||= walked.message.id === messageId;
      }
    } finally {
      reader.close();
    }
  }

  // Writing --------------------------------------------------------------------------------------------------------

  change(id: string, records: NewRecord[]): Promise<ChangeResult> {
    assertSessionId(id, 'change');
    return this.writers.change(id, records);
  }

  /** Writes what is new in a session, making its log when there is none. Nothing new writes nothing. */
  async saveSession(session: Session): Promise<ChangeResult> {
    assertSessionId(session.id, 'save');
    const open = this.writers.get(session.id);
    const isNew = !open && !this.catalogue.exists(session.id);
    const baseline = this.#baselines.get(session) ?? (isNew ? emptyBaseline(session) : this.#baselineNow(session));
    const records = changesOf(session, baseline, () => this.clock.recordId());
    let result: ChangeResult = { via: 'log', durable: true };
    if (isNew) await this.#writeNew(session, records);
    else if (records.length > 0) result = await this.change(session.id, records);
    this.#baselines.set(session, this.#baselineNow(session));
    return result;
  }

  /** A session that is open for writing here, as an object; a later save writes what differs from this. */
  sessionInMemory(id: string, fold: Fold): Session {
    const lastAccessedAtMs = this.clock.now();
    const session = sessionOf({ id, fold, config: this.#configOf(fold), lastAccessedAtMs, messages: [] });
    this.#baselines.set(session, baselineOf(structuredClone(fold), []));
    return session;
  }

  /** First record of a session that begins now. */
  newSessionRecord(
    fields: Pick<SessionRecord, 'project' | 'origin'> & { sessionId?: string; at?: string },
  ): SessionRecord {
    const sessionId = fields.sessionId ?? this.clock.sessionId();
    return {
      type: 'session',
      id: this.clock.recordId(),
      at: fields.at ?? isoTime(this.clock.now()),
      format: 2,
      sessionId,
      generation: this.clock.sessionId(),
      part: 1,
      family: sessionId,
      project: fields.project,
      origin: fields.origin,
    };
  }

  // What imports ask for: see serializer-store.ts ------------------------------------------------------------------

  exists(id: string): boolean {
    return isSessionId(id) && this.catalogue.exists(id);
  }

  waiting(id: string): LogRecord[] {
    return readInbox(this.layout, id).entries.flatMap(({ records }) => records);
  }

  blobs(family: string): BlobStore {
    return new BlobStore(this.layout.blobDir(family));
  }

  createWriter(session: SessionRecord): LogWriter {
    return this.writers.create(session, 'bulk');
  }

  openWriter(id: string): Promise<LogWriter> {
    return this.writers.open(id, 'bulk');
  }

  closeWriter(writer: LogWriter): Promise<void> {
    return this.writers.close(writer);
  }

  importedAs(agent: string, foreignId: string): string | null {
    return this.catalogue.importedAs(agent, foreignId);
  }

  async fork(id: string, at: string | null, name: string | null): Promise<string> {
    const reader = this.openReader(id);
    let start: ReturnType<typeof planFork>;
    try {
      start = planFork(reader, at, name, this.clock);
    } finally {
      reader.close();
    }
    const writer = this.writers.create(start.session);
    try {
      await writer.append(start.records);
    } finally {
      await this.writers.close(writer);
    }
    return start.session.sessionId;
  }

  // Upkeep: see session-maintenance.ts -----------------------------------------------------------------------------

  archive(id: string): Promise<void> {
    return this.maintenance.archive(id);
  }
  unarchive(id: string): Promise<void> {
    return this.maintenance.unarchive(id);
  }
  trash(id: string, reason: string): Promise<void> {
    return this.maintenance.trash(id, reason);
  }
  undelete(ref: string): Promise<string> {
    return this.maintenance.undelete(ref);
  }
  purge(id: string): Promise<{ bytesFreed: number; remains: string[] }> {
    return this.maintenance.purge(id);
  }
  verify(id: string): Promise<VerifyReport> {
    return this.maintenance.verify(id);
  }
  repair(id: string): Promise<RepairReport> {
    return this.maintenance.repair(id);
  }
  migrate(): ReturnType<ISessionStorage['migrate']> {
    return this.maintenance.migrate();
  }
  reindex(progress: (done: number, total: number) => void): ReturnType<ISessionStorage['reindex']> {
    return this.catalogue.rebuild(progress);
  }

  /** Closes writers and index. */
  async close(): Promise<void> {
    await this.writers.closeAll();
    this.catalogue.close();
  }

  async #writeNew(session: Session, records: NewRecord[]): Promise<void> {
    const { project } = session.metadata;
    const origin = { kind: 'human' as const, agent: 'roo' };
    const at = session.metadata.createdAt.toISOString();
    const writer = this.writers.create(this.newSessionRecord({ sessionId: session.id, project, origin, at }));
    try {
      await writer.append(records);
    } finally {
      await this.writers.close(writer);
    }
  }

  /** What the log holds at this moment, and the session's messages, which are in it. */
  #baselineNow({ id, history }: Session): Baseline {
    const open = this.writers.get(id);
    if (open) return baselineOf(structuredClone(open.fold), history.messages);
    const reader = this.openReader(id);
    try {
      return baselineOf(foldWithInbox(this.layout, reader), history.messages);
    } finally {
      reader.close();
    }
  }

  #configOf(fold: Fold): SessionConfig {
    return effectiveConfig(this.settings, fold.config);
  }

  #openCalls(id: string): OpenCalls {
    return isLocked(this.layout, id) ? 'running' : 'interrupted';
  }
}

function baselineOf(fold: Fold, messages: readonly ConversationMessage[]): Baseline {
  return { fold, messages: new Map(messages.flatMap(({ id, content }) => (id === undefined ? [] : [[id, content]]))) };
}

function emptyBaseline(session: Session): Baseline {
  const { project, createdAt } = session.metadata;
  const at = createdAt.toISOString();
  const origin = { kind: 'human' as const, agent: 'roo' };
  const record: SessionRecord = {
    type: 'session',
    id: '',
    at,
    format: 2,
    sessionId: session.id,
    generation: '',
    part: 1,
    family: session.id,
    project,
    origin,
  };
  return { fold: emptyFold(record), messages: new Map() };
}

/** Sets the access time of the log's file. Reading needs no lock, so this may not write into the log. */
function noteAccess(reader: LogReader, nowMs: number): void {
  // Half a millisecond is added because a time in whole milliseconds can come back one lower.
  try {
    const modifiedS = (Math.floor(statSync(reader.path).mtimeMs) + 0.5) / 1000;
    utimesSync(reader.path, nowMs / 1000, modifiedS);
  } catch (error) {
    // A store that may only be read is read all the same.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EACCES' && code !== 'EROFS') throw error;
  }
}
