// Asks for a passphrase at the terminal without showing it: not even how long it is. Asked on stderr, so that the answer
// of the command can be redirected; from the terminal itself, so that input can be too.

import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { SessionError } from '../../core/errors.ts';
import { safeLine } from '../../core/safe-text.ts';
import { keyboardOf } from './interactive/keyboard.ts';
import type { Keyboard } from './interactive/keyboard.ts';
import type { System } from './context.ts';

const TERMINAL = '/dev/tty';

/** Null where nobody sits at a terminal, and for Ctrl-D. Throws INTERRUPTED for Ctrl-C. */
export async function askPassphrase(system: System, question: string): Promise<string | null> {
  const { stdin, stderr } = system;
  if (stderr.isTTY !== true) return null;
  if (stdin.isTTY === true) return ask(system, keyboardOf({ ...system, stdin, stdout: stderr })!, question);
  const terminal = openTerminal();
  if (terminal === null) return null;
  try {
    return await ask(system, keyboardOf({ ...system, stdin: terminal, stdout: stderr })!, question);
  } finally {
    terminal.destroy();
  }
}

function openTerminal(): ReadStream | null {
  try {
    return new ReadStream(openSync(TERMINAL, 'r'));
  } catch {
    // Without a terminal of its own a process has nobody to ask.
    return null;
  }
}

function ask({ stderr }: System, keyboard: Keyboard, question: string): Promise<string | null> {
  stderr.write(safeLine(question));
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      release();
      stderr.write('\n');
    };
    const answer = (passphrase: string | null): void => {
      end();
      resolve(passphrase);
    };
    const release = keyboard.read({
      key({ text, name, ctrl, meta }) {
        if (name === 'return' || name === 'enter') answer(typed);
        else if (ctrl && name === 'c') {
          end();
          reject(new SessionError('INTERRUPTED', 'the passphrase was not given', { op: 'ask' }));
        } else if (ctrl && name === 'd') answer(null);
        else if (ctrl && name === 'z') keyboard.suspend();
        else if (ctrl && name === 'u') typed = '';
        else if (name === 'backspace') typed = [...typed].slice(0, -1).join('');
        else if (name === 'paste') {
          // A pasted line break is the end of the line, as if it was typed.
          typed += text.split(/[\r\n]/)[0]!;
          if (/[\r\n]/.test(text)) answer(typed);
        } else if (!ctrl && !meta && !/^[\u0000-\u001f\u007f]/.test(text)) typed += text;
        return true;
      },
      ended: () => answer(null),
    });
  });
}
