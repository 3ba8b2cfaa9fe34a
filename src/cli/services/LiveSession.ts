// A session while somebody works in it: the writer stays open, every record is durable before it is acknowledged, and
// slow state is captured now and then. With autoSave off, records wait in memory until they are saved.

import { EventEmitter } from 'node:events';
import { isoTime } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import type { LogRecord, NewRecord, SessionRecord } from '../../core/record.ts';
import { assertRecord } from '../../store/frame-lines.ts';
import type { LogWriter } from '../../store/log-writer.ts';
import { interruptedAnswer } from './agent/interrupted-answer.ts';
import { OutputRecorder } from './agent/output-recorder.ts';
import type { SessionStorage } from './SessionStorage.ts';
import { StateCapture } from './world/state-capture.ts';
import type { CaptureState } from './world/state-capture.ts';

export type { CaptureState };

const INBOX_LOOK_MS = 1000;
const MINUTE_MS = 60_000;
/** How often, and for how long at a time, an open session prepares later searches. */
const PREPARE_EVERY_MS = 15_000;
const PREPARE_BUDGET_MS = 25;

interface LiveEvents {
  /** Slow state was captured. */
  autoSaved: [];
  /** Records were appended here; also those that wait because autoSave is off. */
  recorded: [LogRecord[]];
  /** Changes that another process made to this session were taken in. */
  changed: [LogRecord[]];
  /** Work in the background failed; the session goes on. */
  failed: [SessionError];
  closed: [];
}

export class LiveSession extends EventEmitter<LiveEvents> {
  readonly id: string;
  readonly #storage: SessionStorage;
  readonly #writer: LogWriter;
  readonly #capture: StateCapture;
  readonly #inboxTimer: NodeJS.Timeout;
  readonly #prepareTimer: NodeJS.Timeout;
  #autoSave = true;
  #waiting: LogRecord[] = [];
  #closing: Promise<void> | null = null;

  /** Begins a session; its file appears with the first record. Without `capture` no state is taken by itself. */
  static create(storage: SessionStorage, session: SessionRecord, capture: CaptureState | null): LiveSession {
    return new LiveSession(storage, storage.writers.create(session), capture);
  }

  /** Goes on with a session. Throws SESSION_IN_USE when another process writes it. */
  static async open(storage: SessionStorage, id: string, capture: CaptureState | null): Promise<LiveSession> {
    const writer = await storage.writers.open(id);
    try {
      await keepInterruptedAnswer(storage, writer);
    } catch (error) {
      await storage.writers.close(writer).catch(() => undefined);
      throw error;
    }
    return new LiveSession(storage, writer, capture);
  }

