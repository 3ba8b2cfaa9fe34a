// A session while somebody works in it: the writer stays open, every record is durable before it is acknowledged, and
// slow state is captured now and then. With autoSave off, records wait in memory until they are saved.

import { EventEmitter } from 'node:events';
import { SessionError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import { effectiveConfig } from '../../core/session-config.ts';
import type { LogRecord, NewRecord, SessionRecord, State } from '../../core/record.ts';
import type { LogWriter } from '../../store/log-writer.ts';
import { OutputRecorder } from './output-recorder.ts';
import type { SessionStorage } from './SessionStorage.ts';

/** What slow state is taken from: the directory, the environment, later processes and watchers. */
export type CaptureState = () => Partial<State>;

const INBOX_LOOK_MS = 1000;
const MINUTE_MS = 60_000;

interface LiveEvents {
  /** Slow state was captured. */
  autoSaved: [];
  /** Changes that another process made to this session were taken in. */
  changed: [LogRecord[]];
  /** A capture in the background failed; the session goes on. */
  failed: [SessionError];
}

export class LiveSession extends EventEmitter<LiveEvents> {
  readonly id: string;
  readonly #storage: SessionStorage;
  readonly #writer: LogWriter;
  readonly #capture: CaptureState;
  readonly #timers: NodeJS.Timeout[] = [];
  #autoSave: boolean;
  #waiting: NewRecord[] = [];
  #closed = false;

  /** Begins a session; its file appears with the first record. */
  static create(storage: SessionStorage, session: SessionRecord, capture: CaptureState): LiveSession {
    return new LiveSession(storage, storage.writers.create(session), capture);
  }

  /** Goes on with a session. Throws SESSION_IN_USE when another process writes it. */
  static async open(storage: SessionStorage, id: string, capture: CaptureState): Promise<LiveSession> {
    // Brings a format 1 file over first.
    storage.openReader(id).close();
    return new LiveSession(storage, await storage.writers.open(id), capture);
  }

  private constructor(storage: SessionStorage, writer: LogWriter, capture: CaptureState) {
    super();
    this.id = writer.id;
    this.#storage = storage;
    this.#writer = writer;
    this.#capture = capture;
    const config = effectiveConfig(storage.settings, writer.fold.config);
    this.#autoSave = config.autoSave;
    this.#every(INBOX_LOOK_MS, () => this.#takeInbox());
    const intervalMs = config.autoSaveInterval * MINUTE_MS;
    if (config.autoSave && intervalMs > 0) this.#every(intervalMs, () => this.#autoCapture());
  }

  get fold(): Fold {
    return this.#writer.fold;
  }

  /** Torn bytes of a crash that were cut off when this session was opened; null when it ended cleanly. */
  get tornPath(): string | null {
    return this.#writer.tornPath;
  }

  /** Number of records that wait for `save` because autoSave is off. */
  get waitingRecords(): number {
    return this.#waiting.length;
  }

  /** Appends records. Resolves with `durable: true` when they would survive a power cut; at once when autoSave is off. */
  async append(...records: NewRecord[]): Promise<{ durable: boolean }> {
    this.#assertOpen();
    if (!this.#autoSave) {
      this.#waiting.push(...records);
      return { durable: false };
    }
    await this.#writer.append(records);
    return { durable: true };
  }

  /** Writes what waits, and the slow state as it is now. */
  async save(): Promise<{ durable: true }> {
    this.#assertOpen();
    const records = [...this.#waiting, ...this.#captured()];
    if (records.length > 0) await this.#writer.append(records);
    this.#waiting = [];
    return { durable: true };
  }

  /** A recorder for the output of a call: on disk while it grows, never whole in memory. End it with `finish`. */
  recordOutput(callId: string): OutputRecorder {
    return new OutputRecorder(callId, this.#writer.blobs, (piece) => this.append(piece));
  }

  /** Captures slow state a last time, closes the log and gives the lock back. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    try {
      // A session in which nothing was said leaves no file.
      const records = this.#autoSave && this.fold.counts.records > 0 ? this.#captured() : [];
      if (records.length > 0) await this.#writer.append(records);
    } finally {
      await this.#storage.writers.close(this.#writer);
    }
  }

  #captured(): NewRecord[] {
    const patch = Object.fromEntries(
      Object.entries(this.#capture()).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(this.fold.state[key]),
      ),
    );
    return Object.keys(patch).length > 0 ? [{ type: 'state', patch }] : [];
  }

  async #autoCapture(): Promise<void> {
    const records = this.fold.counts.records > 0 ? this.#captured() : [];
    if (records.length > 0) await this.#writer.append(records);
    this.emit('autoSaved');
  }

  async #takeInbox(): Promise<void> {
    const records = await this.#storage.writers.takeInbox(this.#writer);
    if (records.length === 0) return;
    this.#autoSave = effectiveConfig(this.#storage.settings, this.fold.config).autoSave;
    this.emit('changed', records);
  }

  /** Runs work from time to time without keeping the process alive; never two at once. */
  #every(intervalMs: number, work: () => Promise<void>): void {
    let isBusy = false;
    const run = async (): Promise<void> => {
      if (isBusy || this.#closed) return;
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
    this.#timers.push(setInterval(() => void run(), Math.min(intervalMs, 0x7fffffff)).unref());
  }

  #assertOpen(): void {
    if (this.#closed) throw new SessionError('SESSION_READ_ONLY', `session ${this.id} was closed`, { op: 'append' });
  }
}
