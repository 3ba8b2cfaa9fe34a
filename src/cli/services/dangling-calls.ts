// Calls of the last answer that have no end: a crash or an interruption came first. They are offered once more on
// coming back; a model is told that they were interrupted.

import type { ToolCallPart } from '../../core/record.ts';
import type { HeldConversation } from './conversation-history.ts';

export interface DanglingCall {
  call: ToolCallPart;
  messageId: string;
  /** The model made it; a command that a person typed is only told. */
  by: 'model' | 'person';
  /** What it had printed. */
  output: string;
}

export function danglingCalls({ past }: HeldConversation): DanglingCall[] {
  const last = past.at(-1);
  if (!last) return [];
  const { message, results } = last;
  return message.parts.flatMap((part) => {
    if (part.type !== 'tool-call' || results.get(part.callId)?.end) return [];
    const output = results.get(part.callId)?.output ?? '';
    return [{ call: part, messageId: message.id, by: message.role === 'user' ? 'person' : 'model', output } as const];
  });
}
