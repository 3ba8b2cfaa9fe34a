// THE write order, in one place: lock → dirty marker → append → sync → acknowledge → index. Whoever writes a session
// comes through here; what another process holds gets its changes through the inbox.

import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/clock.ts';
import type { LogRecord, NewRecord, SessionRecord } from '../../core/record.ts';
import type { Fold } from '../../core/fold.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import { clearInbox, putIntoInbox, readInbox } from '../../store/inbox.ts';
import { LogReader } from '../../store/log-reader.ts';
import type { WriterOptions } from '../../store/log-writer.ts';
import { LogWriter } from '../../store/log-writer.ts';
import { PACKED_FRAME_BYTES } from '../../store/log-build.ts';
import type { SessionLock } from '../../store/session-lock.ts';
import { inUseError, tryLock } from '../../store/session-lock.ts';
import { claimShared } from '../../store/shared-lock.ts';
import { ensureManifest, STORE_FORMAT } from '../../store/store-manifest.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import type { ChangeResult } from '../types/service-types.ts';

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

export class SessionWriters {
  readonly #layout: StoreLayout;
  readonly #clock: Clock;
  readonly #identity: WriterIdentity;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #hooks: WriteHooks;
  readonly #open = new Map<string, LogWriter>();

  constructor(
    layout: StoreLayout,
    clock: Clock,
    identity: WriterIdentity,
    settings: Readonly<Record<string, unknown>>,
    hooks: WriteHooks,
  ) {
    this.#layout = layout;
    this.#clock = clock;
    this.#identity = identity;
    this.#settings = settings;
    this.#hooks = hooks;
  }

  /** The writer this process has open on a session, if any. */
  get(id: string): LogWriter | undefined {
    return this.#open.get(id);
  }

  /** A writer for a new session; no file until its first append. */
  create(session: SessionRecord, bulk: 'live' | 'bulk' = 'live'): LogWriter {
    ensureManifest(this.#layout, () => ({
      format: STORE_FORMAT,
      storeId: this.#clock.sessionId(),
      createdAt: isoTime(this.#clock.now()),
    }));
    const id = session.sessionId;
    const lock = this.lock(id);
    this.#hooks.beforeWrite(id);
    return this.#keep(LogWriter.create(this.#layout, session, this.#options({}, bulk), lock));
  }

  /** Opens a session for writing, and takes in what waits for it. Throws SESSION_IN_USE when somebody else holds it. */
  async open(id: string, bulk: 'live' | 'bulk' = 'live'): Promise<LogWriter> {
    const lock = this.lock(id);
    this.#hooks.beforeWrite(id);
    const writer = LogWriter.open(this.#layout, id, this.#options(this.#configOf(id, lock), bulk), lock);
    this.#keep(writer);
    await this.takeInbox(writer);
    return writer;
  }

  async close(writer: LogWriter): Promise<void> {
    try {
      await this.takeInbox(writer);
      await writer.close();
    } finally {
      this.#open.delete(writer.id);
      await this.#hooks.afterWrite(writer.id);
    }
  }

  async closeAll(): Promise<void> {
    while (this.#open.size > 0) await this.close(this.#open.values().next().value!);
  }

  /**
   * Appends to a session whoever has it open: by this process's writer, by one opened for the purpose, or through the
   * inbox of the process that holds it. Durable when it resolves.
   */
  async change(id: string, records: readonly NewRecord[]): Promise<ChangeResult> {
    const mine = this.#open.get(id);
    if (mine) {
      await mine.append(records);
      return { via: 'log', durable: true };
    }
    const lock = tryLock(this.#layout, id, isoTime(this.#clock.now()));
    if (!lock) {
      this.#hooks.beforeWrite(id);
      putIntoInbox(this.#layout, id, records, this.#clock);
      return { via: 'inbox', durable: true };
    }
    lock.release();
    const writer = await this.open(id);
    try {
      await writer.append(records);
    } finally {
      await this.close(writer);
    }
    return { via: 'log', durable: true };
  }

  /** Folds what waits in the inbox into the log. Safe to repeat: entries that are in the log already are only removed. */
  async takeInbox(writer: LogWriter): Promise<LogRecord[]> {
    const { entries } = readInbox(this.#layout, writer.id);
    if (entries.length === 0) return [];
    const taken = new Set(writer.fold.applied);
    const records = entries.flatMap((entry) => entry.records).filter((record) => !taken.has(record.id));
    if (records.length > 0) await writer.append(records as NewRecord[]);
    clearInbox(this.#layout, writer.id, entries);
    return records;
  }

  /** The session's lock, or SESSION_IN_USE. Also claims it against other machines where the folder is shared. */
  lock(id: string): SessionLock {
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

  #keep(writer: LogWriter): LogWriter {
    this.#open.set(writer.id, writer);
    return writer;
  }

  #configOf(id: string, lock: SessionLock): Record<string, unknown> {
    let fold: Fold;
    try {
      const reader = LogReader.open(this.#layout, id);
      try {
        fold = reader.fold();
      } finally {
        reader.close();
      }
    } catch (error) {
      lock.release();
      throw error;
    }
    return fold.config;
  }

  #options(own: Record<string, unknown>, bulk: 'live' | 'bulk'): WriterOptions {
    const config = effectiveConfig(this.#settings, own);
    return {
      clock: this.#clock,
      writer: this.#identity,
      level: config.compressionEnabled ? LEVEL : 0,
      partBytesMax: bulk === 'bulk' || config.maxSessionSize === 0 ? Infinity : config.maxSessionSize * MEGABYTE,
      ...(bulk === 'bulk' && { frameBytes: PACKED_FRAME_BYTES }),
    };
  }
}
