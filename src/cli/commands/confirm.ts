// Asks before something is destroyed. Without a terminal nobody can be asked, so nothing is done without --yes.

import { SessionError } from '../../core/errors.ts';
import { safeLine } from '../../core/safe-text.ts';
import type { CommandContext } from './context.ts';

export interface Question {
  /** What happens on yes, as a sentence without its end: `delete 3 sessions for good`. */
  action: string;
  op: string;
  /** The flag was given. */
  yes: boolean;
  /** What to do where nobody can be asked, for commands without --yes. */
  hint?: string;
}

/** True for yes. No, also as the default, is false. Throws NEEDS_CONFIRMATION where nobody can be asked. */
export async function confirm(context: CommandContext, question: Question): Promise<boolean> {
  if (question.yes) return true;
  const { stdin, stderr } = context.system;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new SessionError('NEEDS_CONFIRMATION', `this would ${question.action}; nothing was done`, {
      op: question.op,
      hint: question.hint ?? 'run it on a terminal to be asked, or add --yes',
    });
  }
  const answer = await ask(context, `${safeLine(sentence(question.action))}? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

async function ask(context: CommandContext, prompt: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const { stdin, stderr } = context.system;
  stderr.write(prompt);
  return new Promise((resolve) => {
    // The terminal stays in its own line mode: it echoes, and Ctrl-C reaches the process as a signal.
    const lines = createInterface({ input: stdin, terminal: false });
    let answer = '';
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    // Ctrl-D closes without a line: that is no yes.
    lines.once('close', () => resolve(answer));
  });
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
