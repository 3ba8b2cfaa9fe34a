// When slow state of an open session is looked at: every so often, and soon after work in it, so that a kill at any time
// leaves something to come back to. Nobody waits for it, and it takes a small share of the time.

import { SessionError } from '../../../core/errors.ts';
import type { Fold } from '../../../core/fold.ts';
import type { NewRecord, State } from '../../../core/record.ts';

/** What slow state is taken from without a wait: the directory, the environment. */
export type CaptureState = () => Partial<State>;

/** After work in a session, slow state settles for so long before it is captured … */
const SETTLE_MS = 1000;
/** … and capturing takes no more than this share of the time. */
const CAPTURE_SHARE = 0.05;
/** The longest that a timer can wait. */
const TIMER_MS_MAX = 0x7fffffff;

export interface CaptureOptions {
  /** Null: no state is taken by itself. */
  state: CaptureState | null;
  fold(): Fold;
  append(records: NewRecord[]): Promise<unknown>;
  failed(error: SessionError): void;
  /** State was captured by itself. */
  captured(): void;
}

export class StateCapture {
  readonly #options: CaptureOptions;
  /** What takes a while to look at. */
  readonly #slow: (() => Promise<NewRecord[]>)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #settleTimer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #lastMs = 0;
  #isFirst = true;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  /** More state, as records. */
  also(capture: () => Promise<NewRecord[]>): void {
    this.#slow.push(capture);
  }

  /** Captures from now on by itself; 0 never does. */
  every(intervalMs: number): void {
    clearInterval(this.#timer ?? undefined);
    const isWanted = this.#options.state !== null && intervalMs > 0;
    this.#timer = isWanted ? setInterval(() => this.#run(), Math.min(intervalMs, TIMER_MS_MAX)).unref() : null;
  }

  /** Once for a session that was opened, whatever happens in it. */
  first(): void {
    if (this.#isFirst) this.soon();
  }

  /** When it has settled. Nothing where state is not captured by itself. */
  soon(): void {
    if (this.#settleTimer || !this.#timer) return;
    this.#isFirst = false;
    const waitMs = Math.max(SETTLE_MS, this.#lastMs / CAPTURE_SHARE);
    this.#settleTimer = setTimeout(() => {
      this.#settleTimer = null;
      this.#run();
    }, waitMs).unref();
  }

  /** The state as it is now, where it differs from what the log holds. */
  async records(): Promise<NewRecord[]> {
    const { state, fold } = this.#options;
    const patch = Object.fromEntries(
      Object.entries(state?.() ?? {}).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(fold().state[key]),
      ),
    );
    const more = await Promise.all(this.#slow.map((capture) => this.#tried(capture)));
    return [...(Object.keys(patch).length > 0 ? [{ type: 'state' as const, patch }] : []), ...more.flat()];
  }

  /** The same; but a session in which nothing was said leaves no file. */
  async recordsIfBegun(): Promise<NewRecord[]> {
    return this.#options.fold().counts.records > 0 ? this.records() : [];
  }

  /** Resolves when none runs any more, and none will. */
  async stop(): Promise<void> {
    clearInterval(this.#timer ?? undefined);
    clearTimeout(this.#settleTimer ?? undefined);
    this.#timer = null;
    await this.#running;
  }

  /** Whoever asks while one runs gets that one. */
  #run(): void {
    this.#running ??= this.#once().finally(() => (this.#running = null));
  }

  async #once(): Promise<void> {
    const { append, captured, failed } = this.#options;
    const startMs = performance.now();
    try {
      const records = await this.recordsIfBegun();
      if (records.length > 0) await append(records);
      captured();
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      failed(error);
    }
    this.#lastMs = performance.now() - startMs;
  }

  /** What cannot be looked at now keeps its last known state; the rest is written. */
  async #tried(capture: () => Promise<NewRecord[]>): Promise<NewRecord[]> {
    try {
      return await capture();
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#options.failed(error);
      return [];
    }
  }
}
