// Calls of the last answer that have no end: a crash or an interruption came first. They are offered once more on
// coming back; a model is told that they were interrupted.

import type { ToolCallPart } from '../../../core/record.ts';
import type { Fold } from '../../../core/fold.ts';
import type { HeldConversation } from './conversation-history.ts';
import { callProcess } from '../open-calls.ts';
import type { CallProcess } from '../open-calls.ts';

export interface DanglingCall {
  call: ToolCallPart;
  messageId: string;
  /** The model made it; a command that a person typed is only told. */
  by: 'model' | 'person';
  /** What it had printed. */
  output: string;
  /** The process that it waited for; null where none is known. */
  process: CallProcess | null;
}

export function danglingCalls({ past }: HeldConversation, openCalls: Fold['openCalls']): DanglingCall[] {
  const last = past.at(-1);
  if (!last) return [];
  const { message, results } = last;
  return message.parts.flatMap((part) => {
    if (part.type !== 'tool-call' || results.get(part.callId)?.end) return [];
    const { callId } = part;
    const started = Object.hasOwn(openCalls, callId) ? openCalls[callId]!.process : undefined;
    const call: DanglingCall = {
      call: part,
      messageId: message.id,
      by: message.role === 'user' ? 'person' : 'model',
      output: results.get(callId)?.output ?? '',
      process: started ? callProcess(started) : null,
    };
    return [call];
  });
}
