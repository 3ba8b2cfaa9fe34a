// Paints an input over its former self. Only moves that every terminal knows: up, right, clear to the end.

import type { OutputStream } from '../../output/stream-writer.ts';
import type { InputLayout } from './input-layout.ts';

const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

export class InputScreen {
  readonly #out: OutputStream;
  /** Widths of the rows from the first down to that of the cursor, of which the cursor's ends at the cursor. */
  #above: number[] = [];

  constructor(out: OutputStream) {
    this.#out = out;
  }

  /** `below` is shown under the input; neither may hold anything but what is to be seen, and its colours. */
  paint(
    { rows, cursorRow, cursorColumn }: InputLayout,
    below: readonly string[],
    { columns, width }: ScreenMeasure,
  ): void {
    const lines = [...rows, ...below];
    const up = lines.length - 1 - cursorRow;
    this.#out.write(`${this.#toTop(columns)}${lines.join('\r\n')}\r${move(up, 'A')}${move(cursorColumn, 'C')}`);
    this.#above = [...rows.slice(0, cursorRow).map(width), cursorColumn];
  }

  /** Leaves the input as it is to be read later, and goes on below it. */
  finish(rows: readonly string[], columns: number): void {
    this.#out.write(`${this.#toTop(columns)}${rows.join('\r\n')}\r\n`);
    this.forget();
  }

  clear(): void {
    this.#out.write(HOME_AND_CLEAR);
    this.forget();
  }

  /** The cursor stands on a line of its own, wherever that is. */
  forget(): void {
    this.#above = [];
  }

  /** A window that became narrower has wrapped the rows, and the cursor went along. */
  #toTop(columns: number): string {
    const up = this.#above.reduce((sum, width, i) => {
      const isCursors = i === this.#above.length - 1;
      return sum + (isCursors ? Math.floor(width / columns) : Math.max(1, Math.ceil(width / columns)));
    }, 0);
    return `\r${move(up, 'A')}\u001b[J`;
  }
}

interface ScreenMeasure {
  columns: number;
  width(text: string): number;
}

function move(many: number, direction: 'A' | 'C'): string {
  return many > 0 ? `\u001b[${many}${direction}` : '';
}
