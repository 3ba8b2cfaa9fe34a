// The keys of a terminal, shared by whoever listens: the prompt, a picker, a question, a turn that may be interrupted.
// One owner, because what is typed while something runs belongs to the next prompt and must be lost to nobody.

import { emitKeypressEvents } from 'node:readline';
import type { Interface } from 'node:readline';
import { isReaderGone, write } from '../../output/stream-writer.ts';
import type { System } from '../context.ts';

export interface Key {
  /** What it types; '' for keys that only do something. A whole text, of any number of lines, for a paste. */
  text: string;
  /** As node:readline calls it: `return`, `up`, `c`; `paste` for a paste. */
  name: string;
  ctrl: boolean;
  meta: boolean;
}

export interface KeyListener {
  /** False where the key is for somebody else. */
  key(key: Key): boolean;
  /** The terminal is ours again after a stop or with another size: what was painted may be gone. */
  repaint?(): void;
  /** No more keys will come. */
  ended?(): void;
}

type TerminalInput = System['stdin'] & { setRawMode?(isRaw: boolean): unknown };

/** Brackets let a paste be told from typing: https://invisible-island.net/xterm/xterm-paste64.html */
const BRACKETS_ON = '\u001b[?2004h';
const BRACKETS_OFF = '\u001b[?2004l';
/** How long a lone Esc waits for the rest of a sequence. The pieces of one arrive together, also over a network. */
const ESCAPE_MS = 100;
/** A stop that the system refuses, because nobody could continue us, is over after this. */
const STOP_REFUSED_MS = 100;
/** How long the rest of a word may take that was begun with one key. */
const PASS_OVER_MS = 600;

const keyboards = new WeakMap<object, Keyboard>();

/** Null where nobody types at a terminal. */
export function keyboardOf(system: System): Keyboard | null {
  if (system.stdin.isTTY !== true || system.stdout.isTTY !== true) return null;
  const known = keyboards.get(system.stdin) ?? new Keyboard(system);
  keyboards.set(system.stdin, known);
  return known;
}

export class Keyboard {
  readonly #input: TerminalInput;
  readonly #system: System;
  readonly #listeners: { listener: KeyListener; takesTyped: boolean }[] = [];
  /** What was typed and nobody took. */
  #typed: Key[] = [];
  #paste: string | null = null;
  #passed: { letters: string; untilMs: number } | null = null;
  #hasEnded = false;
  #isHearing = false;
  /** When the last key came that nobody took; -Infinity before the first. */
  lastKeptAtMs = -Infinity;

  constructor(system: System) {
    this.#system = system;
    this.#input = system.stdin;
  }

