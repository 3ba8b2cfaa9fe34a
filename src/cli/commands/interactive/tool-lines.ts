// A tool's output on the screen: its first lines as they come, its last ones at the end, and how much lies between.
// Memory stays bounded, however long the output or one of its lines is; the log has it all.

import { amount } from '../../output/units.ts';
import { SafeStream } from './safe-stream.ts';

const HEAD_LINES = 5;
const TAIL_LINES = 3;

export class ToolLines {
  readonly #decoder = new TextDecoder();
  readonly #safe = new SafeStream();
  readonly #charactersMax: number;
  /** How the rest can be seen. */
  readonly #seeAll: string;
  #line = '';
  #isCut = false;
  #count = 0;
  #tail: string[] = [];

  constructor(charactersMax: number, seeAll: string) {
    this.#charactersMax = charactersMax;
    this.#seeAll = seeAll;
  }

  /** Lines to show now. */
  push(piece: string | Uint8Array): string[] {
    return this.#take(
      this.#safe.push(typeof piece === 'string' ? piece : this.#decoder.decode(piece, { stream: true })),
    );
  }

  /** The lines that are left to show. */
  end(): string[] {
    const shown = this.#take(this.#safe.push(this.#decoder.decode()) + this.#safe.end());
    if (this.#line !== '') shown.push(...this.#endLine());
    const hidden = this.#count - HEAD_LINES - this.#tail.length;
    if (hidden > 0) shown.push(`… ${amount(hidden)} more ${hidden === 1 ? 'line' : 'lines'}; ${this.#seeAll}`);
    shown.push(...this.#tail);
    if (hidden <= 0 && this.#isCut) shown.push(`… long lines are cut; ${this.#seeAll}`);
    return shown;
  }

  #take(text: string): string[] {
    const [first = '', ...rest] = text.split('\n');
    const shown: string[] = [];
    this.#grow(first);
    for (const part of rest) {
      shown.push(...this.#endLine());
      this.#grow(part);
    }
    return shown;
  }

  #grow(text: string): void {
    const room = this.#charactersMax - this.#line.length;
    if (text.length > room) this.#isCut = true;
    this.#line += text.slice(0, Math.max(0, room)).replaceAll('\t', '    ');
  }

  #endLine(): string[] {
    const line = this.#line.isWellFormed() ? this.#line : this.#line.slice(0, -1);
    this.#line = '';
    this.#count++;
    if (this.#count <= HEAD_LINES) return [line];
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    return [];
  }
}
