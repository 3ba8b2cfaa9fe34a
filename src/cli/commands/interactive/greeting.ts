// What the user is told on entering a session: which one, and what a crash or a kill left unfinished.

import { commandIn, oneLine } from '../../../core/message-text.ts';
import { safeText } from '../../../core/safe-text.ts';
import type { Conversation } from './conversation.ts';

const SHOWN_CHARACTERS = 100;

export function welcome(conversation: Conversation): string[] {
  const { live } = conversation;
  if (!live) return ['Nothing of this session is kept. /help lists the commands.'];
  const { counts, name, firstPrompt } = live.fold;
  if (counts.records === 0)
    return ['A new session. !COMMAND runs a command, anything else goes to the model; /help lists the commands.'];
  const title = safeText(oneLine(name ?? firstPrompt ?? '', SHOWN_CHARACTERS));
  return [
    `Going on with ${live.id.slice(0, 8)}${title && ` “${title}”`}: ${counts.messages} messages, ${counts.toolCalls} commands.`,
  ];
}

/** Calls without an end, a tail that a crash tore, a directory that is gone: said once, on entering. */
export async function interruptedCalls(conversation: Conversation): Promise<string[]> {
  const { live } = conversation;
  if (!live) return [];
  const lines: string[] = [];
  if (Object.keys(live.fold.openCalls).length > 0) {
    const { openCallsOf, processWords } = await import('../../services/open-calls.ts');
    for (const { name, input, at, process } of openCallsOf(live.fold)) {
      const facts = [`begun ${at}`, ...(process ? [processWords(process)] : [])].join('; ');
      lines.push(`interrupted: ${safeText(name)} ${safeText(commandOf(input))} (${facts})`);
    }
  }
  if (lines.length > 0)
    lines.push('/interrupted shows what is known of it and runs it again; /continue goes on without');
  if (live.tornPath !== null)
    lines.push(`the last write was cut short by a crash; its bytes are kept in ${live.tornPath}`);
  return lines;
}

/** Said on leaving: what goes on without this command line. */
export function stillRunning({ live }: Conversation): string[] {
  const running = live?.fold.state.activeProcesses.filter(({ status }) => status === 'running') ?? [];
  return running.map(
    ({ id, command, pid }) => `${id} goes on: ${safeText(oneLine(command, SHOWN_CHARACTERS))} (process ${pid})`,
  );
}

/** The command of a call, else its arguments, in a line. */
export function commandOf(input: string): string {
  return oneLine(commandIn(input) ?? input, SHOWN_CHARACTERS);
}
