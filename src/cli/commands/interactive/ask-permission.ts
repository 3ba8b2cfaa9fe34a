// May a tool do this? One key answers. What it would do comes from a model, so it is shown so that it cannot pass for
// something else, whole where that is possible, and it says so where it is not.

import { safeLine, safeText } from '../../../core/safe-text.ts';
import type { ToolEffect } from '../../../core/tool.ts';
import { plainStyle } from '../../output/style.ts';
import type { Style } from '../../output/style.ts';
import type { System } from '../context.ts';
import { keyboardOf } from './keyboard.ts';

export interface PermissionQuestion {
  tool: string;
  /** What it would be done to: a path, a command line of any number of lines. */
  subject: string;
  effect: ToolEffect;
}

export type PermissionAnswer = 'once' | 'session' | 'deny' | 'deny-session';

const ANSWERS: Readonly<Record<string, { answer: PermissionAnswer; said: string }>> = {
  y: { answer: 'once', said: 'yes' },
  a: { answer: 'session', said: 'always in this session' },
  n: { answer: 'deny', said: 'no' },
  d: { answer: 'deny-session', said: 'never in this session' },
};
const LINES_MAX = 10;
const CHARACTERS_MAX = 2000;
/** Somebody who was typing ahead when the question came up answers only after a pause of this length. */
const TYPING_PAUSE_MS = 700;
/** The rest of a word that begins with the answer, as people type it, is no beginning of the next prompt. */
const REST_OF_WORD: Readonly<Record<string, string>> = { y: 'es', a: 'lways', n: 'o', d: 'eny' };

/**
 * The answer of whoever sits at the terminal; null where nobody does, or no longer. Ctrl-C and Esc deny, and reach
 * whoever listened for them before.
 */
export async function askPermission(
  system: System,
  question: PermissionQuestion,
  style: Style = plainStyle,
): Promise<PermissionAnswer | null> {
  const keyboard = keyboardOf(system);
  if (keyboard === null) return null;
  const { stdout } = system;
  // The line before may not have ended.
  stdout.write(`\n${permissionLines(question, style).join('\n')} `);
  return new Promise((resolve) => {
    const answer = (given: PermissionAnswer | null, said: string): void => {
      release();
      stdout.write(`${said}\n`);
      resolve(given);
    };
    const release = keyboard.watch({
      key({ text, name, ctrl }) {
        if (name === 'escape' || (ctrl && name === 'c')) {
          answer('deny', 'no');
          return false;
        }
        if (system.nowMs() - keyboard.lastKeptAtMs < TYPING_PAUSE_MS) return false;
        const known = ctrl ? undefined : ANSWERS[text.toLowerCase()];
        if (known === undefined) return true;
        keyboard.passOver(REST_OF_WORD[text.toLowerCase()]!);
        answer(known.answer, known.said);
        return true;
      },
      ended: () => answer(null, ''),
    });
  });
}

/** The question, its last line without an end. */
export function permissionLines({ tool, subject, effect }: PermissionQuestion, style: Style): string[] {
  const whole = safeText(subject.slice(0, CHARACTERS_MAX)).split('\n');
  const shown = whole.slice(0, LINES_MAX).map((line) => `  ${line}`);
  const isCut = whole.length > LINES_MAX || subject.length > CHARACTERS_MAX;
  return [
    `${style('yellow', 'May')} ${style('bold', safeLine(tool))} ${style('yellow', `${effect} this?`)}`,
    ...shown,
    ...(isCut
      ? [style('yellow', `  … and more: ${subject.length} characters in ${subject.split('\n').length} lines`)]
      : []),
    `${style('bold', '[y]')}es  ${style('bold', '[a]')}lways in this session  ${style('bold', '[n]')}o  ${style('bold', '[d]')} never in this session:`,
  ];
}
