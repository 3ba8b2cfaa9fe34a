// How long a model is waited for.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRetryAfter, sleepUnlessAborted, waitBeforeRetry } from '../../src/agent/retry.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');

describe('readRetryAfter', () => {
  const cases: [headers: Record<string, string>, waitMs: number | null][] = [
    [{}, null],
    [{ 'retry-after': '' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '-1' }, 0],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:04:15 GMT' }, 10_000],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:04:00 GMT' }, 0],
    [{ 'retry-after-ms': '120', 'retry-after': '3' }, 120],
  ];
  for (const [headers, waitMs] of cases) {
    it(`reads ${JSON.stringify(headers)} as ${waitMs} ms`, () => assert.equal(readRetryAfter(headers, NOW_MS), waitMs));
  }
});

describe('waitBeforeRetry', () => {
  it('doubles from half a second up to half a minute', () => {
    const waits = [0, 1, 2, 3, 10].map((retry) => waitBeforeRetry(retry, null));
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 30_000]);
  });

  it('does as the provider asks, does not hurry on a wish of 0, and gives up beyond two minutes', () => {
    assert.deepEqual(
      [7000, 0, 120_000, 120_001].map((ms) => waitBeforeRetry(1, ms)),
      [7000, 1000, 120_000, null],
    );
  });
});

describe('sleepUnlessAborted', () => {
  it('ends at once when the user aborts, also before it began', async () => {
    const user = new AbortController();
    const sleeping = sleepUnlessAborted(1_000_000, user.signal);
    user.abort();
    await sleeping;
    await sleepUnlessAborted(1_000_000, user.signal);
  });
});
