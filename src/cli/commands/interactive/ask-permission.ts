// May a tool do this? One key answers. What it would do comes from a model, so it is shown so that it cannot pass for
// something else, whole where that is possible, and it says so where it is not.

import { oneLine } from '../../../core/message-text.ts';
import { safeLine } from '../../../core/safe-text.ts';
import type { ToolEffect } from '../../../core/tool.ts';
import { plainStyle } from '../../output/style.ts';
import type { Style } from '../../output/style.ts';
import { textWidthFor } from '../../output/text-width.ts';
import { amount, plural } from '../../output/units.ts';
import type { System } from '../context.ts';
import { layoutInput } from './input-layout.ts';
import { keyboardOf } from './keyboard.ts';
import { screenSize } from './screen-size.ts';

export interface PermissionQuestion {
  tool: string;
  /** What it would be done to: a path, a command line of any number of lines. */
  subject: string;
  effect: ToolEffect;
}

export interface QuestionLook {
  columns: number;
  rows: number;
  width(text: string): number;
  style: Style;
}

export type PermissionAnswer = 'once' | 'session' | 'deny' | 'deny-session';

const ANSWERS: Readonly<Record<string, { answer: PermissionAnswer; said: string }>> = {
  y: { answer: 'once', said: 'yes' },
  a: { answer: 'session', said: 'always in this session' },
  n: { answer: 'deny', said: 'no' },
  d: { answer: 'deny-session', said: 'never in this session' },
};
const ROWS_MAX = 12;
/** What stands around the subject: the line above, the question, its extent, the keys. */
const ROWS_AROUND = 5;
const CHARACTERS_MAX = 4000;
const WIDE_COLUMNS = 70;
const INDENT = '  ';
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
  const { width } = await textWidthFor([question.subject]);
  const lines = permissionLines(question, { ...screenSize(system), width, style });
  stdout.write(`\n${lines.join('\n')} `);
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

/** The question, its last line without an end. No line is wider than the screen, so none can pass for one of ours. */
export function permissionLines(
  { tool, subject, effect }: PermissionQuestion,
  { columns, rows, width, style }: QuestionLook,
): string[] {
  const room = Math.max(1, columns - INDENT.length - 1);
  const text = subject.slice(0, CHARACTERS_MAX);
  const view = { prompt: '', text, cursor: 0, columns: room, rowsMax: Infinity, width };
  const whole = layoutInput(view).rows;
  const rowsMax = Math.max(1, Math.min(ROWS_MAX, rows - ROWS_AROUND));
  const isCut = whole.length > rowsMax || subject.length > CHARACTERS_MAX;
  const extent = `${amount(subject.length)} characters in ${plural(subject.split('\n').length, 'line')}`;
  const name = oneLine(safeLine(tool), room);
  const session = columns < WIDE_COLUMNS ? '' : ' in this session';
  return [
    `${style('yellow', 'May')} ${style('bold', name)} ${style('yellow', `${effect} this?`)}`,
    ...whole.slice(0, rowsMax).map((row) => INDENT + row),
    ...(isCut ? [style('yellow', `${INDENT}… of ${extent}`)] : []),
    `[y]es  [a]lways${session}  [n]o  [d] never${session}:`,
  ];
}
