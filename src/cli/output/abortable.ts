// Lets a reader be interrupted between two items, even while it waits for the next one.

import { SessionError } from '../../core/errors.ts';

/** The same items until the signal comes; then throws INTERRUPTED where the next item was awaited. */
export async function* abortable<T>(items: Iterable<T> | AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await orInterrupted(iterator.next(), signal);
      finished = done === true;
      if (finished) return;
      yield value as T;
    }
  } finally {
    // Not awaited after an interruption: the iterator may be the very thing that hangs.
    const returned = finished ? undefined : iterator.return?.();
    if (!signal.aborted) await returned;
  }
}

/** The work's result, or INTERRUPTED as soon as the signal comes. */
export async function orInterrupted<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  if (!(work instanceof Promise)) {
    if (signal.aborted) throw interrupted();
    return work;
  }
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted());
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function interrupted(): SessionError {
  return new SessionError('INTERRUPTED', 'interrupted', { op: 'run' });
}
