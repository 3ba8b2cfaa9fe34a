// How much memory and time the operations of this process took: for `stats`, for ROO_DEBUG, and to know when caches
// should shrink.

export interface OperationFigures {
  count: number;
  /** Highest resident memory of the process seen at the end of the operation, in bytes. */
  peakRssBytes: number;
  durationMs: number;
}

export class OperationMeter {
  readonly #figures = new Map<string, OperationFigures>();
  readonly #limitBytes: number;
  readonly #onHigh: (rssBytes: number) => Promise<void>;

  /** `onHigh` is called, and waited for, after an operation that ended with more resident memory than the limit. */
  constructor(limitBytes: number, onHigh: (rssBytes: number) => Promise<void>) {
    this.#limitBytes = limitBytes;
    this.#onHigh = onHigh;
  }

  async measure<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      const rssBytes = process.memoryUsage.rss();
      const figures = this.#figures.get(operation) ?? { count: 0, peakRssBytes: 0, durationMs: 0 };
      figures.count++;
      figures.durationMs += performance.now() - startMs;
      figures.peakRssBytes = Math.max(figures.peakRssBytes, rssBytes);
      this.#figures.set(operation, figures);
      if (rssBytes > this.#limitBytes) await this.#onHigh(rssBytes);
    }
  }

  figures(): Record<string, OperationFigures> {
    return Object.fromEntries(this.#figures);
  }
}
