// Where lines come from: a terminal with editing and history, or a pipe that is read line by line the same way.

import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { write } from '../../output/stream-writer.ts';
import type { System } from '../context.ts';

export interface Lines {
  isTerminal: boolean;
  /** The next line, continued ones joined; null at the end (Ctrl-D). Ctrl-C at the prompt drops what was typed. */
  next(prompt: string): Promise<string | null>;
  close(): void;
}

/** A line that ends in a backslash goes on in the next one. */
const CONTINUED = /\\$/;

export function openLines(system: System): Lines {
  return system.stdin.isTTY === true && system.stdout.isTTY === true ? terminalLines(system) : pipedLines(system);
}

function terminalLines(system: System): Lines {
  const history: string[] = [];
  let reader: Interface | null = null;
  let cancel: (() => void) | null = null;

  // A reader for each line: between lines the terminal is in its ordinary mode, so that programs can use it.
  const ask = (prompt: string): Promise<string | null> =>
    new Promise((resolve) => {
      const asked = createInterface({
        input: system.stdin,
        output: system.stdout as unknown as NodeJS.WritableStream,
        terminal: true,
        history: [...history],
        historySize: 1000,
        removeHistoryDuplicates: true,
      });
      reader = asked;
      let isDone = false;
      const done = (line: string | null): void => {
        if (isDone) return;
        isDone = true;
        cancel = null;
        reader = null;
        asked.close();
        resolve(line);
      };
      cancel = () => done(null);
      asked.on('line', done);
      asked.on('close', () => done(null));
      asked.on('SIGINT', () => {
        system.stdout.write('^C\n');
        asked.write(null, { ctrl: true, name: 'u' });
        asked.prompt();
      });
      asked.setPrompt(prompt);
      asked.prompt();
    });

  return {
    isTerminal: true,
    async next(prompt) {
      const line = await joined((first) => ask(first ? prompt : '...> '));
      if (line === null) await write(system.stdout, '\n');
      else if (line.trim() !== '') history.unshift(line);
      return line;
    },
    close() {
      cancel?.();
      reader?.close();
    },
  };
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
