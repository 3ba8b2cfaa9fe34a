// What the lines of an interactive session share: the conversation, the terminal, the model, and what is running.

import type { AgentSession } from '../../services/AgentSession.ts';
import type { CommandContext, InteractiveOptions } from '../context.ts';
import type { Conversation } from './conversation.ts';
import type { Lines } from './lines.ts';
import { permissionAsker } from './run-turn.ts';

export interface Desk {
  context: CommandContext;
  conversation: Conversation;
  lines: Lines;
  say(text: string): void;
  /** The model in this conversation; made when first asked for, and anew in another session. */
  agent(): Promise<AgentSession>;
  keys: InterruptKeys;
  /** That no model is configured was said. */
  knowsModelIsMissing: boolean;
  /** What a signal to leave has to stop and wait for. */
  running: { stop(): void; done: Promise<unknown> } | null;
}

/** Esc and Ctrl-C while something runs. */
export interface InterruptKeys {
  listen(onInterrupt: () => void): Promise<void>;
  release(): void;
}

export function openDesk(
  context: CommandContext,
  conversation: Conversation,
  lines: Lines,
  { model, allow }: Pick<InteractiveOptions, 'model' | 'allow'>,
): Desk {
  let made: { log: object; agent: Promise<AgentSession> } | null = null;
  const desk: Desk = {
    context,
    conversation,
    lines,
    say: (text) => void context.system.stdout.write(`${text}\n`),
    agent() {
      const { log, workingDirectory } = conversation;
      if (made?.log !== log) {
        const ask = permissionAsker(desk);
        made = { log, agent: context.services.agent(log, { workingDirectory, model, allow, ask }) };
      }
      return made.agent;
    },
    keys: interruptKeys(context, lines),
    knowsModelIsMissing: false,
    running: null,
  };
  return desk;
}

function interruptKeys({ system }: CommandContext, lines: Lines): InterruptKeys {
  let stop: (() => void) | null = null;
  return {
    async listen(onInterrupt) {
      if (!lines.isTerminal) return;
      const { listenForInterruptKeys } = await import('./interrupt-keys.ts');
      stop?.();
      stop = listenForInterruptKeys(system, onInterrupt);
    },
    release() {
      stop?.();
      stop = null;
    },
  };
}
