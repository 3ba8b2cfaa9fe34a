// What a line means: `!cmd` runs a command, `/word` is one of ours, everything else is a prompt.

import { usage } from '../../args/parse-args.ts';
import type { CommandContext } from '../context.ts';
import type { Conversation } from './conversation.ts';
import type { Lines } from './lines.ts';
import { runShellCommand } from './run-shell-command.ts';
import { runSlashCommand } from './slash-commands.ts';

export interface Desk {
  context: CommandContext;
  conversation: Conversation;
  lines: Lines;
  say(text: string): void;
}

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
  const { durable } = await desk.conversation.append({
    type: 'message',
    role: 'user',
    parts: [{ type: 'text', text: line }],
  });
  desk.say(durable ? 'noted' : 'noted, not saved');
  return 'stay';
}
