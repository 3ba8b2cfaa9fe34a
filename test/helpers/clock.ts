// A clock that ticks a second at a time and ids that count up: the same calls give the same log, byte for byte.

import type { Clock } from '../../src/core/clock.ts';

export interface TestClock extends Clock {
  /** Moves the time on, or back. */
  advance(ms: number): void;
}

/** Clocks of different numbers never give the same id. */
export function testClock(number = 0, startMs: number = Date.UTC(2026, 0, 1)): TestClock {
  const mark = number.toString(16).padStart(8, '0');
  let nowMs = startMs;
  let ids = 0;
  const nextId = (version: string): string =>
    `${mark}-0000-${version}00-8000-${(++ids).toString(16).padStart(12, '0')}`;
  return {
    now: () => (nowMs += 1000),
    recordId: () => nextId('70'),
    sessionId: () => nextId('40'),
    advance(ms) {
      nowMs += ms;
    },
  };
}
