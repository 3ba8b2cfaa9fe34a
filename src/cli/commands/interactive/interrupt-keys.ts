// While an answer comes, Esc and Ctrl-C end it. Everything else that is typed waits for the next prompt.

import type { System } from '../context.ts';
import { keyboardOf } from './keyboard.ts';

/**
 * Until the answer is called, Esc, Ctrl-C and SIGINT call `onInterrupt`, as often as they come; Ctrl-Z stops the job as
 * in a shell. Without a terminal only the signal does. Never in one time with a program that wants the terminal.
 */
export function listenForInterruptKeys(system: System, onInterrupt: () => void): () => void {
  const releaseSignal = system.takeInterrupts(onInterrupt);
  const keyboard = keyboardOf(system);
  const releaseKeys = keyboard?.watch({
    key({ name, ctrl }) {
      if (name === 'escape' || (ctrl && name === 'c')) onInterrupt();
      else if (ctrl && name === 'z') keyboard.suspend();
      else return false;
      return true;
    },
  });
  return () => {
    releaseKeys?.();
    releaseSignal();
  };
}
