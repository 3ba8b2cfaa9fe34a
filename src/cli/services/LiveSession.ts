// A session while somebody works in it: the writer stays open, every record is durable before it is acknowledged, and
// slow state is captured now and then. With autoSave off, records wait in memory until they are saved.

import { EventEmitter } from 'node:events';
import { isoTime } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import type { LogRecord, NewRecord, SessionRecord, State } from '../../core/record.ts';
import { assertRecord } from '../../store/frame-lines.ts';
import type { LogWriter } from '../../store/log-writer.ts';
import { interruptedAnswer } from './interrupted-answer.ts';
import { OutputRecorder } from './output-recorder.ts';
import type { SessionStorage } from './SessionStorage.ts';

/** What slow state is taken from: the directory, the environment, later processes and watchers. */
export type CaptureState = () => Partial<State>;

/** After work in a session, slow state settles for so long before it is captured … */
const SETTLE_MS = 1000;
/** … and capturing takes no more than this share of the time. */
const CAPTURE_SHARE = 0.05;
const INBOX_LOOK_MS = 1000;
const MINUTE_MS = 60_000;
/** How often, and for how long at a time, an open session prepares later searches. */
const PREPARE_EVERY_MS = 15_000;
const PREPARE_BUDGET_MS = 25;
/** The longest that a timer can wait. */
const TIMER_MS_MAX = 0x7fffffff;

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
  readonly #capture: CaptureState | null;
  /** Slow state that takes a while to look at. */
  readonly #captures: (() => Promise<NewRecord[]>)[] = [];
  readonly #inboxTimer: NodeJS.Timeout;
  readonly #prepareTimer: NodeJS.Timeout;
  #captureTimer: NodeJS.Timeout | null = null;
  #settleTimer: NodeJS.Timeout | null = null;
  #capturing: Promise<void> | null = null;
  #captureMs = 0;
  /** Slow state was captured since this session was opened here: from then on, a kill leaves something to come back to. */
  #wasCaptured = false;
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
    this.#capture = capture;
    this.#prepareTimer = this.#every(PREPARE_EVERY_MS, () => storage.catalogue.prepare(PREPARE_BUDGET_MS));
    this.#inboxTimer = this.#every(INBOX_LOOK_MS, () => this.#takeInbox());
    this.#applyConfig();
  }

  get fold(): Fold {
    return this.#writer.fold;
  }

  /** Its log holds nothing readable without a key, and nothing beside it may. */
  get isEncrypted(): boolean {
    const { settings, catalogue } = this.#storage;
    if (effectiveConfig(settings, this.fold.config).encryptionEnabled) return true;
    return (
      this.fold.counts.records > 0 && catalogue.exists(this.id) && this.#storage.details(this.id).session.encrypted
    );
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
    if (!this.#wasCaptured) this.captureSoon();
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
      const records = [...(waiting as NewRecord[]), ...(await this.#captured())];
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
    this.#captures.push(capture);
  }

  /** The world has changed: captures slow state when it has settled, without anybody waiting for it. */
  captureSoon(): void {
    if (this.#settleTimer || !this.#captureTimer || this.#closing) return;
    const waitMs = Math.max(SETTLE_MS, this.#captureMs / CAPTURE_SHARE);
    this.#settleTimer = setTimeout(() => {
      this.#settleTimer = null;
      this.#autoCapture().catch((error: unknown) => {
        if (!(error instanceof SessionError)) throw error;
        this.emit('failed', error);
      });
    }, waitMs).unref();
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
    clearInterval(this.#captureTimer ?? undefined);
    clearTimeout(this.#settleTimer ?? undefined);
    try {
      // What fails of it was told, and is tried again here.
      await this.#capturing?.catch(() => undefined);
      const records = this.#autoSave ? await this.#capturedIfBegun() : [];
      if (records.length > 0) await this.#writer.append(records);
    } finally {
      await this.#storage.writers.close(this.#writer);
      this.emit('closed');
    }
  }

  /** A session in which nothing was said leaves no file. */
  async #capturedIfBegun(): Promise<NewRecord[]> {
    return this.fold.counts.records > 0 ? this.#captured() : [];
  }

  async #captured(): Promise<NewRecord[]> {
    const patch = Object.fromEntries(
      Object.entries(this.#capture?.() ?? {}).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(this.fold.state[key]),
      ),
    );
    const more = await Promise.all(this.#captures.map((capture) => this.#tried(capture)));
    return [...(Object.keys(patch).length > 0 ? [{ type: 'state' as const, patch }] : []), ...more.flat()];
  }

  /** What cannot be looked at now keeps its last known state; the rest is written. */
  async #tried(capture: () => Promise<NewRecord[]>): Promise<NewRecord[]> {
    try {
      return await capture();
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.emit('failed', error);
      return [];
    }
  }

  /** Whoever asks while it runs gets the one that runs. */
  #autoCapture(): Promise<void> {
    this.#capturing ??= this.#captureNow().finally(() => (this.#capturing = null));
    return this.#capturing;
  }

  async #captureNow(): Promise<void> {
    const startMs = performance.now();
    this.#wasCaptured = true;
    const records = await this.#capturedIfBegun();
    if (records.length > 0) await this.#writer.append(records);
    this.#captureMs = performance.now() - startMs;
    this.emit('autoSaved');
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
    clearInterval(this.#captureTimer ?? undefined);
    const wantsCapture = this.#capture !== null && autoSave && autoSaveInterval > 0;
    this.#captureTimer = wantsCapture ? this.#every(autoSaveInterval * MINUTE_MS, () => this.#autoCapture()) : null;
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
    return setInterval(() => void run(), Math.min(intervalMs, TIMER_MS_MAX)).unref();
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
