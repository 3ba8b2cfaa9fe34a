// THE write order, in one place: lock → dirty marker → append → sync → acknowledge → index. Whoever writes a session
// comes through here; what another process holds gets its changes through the inbox.

import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import type { Warning } from '../../core/errors.ts';
import { SessionError } from '../../core/errors.ts';
import { isReadOnly, readOnlyError, readOnlyRefusal } from '../../core/read-only.ts';
import type { LogRecord, NewRecord, SessionRecord } from '../../core/record.ts';
import type { SessionConfig } from '../../core/session-config.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import { assertSessionId } from '../../core/session-file-name.ts';
import { clearInbox, inboxBatches, readInbox } from '../../store/inbox.ts';
import type { SessionCipher } from '../../crypto/session-cipher.ts';
import type { WriterOptions } from '../../store/log-writer.ts';
import { LogWriter } from '../../store/log-writer.ts';
import { PACKED_FRAME_BYTES } from '../../store/log-build.ts';
import { openHeldLog } from '../../store/open-log.ts';
import type { SessionLock } from '../../store/session-lock.ts';
import { inUseError, tryLock } from '../../store/session-lock.ts';
import { claimShared } from '../../store/shared-lock.ts';
import { ensureManifest, STORE_FORMAT } from '../../store/store-manifest.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import type { ChangeResult } from '../types/service-types.ts';
import type { KeyRing } from './KeyRing.ts';
import type { RedactionDoor } from './RedactionDoor.ts';
import { leaveInInbox } from './inbox-change.ts';
import type { Audit } from './session-audit.ts';

/** What storage does around writing: the index is told, never asked. */
export interface WriteHooks {
  /** Before the first byte: leaves the mark by which a list finds out, should this process die. */
  beforeWrite(id: string): void;
  /** After a writer closed: catches the index up with this session. */
  afterWrite(id: string): Promise<void>;
}

export interface WriterIdentity {
  pid: number;
  host: string;
  version: string;
}

/** zlib's default: level 9 costs twice the time for 1 % of the size. */
const LEVEL = 6;
const MEGABYTE = 1_000_000;

export interface WritersOptions {
  layout: StoreLayout;
  clock: Clock;
  identity: WriterIdentity;
  settings: Readonly<Record<string, unknown>>;
  hooks: WriteHooks;
  audit: Audit;
  /** Null writes what it is given. */
  door: RedactionDoor | null;
  keys: KeyRing;
}

export class SessionWriters {
  /** What was put in order in the store on the way. */
  readonly warnings: Warning[] = [];
  readonly #layout: StoreLayout;
  readonly #clock: Clock;
  readonly #identity: WriterIdentity;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #hooks: WriteHooks;
  readonly #audit: Audit;
  readonly #door: RedactionDoor | null;
  readonly #keys: KeyRing;
  readonly #open = new Map<string, LogWriter>();
  /** By session, the last of what opens or closes it: one after the other, or a process would lock itself out. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #taking = new WeakMap<LogWriter, Promise<LogRecord[]>>();
  #isChecked = false;

  constructor({ layout, clock, identity, settings, hooks, audit, door, keys }: WritersOptions) {
    this.#layout = layout;
    this.#keys = keys;
    this.#door = door;
    this.#clock = clock;
    this.#identity = identity;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#audit = audit;
  }

  /** The writer this process has open on a session, if any. */
  get(id: string): LogWriter | undefined {
    return this.#open.get(id);
  }

