// The prompt on a terminal: editing and history, inputs of many lines, pastes that are never run line by line,
// completion and search. The terminal is in its ordinary mode whenever nothing is asked, so that programs can use it.

import { asciiWidth, textWidthFor } from '../../output/text-width.ts';
import type { TextWidth } from '../../output/text-width.ts';
import type { System } from '../context.ts';
import { completeInput } from './complete-input.ts';
import type { Complete } from './complete-input.ts';
import { HeldTexts } from './held-texts.ts';
import { findInHistory, HistoryWalk } from './input-history.ts';
import type { HistorySearch } from './input-history.ts';
import { layoutInput } from './input-layout.ts';
import { InputScreen } from './input-screen.ts';
import type { Key, Keyboard } from './keyboard.ts';
import { LineEngine } from './line-engine.ts';
import { screenSize } from './screen-size.ts';

/** Rows for what is shown under the input. */
const BELOW_MAX = 8;
/** Control characters that no key is bound to must not get into the text unseen. */
const CONTROL = /^[\u0000-\u001f\u007f]$/;

export class LineEditor {
  readonly #system: System;
  readonly #keyboard: Keyboard;
  readonly #complete: Complete | null;
  readonly #held = new HeldTexts();
  /** Newest first, as stand-ins where they are long. */
  #history: string[];
  readonly #screen: InputScreen;
  #width: TextWidth = asciiWidth;
  #asked: Asked | null = null;

  constructor(system: System, keyboard: Keyboard, complete: Complete | null, history: readonly string[]) {
    this.#system = system;
    this.#keyboard = keyboard;
    this.#complete = complete;
    this.#history = history.map((text) => this.#held.shorten(text));
    this.#screen = new InputScreen(system.stdout);
  }

