// What the prompt knows beside the keys: what Tab can propose here, and what was typed in this session before. Nothing
// of it is loaded before somebody asks for it.

import type { Part } from '../../../core/record.ts';
import { promptText } from '../../../core/message-text.ts';
import type { CommandContext } from '../context.ts';
import type { Complete } from './complete-input.ts';

const MESSAGES_MAX = 200;

/** `workingDirectory` is asked each time: a session may go elsewhere. */
export function completionFor(context: CommandContext, workingDirectory: () => string): Complete {
  return async (text) => {
    const { lineCompleter, sessionProposals } = await import('./complete-line.ts');
    const { SLASH_COMMANDS } = await import('./slash-commands.ts');
    const complete = lineCompleter({
      commands: Object.entries(SLASH_COMMANDS).map(([word, { summary }]) => ({ word, description: summary })),
      refs: async () => sessionProposals(await context.services.storage(), context.places.projectPath),
      workingDirectory,
      userFolder: context.system.userFolder,
    });
    return complete(text);
  };
}

/** Prompts and `!` commands among the last messages of a session, newest first, each once. */
export async function earlierPrompts({ services }: CommandContext, id: string): Promise<string[]> {
  const storage = await services.storage();
  const prompts: string[] = [];
  for await (const { role, parts } of storage.show(id, { last: MESSAGES_MAX }).messages) {
    if (role !== 'user') continue;
    const typed = parts.filter((part): part is Part => part.type !== 'tool-result' && part.type !== 'file');
    const text = promptText({ parts: typed });
    if (text.trim() !== '') prompts.push(text);
  }
  return [...new Set(prompts.toReversed())];
}
