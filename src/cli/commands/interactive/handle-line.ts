// What a line means: `!cmd` runs a command, `/word` is one of ours, everything else is a prompt.

import { usage } from '../../args/parse-args.ts';
import type { Desk } from './desk.ts';
import { runShellCommand } from './run-shell-command.ts';
import { runPrompt } from './run-turn.ts';
import { runSlashCommand } from './slash-commands.ts';

export async function handleLine(desk: Desk, line: string): Promise<'stay' | 'leave'> {
  const text = line.trim();
  if (text === '') return 'stay';
  if (text.startsWith('!')) {
    const command = text.slice(1).trim();
    if (command === '') throw usage('! needs a command', 'for example: !ls');
    await runShellCommand(desk, command);
    return 'stay';
  }
  if (text.startsWith('/')) return runSlashCommand(desk, text.slice(1));
  await runPrompt(desk, line);
  return 'stay';
}
