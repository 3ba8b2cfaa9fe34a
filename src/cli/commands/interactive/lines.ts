// Where lines come from: a terminal with editing and history, or a pipe that is read line by line the same way.

import { createInterface } from 'node:readline';
import type { System } from '../context.ts';
import type { Complete } from './complete-input.ts';
import { keyboardOf } from './keyboard.ts';
import { LineEditor } from './line-editor.ts';

export interface Lines {
  isTerminal: boolean;
  /** The next input, continued lines joined; null at the end (Ctrl-D). Ctrl-C at the prompt drops what was typed. */
  next(prompt: string): Promise<string | null>;
  close(): void;
}

/** A line that ends in a backslash goes on in the next one. */
const CONTINUED = /\\$/;

export interface LinesOptions {
  /** What Tab proposes on a terminal. */
  complete?: Complete;
  /** Earlier inputs, newest first. */
  history?: readonly string[];
}

export function openLines(system: System, { complete, history = [] }: LinesOptions = {}): Lines {
  const keyboard = keyboardOf(system);
  if (keyboard === null) return pipedLines(system);
  return terminalLines(new LineEditor(system, keyboard, complete ?? null, history));
}

function terminalLines(editor: LineEditor): Lines {
  return { isTerminal: true, next: (prompt) => editor.ask(prompt), close: () => editor.close() };
}

function pipedLines(system: System): Lines {
  const reader = createInterface({ input: system.stdin, terminal: false, crlfDelay: Infinity });
  const lines = reader[Symbol.asyncIterator]();
  const read = async (): Promise<string | null> => {
    const { value, done } = await lines.next();
    return done ? null : (value as string);
  };
  return { isTerminal: false, next: () => joined(read), close: () => reader.close() };
}

async function joined(read: (isFirst: boolean) => Promise<string | null>): Promise<string | null> {
  let text = await read(true);
  while (text !== null && CONTINUED.test(text)) {
    const more = await read(false);
    text = `${text.slice(0, -1)}\n${more ?? ''}`;
    if (more === null) break;
  }
  return text;
}