  /**
   * A writer for a new session; no file until its first append. It is encrypted where the settings say so, or a key was
   * made for it: then its first append rejects with KEY_MISSING while nobody could read it.
   */
  create(session: SessionRecord, bulk: 'live' | 'bulk' = 'live'): LogWriter {
    const id = session.sessionId;
    const config = effectiveConfig(this.#settings);
    const cipher = this.newCipher(id);
    const lock = this.lock(id);
    this.#hooks.beforeWrite(id);
    const begun = (): void => this.#audit.note('create', id);
    // An import says itself what it brought in.
    const options: WriterOptions = { ...this.#options(config, bulk), ...(bulk === 'live' && { begun }) };
    if (!cipher) return this.#keep(LogWriter.create(this.#layout, session, options, lock));
    const sealed: SessionRecord = { ...session, encryptedSince: 'beginning' };
    return this.#keep(LogWriter.create(this.#layout, sealed, { ...options, ...this.#sealing(cipher) }, lock));
  }

  /** Has a session encrypted that this process has begun and nothing is written of; false for every other one. */
  sealNew(id: string): boolean {
    const writer = this.#open.get(id);
    return writer?.sealFromStart(this.#sealing(this.#keys.cipherOf(id) ?? this.#keys.make(id))) ?? false;
  }

  #sealing(cipher: SessionCipher): Required<Pick<WriterOptions, 'cipher' | 'prepare'>> {
    return { cipher, prepare: async () => this.#keys.save(cipher, await this.#keys.newRecipients()) };
  }

  /** What a session that is not there yet will be sealed with; null where it will be readable by anybody. */
  newCipher(id: string): SessionCipher | null {
    const isWanted = effectiveConfig(this.#settings).encryptionEnabled;
    return this.#keys.cipherOf(id) ?? (isWanted ? this.#keys.make(id) : null);
  }

  /**
   * Opens a session for writing, and takes in what waits for it. Throws SESSION_IN_USE when somebody else holds it,
   * and SESSION_READ_ONLY.
   */
  open(id: string, bulk: 'live' | 'bulk' = 'live'): Promise<LogWriter> {
    return this.#inTurn(id, async () => {
      const writer = await this.#openNow(id, bulk);
      if (isReadOnly(writer.fold)) {
        await writer.close();
        throw readOnlyError(id);
      }
      if (bulk === 'live') this.#audit.note('write', id);
      return this.#keep(writer);
    });
  }

  /** Rejects when the closing frame could not be written; what was acknowledged is in the log all the same. */
  close(writer: LogWriter): Promise<void> {
    return this.#inTurn(writer.id, () => {
      // Only now: what came before in the queue still goes through it.
      if (this.#open.get(writer.id) === writer) this.#open.delete(writer.id);
      return this.#closeNow(writer);
    });
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.values()].map((writer) => this.close(writer)));
    await Promise.allSettled(this.#turns.values());
  }

