// Time and randomness as values that are handed in, so that every decision can be repeated in a test.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** A new UUIDv7: record ids, which sort by time. */
  recordId(): string;
  /** A new UUIDv4: session ids and generations, whose short prefixes tell them apart. */
  sessionId(): string;
}

/** ISO 8601 with milliseconds, UTC: the form of every time on disk and in `--format json`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds of a time as it stands in a log; 0, the earliest, where it is none, as others may write it. */
export function timeMsOf(at: string): number {
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? 0 : ms;
}
