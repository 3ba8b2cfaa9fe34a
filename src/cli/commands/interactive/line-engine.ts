// The editing of one input: node:readline moves the cursor, cuts and undoes, while what it would print goes nowhere. It
// can print neither many lines nor foreign characters safely (input-layout.ts can), and its history forgets a draft.

import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import type { Key } from './keyboard.ts';

/** The fields are ours to set: @types has them read-only. */
type Editing = { -readonly [Field in 'line' | 'cursor']: Interface[Field] };

export class LineEngine {
  readonly #reader: Interface;

  constructor() {
    this.#reader = createInterface({
      input: new PassThrough(),
      output: new Writable({ write: (_chunk, _encoding, done) => done() }),
      terminal: true,
      historySize: 0,
    });
  }

  get text(): string {
    return this.#reader.line;
  }

  get cursor(): number {
    return this.#reader.cursor;
  }

  /** A key that edits or moves. Those that end an input are not for the engine. */
  press(key: Key): void {
    if (key.text === '' || key.ctrl || key.meta || key.name !== '') this.#reader.write(key.text || null!, { ...key });
    else this.insert(key.text);
  }

  /** Replaces from `start` up to the cursor. */
  insert(text: string, start: number = this.cursor): void {
    const { text: before, cursor } = this;
    this.set(before.slice(0, start) + text + before.slice(cursor), start + text.length);
  }

  set(text: string, cursor: number = text.length): void {
    const editing = this.#reader as Editing;
    editing.line = text;
    editing.cursor = cursor;
  }

  /** One line up or down within an input of several; false where there is none in that direction. */
  moveLine(direction: -1 | 1): boolean {
    const { text, cursor } = this;
    const lines = text.split('\n');
    const row = text.slice(0, cursor).split('\n').length - 1;
    const target = row + direction;
    if (target < 0 || target >= lines.length) return false;
    const start = (of: number): number => lines.slice(0, of).reduce((sum, line) => sum + line.length + 1, 0);
    const column = cursor - start(row);
    this.set(text, start(target) + Math.min(column, lines[target]!.length));
    return true;
  }

  /** To the beginning or the end of the line that the cursor is in. */
  moveToEdge(edge: 'start' | 'end'): void {
    const { text, cursor } = this;
    const end = text.indexOf('\n', cursor);
    if (edge === 'end') this.set(text, end === -1 ? text.length : end);
    else this.set(text, text.slice(0, cursor).lastIndexOf('\n') + 1);
  }

  close(): void {
    this.#reader.close();
  }
}