  /** Gets every key, those typed before first. The answer ends it. */
  read(listener: KeyListener): () => void {
    const release = this.#listen(listener, true);
    queueMicrotask(() => this.#pump());
    return release;
  }

  /** Gets keys as they are typed from now on; those it leaves are kept for the next reader. The answer ends it. */
  watch(listener: KeyListener): () => void {
    return this.#listen(listener, false);
  }

  /** Stops the whole job, as Ctrl-Z does where the terminal handles it; comes back when it is continued. */
  suspend(): void {
    if (process.platform === 'win32') return;
    this.#leaveRaw();
    let isBack = false;
    const comeBack = (): void => {
      if (isBack) return;
      isBack = true;
      process.off('SIGCONT', comeBack);
      if (this.#listeners.length === 0) return;
      this.#enterRaw();
      this.#listeners.at(-1)?.listener.repaint?.();
    };
    process.on('SIGCONT', comeBack);
    process.kill(0, 'SIGTSTP');
    setTimeout(comeBack, STOP_REFUSED_MS);
  }

  #listen(listener: KeyListener, takesTyped: boolean): () => void {
    const entry = { listener, takesTyped };
    this.#listeners.push(entry);
    if (this.#hasEnded) queueMicrotask(() => listener.ended?.());
    else if (this.#listeners.length === 1) this.#start();
    return () => {
      const place = this.#listeners.indexOf(entry);
      if (place === -1) return;
      this.#listeners.splice(place, 1);
      if (this.#listeners.length === 0) this.#stop();
    };
  }

  #start(): void {
    if (!this.#isHearing) {
      this.#isHearing = true;
      // The one field that is read of the second argument.
      emitKeypressEvents(this.#input, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
      this.#input.on('keypress', this.#onKeypress).on('end', this.#onEnd).on('error', this.#onError);
    }
    process.on('SIGCONT', this.#onContinued).on('SIGWINCH', this.#onResized).on('exit', this.#leaveRaw);
    this.#enterRaw();
    this.#input.resume();
  }

  #stop(): void {
    process.off('SIGCONT', this.#onContinued).off('SIGWINCH', this.#onResized).off('exit', this.#leaveRaw);
    this.#input.pause();
    this.#leaveRaw();
    // Not before the keys that came at once with the last one are here. After that, others may read.
    queueMicrotask(() => {
      if (this.#listeners.length > 0 || !this.#isHearing) return;
      this.#isHearing = false;
      this.#input.off('keypress', this.#onKeypress).off('end', this.#onEnd).off('error', this.#onError);
    });
  }

  #enterRaw(): void {
    this.#input.setRawMode?.(true);
    this.#say(BRACKETS_ON);
  }

  readonly #leaveRaw = (): void => {
    this.#say(BRACKETS_OFF);
    if (!this.#hasEnded) this.#input.setRawMode?.(false);
  };

  #say(sequence: string): void {
    write(this.#system.stdout, sequence).catch((error: unknown) => {
      if (!isReaderGone(error) && !this.#hasEnded) throw error;
    });
  }

  readonly #onKeypress = (text: string | undefined, key: Partial<Key> & { sequence?: string }): void => {
    const { name = '', ctrl = false, meta = false } = key;
    if (name === 'paste-start') this.#paste = '';
    else if (name === 'paste-end') {
      const paste = this.#paste;
      this.#paste = null;
      if (paste !== null) this.#take({ text: paste, name: 'paste', ctrl: false, meta: false });
    } else if (this.#paste !== null) this.#paste += key.sequence ?? text ?? '';
    else this.#take({ text: text ?? '', name, ctrl, meta });
  };

  /** Takes these letters, and Enter behind them, if they come at once; anything else is as ever. */
  passOver(letters: string): void {
    this.#passed = { letters, untilMs: this.#system.nowMs() + PASS_OVER_MS };
  }

  #isPassedOver({ text, name }: Key): boolean {
    const passed = this.#passed;
    this.#passed = null;
    if (passed === null || this.#system.nowMs() > passed.untilMs) return false;
    if (name === 'return' || name === 'enter') return true;
    if (text === '' || !passed.letters.startsWith(text)) return false;
    this.#passed = { ...passed, letters: passed.letters.slice(text.length) };
    return true;
  }

  #take(key: Key): void {
    if (this.#isPassedOver(key)) return;
    if (this.#listeners.at(-1)?.takesTyped) {
      this.#typed.push(key);
      this.#pump();
      return;
    }
    for (const { listener } of this.#listeners.toReversed()) if (listener.key(key)) return;
    this.#typed.push(key);
    this.lastKeptAtMs = this.#system.nowMs();
  }

  #pump(): void {
    while (this.#typed.length > 0 && this.#listeners.at(-1)?.takesTyped) {
      const [key, ...rest] = this.#typed;
      this.#typed = rest;
      this.#listeners.at(-1)!.listener.key(key!);
    }
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    for (const { listener } of this.#listeners.toReversed()) listener.ended?.();
  };

  /** A terminal that is gone fails its reads (EIO). */
  readonly #onError = (): void => this.#onEnd();

  /** Whoever had the terminal meanwhile set its modes; set again only if it is told that they are not set. */
  readonly #onContinued = (): void => {
    this.#input.setRawMode?.(false);
    this.#enterRaw();
    this.#listeners.at(-1)?.listener.repaint?.();
  };

  readonly #onResized = (): void => this.#listeners.at(-1)?.listener.repaint?.();
}
