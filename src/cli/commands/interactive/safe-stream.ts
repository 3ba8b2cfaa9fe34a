// core/safe-text.ts for text that comes in pieces: the same answer wherever it was cut.

import { safeText } from '../../../core/safe-text.ts';

/** What means something else with the piece behind it: half of a line end, half of a character. */
const UNDECIDED = /[\r\ud800-\udbff]$/;

export class SafeStream {
  #held = '';

  /** What can be shown by now. */
  push(piece: string): string {
    const text = this.#held + piece;
    this.#held = UNDECIDED.exec(text)?.[0] ?? '';
    return safeText(this.#held === '' ? text : text.slice(0, -1));
  }

  /** What was held back, now that nothing follows. The stream may be used again. */
  end(): string {
    const last = safeText(this.#held);
    this.#held = '';
    return last;
  }
}