  /**
   * Appends to a session whoever has it open: by this process's writer, by one opened for the purpose, or through the
   * inbox of the process that holds it. Durable when it resolves.
   */
  async change(id: string, records: readonly NewRecord[]): Promise<ChangeResult> {
    assertSessionId(id, 'change');
    const mine = this.#open.get(id);
    const result = await (mine ? append(mine, records) : this.#inTurn(id, () => this.#change(id, records)));
    this.#audit.note('edit', id);
    return result;
  }

  /** Folds what waits in the inbox into the log. Safe to repeat: entries that are in the log already are only removed. */
  takeInbox(writer: LogWriter): Promise<LogRecord[]> {
    const before = this.#taking.get(writer) ?? Promise.resolve();
    // One after the other, also behind one that failed: two at once would find the same entries.
    const taken = before.then(
      () => this.#take(writer),
      () => this.#take(writer),
    );
    this.#taking.set(writer, taken);
    return taken;
  }

  /** The session's lock, or SESSION_IN_USE. Also claims it against other machines where the folder is shared. */
  lock(id: string): SessionLock {
    assertSessionId(id, 'lock');
    this.#checkStore();
    const lock = tryLock(this.#layout, id, isoTime(this.#clock.now()));
    if (!lock) throw inUseError(this.#layout, id);
    try {
      const shared = claimShared(this.#layout, id, this.#clock);
      return {
        release() {
          shared.release();
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async #change(id: string, records: readonly NewRecord[]): Promise<ChangeResult> {
    const mine = this.#open.get(id);
    if (mine) return append(mine, records);
    let writer: LogWriter;
    try {
      writer = await this.#openNow(id, 'live');
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'SESSION_IN_USE') throw error;
      this.#hooks.beforeWrite(id);
      leaveInInbox(this.#layout, id, (await this.#door?.records(records)) ?? records, this.#clock);
      return { via: 'inbox', durable: true };
    }
    try {
      return await append(writer, records);
    } finally {
      // What was appended is in the log, whether or not the closing frame is.
      await this.#closeNow(writer).catch(ignoreFailedClose);
    }
  }

  async #openNow(id: string, bulk: 'live' | 'bulk'): Promise<LogWriter> {
    await this.#keys.require(id);
    const lock = this.lock(id);
    const writer = this.#openLocked(id, bulk, lock);
    try {
      await this.takeInbox(writer);
      return writer;
    } catch (error) {
      await writer.close().catch(ignoreFailedClose);
      throw error;
    }
  }

  #openLocked(id: string, bulk: 'live' | 'bulk', lock: SessionLock): LogWriter {
    let options: WriterOptions;
    try {
      this.#hooks.beforeWrite(id);
      const reader = openHeldLog(this.#layout, id, this.#clock);
      try {
        options = this.#options(effectiveConfig(this.#settings, reader.fold().config), bulk);
      } finally {
        reader.close();
      }
    } catch (error) {
      lock.release();
      throw error;
    }
    // Takes over the lock, also when it throws.
    return LogWriter.open(this.#layout, id, options, lock);
  }

  async #closeNow(writer: LogWriter): Promise<void> {
    try {
      // What cannot be taken in now waits for the next writer.
      await this.takeInbox(writer).catch(ignoreFailedClose);
      await writer.close();
    } finally {
      await this.#hooks.afterWrite(writer.id);
    }
  }

  async #take(writer: LogWriter): Promise<LogRecord[]> {
    const { entries } = readInbox(this.#layout, writer.id);
    const taken: LogRecord[] = [];
    for (const batch of inboxBatches(entries)) {
      const applied = new Set(writer.fold.applied);
      const records = batch.flatMap((entry) => entry.records).filter((record) => !applied.has(record.id));
      if (records.length > 0) await writer.append(records as NewRecord[]);
      clearInbox(this.#layout, writer.id, batch);
      taken.push(...records);
    }
    return taken;
  }

  /** Runs work on a session after what was begun on it before. */
  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(id, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }

  #keep(writer: LogWriter): LogWriter {
    this.#open.set(writer.id, writer);
    return writer;
  }

  /** Throws FORMAT_NEWER for a store of a later version: it may be read only. */
  #checkStore(): void {
    if (this.#isChecked) return;
    const { warnings } = ensureManifest(this.#layout, () => ({
      format: STORE_FORMAT,
      storeId: this.#clock.sessionId(),
      createdAt: isoTime(this.#clock.now()),
    }));
    this.warnings.push(...warnings);
    this.#isChecked = true;
  }

  #options(config: SessionConfig, bulk: 'live' | 'bulk'): WriterOptions {
    return {
      clock: this.#clock,
      writer: this.#identity,
      level: config.compressionEnabled ? LEVEL : 0,
      partBytesMax: bulk === 'bulk' || config.maxSessionSize === 0 ? Infinity : config.maxSessionSize * MEGABYTE,
      ...(this.#door && { door: (records: readonly NewRecord[]) => this.#door!.records(records) }),
      // Of a session that an import makes, the flag may be one of the records.
      ...(bulk === 'bulk' ? { frameBytes: PACKED_FRAME_BYTES } : { refusal: readOnlyRefusal }),
    };
  }
}

async function append(writer: LogWriter, records: readonly NewRecord[]): Promise<ChangeResult> {
  await writer.append(records);
  return { via: 'log', durable: true };
}

/** Errors of ours only: what was to be written is in the log or the inbox already. */
function ignoreFailedClose(error: unknown): void {
  if (!(error instanceof SessionError)) throw error;
}
