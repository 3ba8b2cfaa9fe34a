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
const EFFECTS: Readonly<Record<ToolEffect, string>> = { read: 'read', write: 'write', run: 'run' };
const LINES_MAX = 10;
const CHARACTERS_MAX = 2000;
/** Somebody who was typing when the question came up answers only after a pause of this length. */
const TYPING_PAUSE_MS = 700;

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
  stdout.write(`${permissionLines(question, style).join('\n')} `);
  let pauseFromMs = keyboard.lastKeyAtMs;
  return new Promise((resolve) => {
    const answer = (given: PermissionAnswer | null, said: string): void => {
      release();
      stdout.write(`${said}\n`);
      resolve(given);
    };
    const release = keyboard.watch({
      key({ text, name, ctrl }) {
        const isInterrupt = name === 'escape' || (ctrl && name === 'c');
        if (isInterrupt) {
          answer('deny', 'no');
          return false;
        }
        const isTyping = system.nowMs() - pauseFromMs < TYPING_PAUSE_MS;
        if (isTyping) pauseFromMs = system.nowMs();
        const known = ctrl || isTyping ? undefined : ANSWERS[text.toLowerCase()];
        if (known === undefined) return false;
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
    `${style('yellow', 'May')} ${style('bold', safeLine(tool))} ${style('yellow', `${EFFECTS[effect]} this?`)}`,
    ...shown,
    ...(isCut
      ? [style('yellow', `  … and more: ${subject.length} characters in ${subject.split('\n').length} lines`)]
      : []),
    `${style('bold', '[y]')}es  ${style('bold', '[a]')}lways in this session  ${style('bold', '[n]')}o  ${style('bold', '[d]')} never in this session:`,
  ];
}
