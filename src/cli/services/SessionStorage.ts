// One open store: what is in it, and every change of it. Reads need no lock; writes go through session-writers.ts,
// which keeps the write order. The index is asked for finding, the logs for the truth.

import { hostname } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import { isoTime } from '../../core/clock.ts';
import type { Fold } from '../../core/fold.ts';
import type { LogRecord, NewRecord, SessionRecord } from '../../core/record.ts';
import { assertSessionId, isSessionId } from '../../core/session-file-name.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { sessionBlobs } from '../../store/session-blobs.ts';
import { lookAtFolder } from '../../store/safe-file.ts';
import { crypto } from '../../store/hashing.ts';
import { readInbox } from '../../store/inbox.ts';
import { LogSource } from '../../store/log-source.ts';
import type { LogReader } from '../../store/log-reader.ts';
import type { LogWriter } from '../../store/log-writer.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { planFork, recordsUpTo } from '../../store/session-fork.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import { storeLayout } from '../../store/store-layout.ts';
import type {
  ChangeResult,
  FindOptions,
  ISessionScrub,
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
import type { IdentitySource, Unlocking } from './KeyRing.ts';
import { KeyRing } from './KeyRing.ts';
import type { RedactionDoor } from './RedactionDoor.ts';
import { encryptionWish, withoutWish } from './encryption-wish.ts';
import { appendPast } from './sealed-fork.ts';
import type { SessionEncryption } from './SessionEncryption.ts';
import type { SerializerStore } from './serializer-store.ts';
import { SessionAudit } from './session-audit.ts';
import { SessionCatalogue } from './session-catalogue.ts';
import { SessionMaintenance } from './session-maintenance.ts';
import { messageNamed } from './session-range.ts';
import { SessionReads } from './session-reads.ts';
import { SessionSaves } from './session-saves.ts';
import { SessionUnlock } from './session-unlock.ts';
import { SessionWriters } from './session-writers.ts';

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
  /** Takes secrets out of everything that is written; null writes what it is given. */
  door?: RedactionDoor | null;
  /** Whose keys open encrypted sessions; asked when there is one. Absent: nobody's. */
  identities?: () => Promise<IdentitySource>;
}

/** What cannot be unlocked can still be destroyed. */
function ignoreLocked(error: unknown): void {
  if (!(error instanceof SessionError)) throw error;
}

/** For a store whose encrypted sessions stay locked. */
const NOBODY = (): Promise<IdentitySource> =>
  Promise.resolve({ identities: async () => [], available: async () => [], recipients: () => [] });

