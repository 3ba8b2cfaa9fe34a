// How long to wait before a model is asked once more.

const FIRST_WAIT_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** Who asks for more (a daily limit is used up) is not waited for: the person decides. */
const RETRY_AFTER_MAX_MS = 120_000;

/**
 * Null where the provider asks for more patience than a turn has. `retry` counts from 0; `retryAfterMs` is what the
 * provider asked for, null without a wish.
 */
export function waitBeforeRetry(retry: number, retryAfterMs: number | null): number | null {
  if (retryAfterMs !== null && retryAfterMs > RETRY_AFTER_MAX_MS) return null;
  return retryAfterMs || Math.min(FIRST_WAIT_MS * 2 ** retry, BACKOFF_MAX_MS);
}

/** From `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110, 10.2.3). Null where neither is there. */
export function readRetryAfter(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const inMs = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(inMs)) return Math.max(0, inMs);
  const text = headers['retry-after']?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, Math.round(seconds * 1000));
  const untilMs = Date.parse(text);
  return Number.isNaN(untilMs) ? null : Math.max(0, untilMs - nowMs);
}

/** Resolves after the time, or as soon as the signal is aborted; never rejects. */
export function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    if (signal.aborted) wake();
    else signal.addEventListener('abort', wake);
  });
}
