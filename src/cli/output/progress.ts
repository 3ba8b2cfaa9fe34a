// One line on a terminal that says how far long work has come. Elsewhere it stays silent: logs need no animation.

import { safeLine } from '../../core/safe-text.ts';
import type { OutputStream } from './stream-writer.ts';
import { amount } from './units.ts';

const INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001b[2K';

export interface Progress {
  /** `total` 0 where it is not known. */
  step(done: number, total: number): void;
  /** Takes the line away. */
  end(): void;
}

export const silentProgress: Progress = { step: () => {}, end: () => {} };

export function terminalProgress(label: string, stream: OutputStream, nowMs: () => number): Progress {
  const begunMs = nowMs();
  let shownMs = begunMs;
  let visible = false;
  return {
    step(done, total) {
      // Nothing is shown for work that is over before anybody would ask.
      if (nowMs() - shownMs < INTERVAL_MS) return;
      shownMs = nowMs();
      visible = true;
      const part =
        total > 0 ? `${amount(done)} of ${amount(total)} (${Math.floor((done / total) * 100)} %)` : amount(done);
      stream.write(`${ERASE_LINE}${safeLine(label)}: ${part}`);
    },
    end() {
      if (visible) stream.write(ERASE_LINE);
      visible = false;
    },
  };
}