/** The machine's clock and random ids. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  recordId: () => crypto().randomUUIDv7(),
  sessionId: () => crypto().randomUUID(),
};

export class SessionStorage implements ISessionStorage, SerializerStore {
  readonly layout: StoreLayout;
  readonly clock: Clock;
  /** What everything written goes through; null where this store is handed what is clean already. */
  readonly door: RedactionDoor | null;
  readonly writers: SessionWriters;
  readonly catalogue: SessionCatalogue;
  readonly maintenance: SessionMaintenance;
  readonly audit: SessionAudit;
  readonly keys: KeyRing;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly #reads: SessionReads;
  readonly #saves: SessionSaves;
  readonly #unlocking: SessionUnlock;

  /** Throws STORE_UNSAFE where others may write to its folders. */
  constructor(options: StorageOptions) {
    const { home, sessionsDir, settings = {}, clock = SYSTEM_CLOCK, version = '0' } = options;
    const layout = storeLayout(home, sessionsDir);
    this.audit = new SessionAudit(layout, clock, (warning) => this.writers.warnings.push(warning));
    this.keys = new KeyRing(layout, options.identities ?? NOBODY, this.audit);
    this.layout = { ...layout, keys: this.keys };
    this.door = options.door ?? null;
    this.clock = clock;
    this.settings = settings;
    this.catalogue = new SessionCatalogue(this.layout, new LogSource(this.layout), clock);
    const identity = { pid: process.pid, host: hostname(), version };
    const { audit, door, keys, catalogue: hooks } = this;
    this.writers = new SessionWriters({ layout: this.layout, clock, identity, settings, hooks, audit, door, keys });
    this.#unlocking = new SessionUnlock(this.layout, keys, this.catalogue, (warning) =>
      this.writers.warnings.push(warning),
    );
    this.maintenance = new SessionMaintenance(this.layout, clock, this.writers, this.catalogue, this.audit);
    for (const folder of [this.layout.sessionsDir, this.layout.stateDir]) {
      const warning = lookAtFolder(folder);
      if (warning) this.writers.warnings.push(warning);
    }
    const opening = { clock, lock: (id: string) => this.writers.lock(id) };
    this.#reads = new SessionReads(this.layout, settings, opening, (id) => this.catalogue.info(id));
    this.#saves = new SessionSaves({
      clock,
      has: (id) => this.writers.get(id) !== undefined || this.catalogue.exists(id),
      loadBackTo: (id, messageId) => this.#reads.loadBackTo(id, messageId),
      sessionOfFold: (id, fold) => this.#reads.sessionOfFold(id, fold),
      create: (session, records) => this.#create(session, records),
      change: (id, records) => this.change(id, records),
      newSessionRecord: (fields) => this.newSessionRecord(fields),
    });
  }

  // Finding --------------------------------------------------------------------------------------------------------

  list(filter: SessionFilter = {}): SessionPage {
    return this.catalogue.list(filter);
  }

  /** Encrypted sessions are searched too, as far as they can be unlocked. */
  async find(query: string, options: FindOptions = {}): Promise<FoundPage> {
    await this.#unlocking.all();
    return this.catalogue.find(query, options);
  }

  resolve(ref: string, context: RefContext): string {
    return this.catalogue.resolve(ref, context);
  }

  exists(id: string): boolean {
    return isSessionId(id) && this.catalogue.exists(id);
  }

  importedAs(agent: string, foreignId: string): string | null {
    return this.catalogue.importedAs(agent, foreignId);
  }

  // Reading: see session-reads.ts ----------------------------------------------------------------------------------

  openReader(id: string): LogReader {
    return this.#reads.openReader(id);
  }

  get openBase(): OpenBase {
    return this.#reads.openBase;
  }

  details(id: string): SessionDetails {
    return { ...this.#reads.details(id), recipients: this.keys.recipientsOf(id) ?? [] };
  }

  show(id: string, range: ShowRange): ShownSession {
    const shown = this.#reads.show(id, range);
    this.audit.note('read', id);
    return shown;
  }

  follow(id: string, signal: AbortSignal): AsyncIterable<ShownMessage> {
    this.audit.note('read', id);
    return this.#reads.follow(id, signal);
  }

  records(id: string): AsyncIterable<LogRecord> {
    this.audit.note('read', id);
    return this.#reads.records(id);
  }

  olderMessages(id: string, messageId: string): AsyncIterable<ConversationMessage> {
    return this.#reads.olderMessages(id, messageId);
  }

  waiting(id: string): LogRecord[] {
    return readInbox(this.layout, id).entries.flatMap(({ records }) => records);
  }

  blobs(family: string, id: string = family): BlobStore {
    const isThere = this.exists(id);
    const cipher = isThere ? this.keys.cipherOf(id) : this.writers.newCipher(id);
    return sessionBlobs(this.layout, id, family, cipher);
  }

  /**
   * Has the names of encrypted sessions at hand from here on: for lists, searches and references. Does nothing where none
   * is encrypted, and leaves locked what cannot be unlocked: a list says so. Throws KEY_WRONG_PASSPHRASE and KEY_DAMAGED.
   */
  unlockNames(how: Unlocking): Promise<void> {
    return this.#unlocking.names(how);
  }

  /** Has a session's key at hand from here on, asking for it if need be. Throws SESSION_ENCRYPTED when it cannot be. */
  async unlock(id: string): Promise<void> {
    if (isSessionId(id)) await this.keys.require(id);
  }

  async loadSession(id: string): Promise<Session> {
    await this.unlock(id);
    const { session, leaf } = this.#reads.load(id);
    this.audit.note('read', id);
    this.#saves.remember(session, leaf);
    return session;
  }

  /** A session that a writer of this process holds, as an object without messages; a save writes what differs from it. */
  sessionInMemory(id: string, fold: Fold): Session {
    const session = this.#reads.sessionOfFold(id, fold);
    this.#saves.remember(session, fold.head.messageId, fold.counts.records > 0);
    return session;
  }

  // Writing --------------------------------------------------------------------------------------------------------

  /** A wish to be encrypted, or not, is carried out: a preference that says what is not so would be believed. */
  async change(id: string, records: NewRecord[]): Promise<ChangeResult> {
    assertSessionId(id, 'change');
    const wish = encryptionWish(records);
    const isBegun = wish === 'encrypted' && !this.exists(id);
    if (wish === null || (isBegun && this.writers.sealNew(id))) return this.writers.change(id, records);
    const rest = withoutWish(records);
    const encryption = await this.encryption();
    // What comes with the wish is never written in plain when it is to be sealed.
    if (wish === 'encrypted') await encryption.encrypt(id);
    const result: ChangeResult = rest.length > 0 ? await this.writers.change(id, rest) : { via: 'log', durable: true };
    if (wish === 'plain') await encryption.decrypt(id);
    return result;
  }

  saveSession(session: Session): Promise<ChangeResult> {
    return this.#saves.save(session);
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

  /** `at` is a message's id, the unique beginning of one or a number on the active branch; null the active leaf. */
  async fork(id: string, at: string | null, name: string | null): Promise<string> {
    await this.unlock(id);
    const reader = this.openReader(id);
    try {
      const messageId = at === null ? null : messageNamed(reader, at, this.openBase);
      const { session, records } = planFork(reader, messageId, name, this.clock, this.openBase);
      const { sessionId } = session;
      this.audit.note('read', id);
      const cipher = reader.cipher ? this.keys.make(sessionId) : this.writers.newCipher(sessionId);
      if (cipher) await this.#createSealed(reader, session, records);
      else await this.#create(session, records);
      return sessionId;
    } finally {
      reader.close();
    }
  }

  /** Who can read sessions; loaded when it is asked for. */
  async encryption(): Promise<SessionEncryption> {
    const { SessionEncryption } = await import('./SessionEncryption.ts');
    const { layout, clock, keys, writers, catalogue, audit, openBase } = this;
    return new SessionEncryption({
      layout,
      clock,
      keys,
      writers,
      catalogue,
      audit,
      openBase,
      forks: this.maintenance.forks,
    });
  }

  // What imports write: see serializer-store.ts --------------------------------------------------------------------

  createWriter(session: SessionRecord): LogWriter {
    return this.writers.create(session, 'bulk');
  }

  openWriter(id: string): Promise<LogWriter> {
    return this.writers.open(id, 'bulk');
  }

  closeWriter(writer: LogWriter): Promise<void> {
    return this.writers.close(writer);
  }

  // Upkeep: see session-maintenance.ts -----------------------------------------------------------------------------

  async archive(id: string): Promise<void> {
    await this.unlock(id);
    return this.maintenance.archive(id);
  }
  unarchive(id: string): Promise<void> {
    return this.maintenance.unarchive(id);
  }
  trash(id: string, reason: string): Promise<void> {
    return this.maintenance.trash(id, reason);
  }
  async undelete(ref: string): Promise<string> {
    const id = await this.maintenance.undelete(ref);
    await this.keys.unlock(id, 'quietly');
    return id;
  }
  async purge(id: string): Promise<{ bytesFreed: number; remains: string[] }> {
    // To say how much of it was ever written in plain.
    await this.keys.unlock(id, 'quietly').catch(ignoreLocked);
    return this.maintenance.purge(id);
  }
  /** For what was written before there was a door: see SessionScrub.ts. */
  async scrubber(): Promise<ISessionScrub> {
    await this.#unlocking.all();
    const { SessionScrub } = await import('./SessionScrub.ts');
    const { layout, clock, settings, door, audit, catalogue } = this;
    return new SessionScrub({ layout, clock, settings, door, audit, catalogue, lock: (id) => this.writers.lock(id) });
  }
  async verify(id: string): Promise<VerifyReport> {
    await this.unlock(id);
    return this.maintenance.verify(id);
  }
  async repair(id: string): Promise<RepairReport> {
    await this.unlock(id);
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
    this.audit.close();
    this.catalogue.close();
  }

  async #createSealed(from: LogReader, { base, ...fork }: SessionRecord, records: NewRecord[]): Promise<void> {
    const writer = this.writers.create({ ...fork, family: fork.sessionId }, 'bulk');
    const newId = (): string => this.clock.recordId();
    try {
      if (base) await appendPast(writer, recordsUpTo(from, base.messageId, this.openBase, newId));
      await writer.append(records);
    } finally {
      await this.writers.close(writer);
    }
    this.audit.note('create', fork.sessionId);
  }

  async #create(session: SessionRecord, records: NewRecord[]): Promise<void> {
    if (encryptionWish(records) === 'encrypted') this.keys.make(session.sessionId);
    const writer = this.writers.create(session);
    try {
      await writer.append(records);
    } finally {
      await this.writers.close(writer);
    }
  }
}