  /** Null at the end: Ctrl-D on an empty input, a closed terminal, `close`. */
  ask(prompt: string): Promise<string | null> {
    return new Promise((resolve) => {
      const engine = new LineEngine();
      this.#screen.forget();
      const release = this.#keyboard.read({
        key: (key) => {
          this.#press(key);
          return true;
        },
        repaint: () => this.#paint(),
        ended: () => this.close(),
      });
      const end = (text: string | null): void => {
        this.#asked = null;
        release();
        engine.close();
        resolve(text);
      };
      this.#asked = { prompt, engine, walk: new HistoryWalk(this.#history), search: null, below: [], end };
      this.#paint();
    });
  }

  close(): void {
    this.#finish('');
    this.#asked?.end(null);
  }

  #press(key: Key): void {
    const asked = this.#asked!;
    asked.below = [];
    if (asked.search !== null && this.#pressInSearch(asked, asked.search, key)) return;
    const { engine } = asked;
    if (key.name === 'paste') engine.insert(this.#held.shorten(key.text.replace(/\r?\n$|\r$/, '')));
    else if (key.name === 'return' || key.name === 'enter') return this.#enter(asked, key);
    else if (key.ctrl && key.name === 'c') {
      this.#finish('^C');
      engine.set('');
    } else if (key.ctrl && key.name === 'd' && engine.text === '') return this.close();
    else if (key.ctrl && key.name === 'z') this.#keyboard.suspend();
    else if (key.ctrl && key.name === 'l') this.#screen.clear();
    else if (key.ctrl && key.name === 'r') asked.search = { words: '', skip: 0, before: engine.text };
    else if (key.name === 'tab') return this.#tab(asked);
    else if (key.name === 'up' || (key.ctrl && key.name === 'p')) this.#move(asked, -1);
    else if (key.name === 'down' || (key.ctrl && key.name === 'n')) this.#move(asked, 1);
    else if (key.name === 'home' || (key.ctrl && key.name === 'a')) engine.moveToEdge('start');
    else if (key.name === 'end' || (key.ctrl && key.name === 'e')) engine.moveToEdge('end');
    else if (key.name !== '' || !CONTROL.test(key.text)) engine.press(key);
    this.#paint();
  }

  /** Up or down within the input, and from its first or last line to another input. */
  #move({ engine, walk }: Asked, direction: -1 | 1): void {
    if (engine.moveLine(direction)) return;
    const text = walk.step(direction, engine.text);
    if (text !== null) engine.set(text);
  }

  #enter({ engine, end }: Asked, key: Key): void {
    const { text, cursor } = engine;
    if (key.meta) engine.insert('\n');
    else if (cursor === text.length && text.endsWith('\\')) engine.insert('\n', cursor - 1);
    else {
      this.#finish('');
      if (text.trim() !== '') this.#history = [text, ...this.#history.filter((earlier) => earlier !== text)];
      end(this.#held.restore(text));
      return;
    }
    this.#paint();
  }

  /** False where the key ends the search and does what it always does. */
  #pressInSearch(asked: Asked, search: HistorySearch, key: Key): boolean {
    if (key.ctrl && key.name === 'r') search.skip++;
    else if (key.name === 'backspace') asked.search = { ...search, words: search.words.slice(0, -1), skip: 0 };
    else if (key.text !== '' && !key.ctrl && !key.meta && !CONTROL.test(key.text) && key.name !== 'paste')
      asked.search = { ...search, words: search.words + key.text, skip: 0 };
    else {
      asked.search = null;
      const isLeft = key.name === 'escape' || (key.ctrl && (key.name === 'g' || key.name === 'c'));
      if (!isLeft) return false;
      asked.engine.set(search.before);
      this.#paint();
      return true;
    }
    const found = findInHistory(this.#history, asked.search!);
    if (found !== null) asked.engine.set(found);
    this.#paint();
    return true;
  }

  #tab(asked: Asked): void {
    if (this.#complete === null) return;
    const { text, cursor } = asked.engine;
    this.#complete(text.slice(0, cursor)).then(
      (completion) => {
        // What was typed meanwhile made the question another one.
        if (this.#asked !== asked || asked.engine.text !== text || asked.engine.cursor !== cursor) return;
        const { replacement, choices } = completeInput(text.slice(0, cursor), completion);
        if (replacement !== null) asked.engine.insert(replacement, completion.start);
        asked.below = choices.slice(0, BELOW_MAX);
        if (choices.length > BELOW_MAX) asked.below.push(`… ${choices.length - BELOW_MAX} more`);
        this.#paint();
      },
      (error: unknown) => {
        if (this.#asked !== asked) return;
        asked.below = [`nothing to propose: ${(error as Error).message}`];
        this.#paint();
      },
    );
  }

  #paint(): void {
    if (this.#asked === null) return;
    const { prompt, engine, search, below } = this.#asked;
    this.#measure(engine.text + below.join(''));
    const { columns, rows } = screenSize(this.#system);
    const shown = search === null ? below : [`search: ${search.words}`];
    const lines = shown.slice(0, Math.max(0, rows - 2)).map((line) => this.#width.truncate(line, columns - 1));
    const { text, cursor } = engine;
    const rowsMax = Math.max(1, rows - 1 - lines.length);
    const view = { prompt, text, cursor, columns, rowsMax, width: this.#width.width };
    this.#screen.paint(layoutInput(view), lines, view);
  }

  /** The input as it stays on the screen, whole, with something behind it. */
  #finish(behind: string): void {
    if (this.#asked === null) return;
    const { prompt, engine } = this.#asked;
    const { columns } = screenSize(this.#system);
    const view = { prompt, text: engine.text + behind, cursor: 0, columns, rowsMax: Infinity };
    this.#screen.finish(layoutInput({ ...view, width: this.#width.width }).rows, columns);
  }

  /** Wide characters are counted as soon as the first one is there and its table is loaded. */
  #measure(text: string): void {
    if (this.#width !== asciiWidth || !/[^\x00-\x7f]/.test(text)) return;
    void textWidthFor([text]).then((width) => {
      const isNew = this.#width === asciiWidth;
      this.#width = width;
      if (isNew) this.#paint();
    });
  }
}

interface Asked {
  prompt: string;
  engine: LineEngine;
  walk: HistoryWalk;
  search: HistorySearch | null;
  below: string[];
  end(text: string | null): void;
}