  private constructor(storage: SessionStorage, writer: LogWriter, capture: CaptureState | null) {
    super();
    this.id = writer.id;
    this.#storage = storage;
    this.#writer = writer;
    this.#capture = new StateCapture({
      state: capture,
      fold: () => this.fold,
      append: (records) => this.#writer.append(records),
      failed: (error) => void this.emit('failed', error),
      captured: () => void this.emit('autoSaved'),
    });
    this.#prepareTimer = this.#every(PREPARE_EVERY_MS, () => storage.catalogue.prepare(PREPARE_BUDGET_MS));
    this.#inboxTimer = this.#every(INBOX_LOOK_MS, () => this.#takeInbox());
    this.#applyConfig();
  }

  get fold(): Fold {
    return this.#writer.fold;
  }

  /** Its log holds nothing readable without a key, and nothing beside it may. */
  get isEncrypted(): boolean {
    return this.#writer.isEncrypted;
  }

  /** It takes no records any more. */
  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Torn bytes of a crash that were cut off when this session was opened; null when it ended cleanly. */
  get tornPath(): string | null {
    return this.#writer.tornPath;
  }

  /** Records that wait for `save` because autoSave is off. */
  get waiting(): readonly LogRecord[] {
    return this.#waiting;
  }

  get waitingRecords(): number {
    return this.#waiting.length;
  }

  /**
   * Appends records. Resolves with `durable: true` when they would survive a power cut; at once, and only in memory,
   * when autoSave is off. Throws RECORD_INVALID for what could not be saved later either.
   */
  async append(...records: NewRecord[]): Promise<{ durable: boolean }> {
    this.#assertOpen();
    if (!this.#autoSave) {
      const { clock } = this.#storage;
      const clean = (await this.#storage.door?.records(records)) ?? records;
      const stamped = clean.map((record) => ({ id: clock.recordId(), at: isoTime(clock.now()), ...record }));
      for (const record of stamped) assertRecord({ parentId: null, ...record });
      this.#waiting.push(...(stamped as LogRecord[]));
      this.emit('recorded', stamped as LogRecord[]);
      return { durable: false };
    }
    const written = await this.#writer.append(records);
    if (records.some((record) => record.type === 'config')) this.#applyConfig();
    this.#capture.first();
    this.emit('recorded', written);
    return { durable: true };
  }

  /** Writes what waits, and the slow state as it is now. */
  async save(): Promise<{ durable: true }> {
    this.#assertOpen();
    const waiting = this.#waiting;
    // What is appended while the disk is at work waits for the next time.
    this.#waiting = [];
    try {
      const records = [...(waiting as NewRecord[]), ...(await this.#capture.records())];
      if (records.length > 0) await this.#writer.append(records);
    } catch (error) {
      this.#waiting = [...waiting, ...this.#waiting];
      throw error;
    }
    this.#applyConfig();
    return { durable: true };
  }

  /** Has more state captured along with that which was handed in: as records, whenever state is captured. */
  captureAlso(capture: () => Promise<NewRecord[]>): void {
    this.#capture.also(capture);
  }

  /** The world has changed: captures slow state when it has settled, without anybody waiting for it. */
  captureSoon(): void {
    if (!this.#closing) this.#capture.soon();
  }

  /** A recorder for the output of a call: on disk while it grows, never whole in memory. End it with `finish`. */
  recordOutput(callId: string): OutputRecorder {
    const filter = this.#storage.door?.output() ?? null;
    return new OutputRecorder(callId, this.#writer.blobs, (piece) => this.append(piece), filter);
  }

  /**
   * Captures slow state a last time, closes the log and gives the lock back. Safe to call twice. What waits because
   * autoSave is off is not written: that is what `save` is for.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    clearInterval(this.#inboxTimer);
    clearInterval(this.#prepareTimer);
    try {
      await this.#capture.stop();
      const records = this.#autoSave ? await this.#capture.recordsIfBegun() : [];
      if (records.length > 0) await this.#writer.append(records);
    } finally {
      await this.#storage.writers.close(this.#writer);
      this.emit('closed');
    }
  }

  async #takeInbox(): Promise<void> {
    const records = await this.#storage.writers.takeInbox(this.#writer);
    if (records.length === 0) return;
    this.#applyConfig();
    this.emit('changed', records);
    // Another process may have turned autoSave on.
    if (this.#autoSave && this.#waiting.length > 0) await this.save();
  }

  /** Preferences may change while the session is open. */
  #applyConfig(): void {
    const { autoSave, autoSaveInterval } = effectiveConfig(this.#storage.settings, this.fold.config);
    this.#autoSave = autoSave;
    this.#capture.every(autoSave ? autoSaveInterval * MINUTE_MS : 0);
  }

  /** Runs work from time to time without keeping the process alive; never two at once. */
  #every(intervalMs: number, work: () => Promise<void>): NodeJS.Timeout {
    let isBusy = false;
    const run = async (): Promise<void> => {
      if (isBusy || this.#closing) return;
      isBusy = true;
      try {
        await work();
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        this.emit('failed', error);
      } finally {
        isBusy = false;
      }
    };
    return setInterval(() => void run(), intervalMs).unref();
  }

  #assertOpen(): void {
    if (this.#closing) throw new SessionError('SESSION_READ_ONLY', `session ${this.id} was closed`, { op: 'append' });
  }
}

/** What was said of an answer before a crash becomes its message: interrupted, and part of what a model is told. */
async function keepInterruptedAnswer(storage: SessionStorage, writer: LogWriter): Promise<void> {
  if (!writer.fold.openAnswer) return;
  const reader = storage.openReader(writer.id);
  try {
    const message = interruptedAnswer(reader, writer.fold);
    if (message) await writer.append([message]);
  } finally {
    reader.close();
  }
}
