// Paints an input over its former self. Only moves that every terminal knows: up, right, clear to the end.

import type { OutputStream } from '../../output/stream-writer.ts';
import type { InputLayout } from './input-layout.ts';

const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

export class InputScreen {
  readonly #out: OutputStream;
  #cursorRow = 0;

  constructor(out: OutputStream) {
    this.#out = out;
  }

  /** `below` is shown under the input; neither may hold anything but what is to be seen, and its colours. */
  paint({ rows, cursorRow, cursorColumn }: InputLayout, below: readonly string[] = []): void {
    const lines = [...rows, ...below];
    const up = lines.length - 1 - cursorRow;
    this.#out.write(`${this.#toTop()}${lines.join('\r\n')}\r${move(up, 'A')}${move(cursorColumn, 'C')}`);
    this.#cursorRow = cursorRow;
  }

  /** Leaves the input as it is to be read later, and goes on below it. */
  finish(rows: readonly string[]): void {
    this.#out.write(`${this.#toTop()}${rows.join('\r\n')}\r\n`);
    this.#cursorRow = 0;
  }

  clear(): void {
    this.#out.write(HOME_AND_CLEAR);
    this.#cursorRow = 0;
  }

  /** The cursor stands on a line of its own, wherever that is. */
  forget(): void {
    this.#cursorRow = 0;
  }

  #toTop(): string {
    return `\r${move(this.#cursorRow, 'A')}\u001b[J`;
  }
}

function move(many: number, direction: 'A' | 'C'): string {
  return many > 0 ? `\u001b[${many}${direction}` : '';
}
