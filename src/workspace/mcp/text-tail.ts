// The last of what a server wrote to its standard error: the only place where most of them say what is wrong. Bounded,
// because some of them never stop.

import { safeLine } from '../../core/safe-text.ts';

const TAIL_CHARACTERS_MAX = 4096;
const LINES_SHOWN = 3;
const SHOWN_CHARACTERS_MAX = 400;

export class TextTail {
  #text = '';
  readonly #decoder = new TextDecoder();

  take(bytes: Buffer): void {
    this.#text = (this.#text + this.#decoder.decode(bytes, { stream: true })).slice(-TAIL_CHARACTERS_MAX);
  }

  /** The last lines as one, safe to print; empty when nothing came. `mask` sees them before they are cut. */
  shown(mask: (text: string) => string): string {
    const lines = mask(this.#text)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const text = safeLine(lines.slice(-LINES_SHOWN).join(' / '));
    return text.length > SHOWN_CHARACTERS_MAX ? `…${text.slice(-SHOWN_CHARACTERS_MAX)}` : text;
  }
}
