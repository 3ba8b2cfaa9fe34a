// What the lines of an interactive session share: the conversation, the terminal, the model, and what is running.

import { safeText } from '../../../core/safe-text.ts';
import type { AgentSession, ContextNote } from '../../services/AgentSession.ts';
import type { LiveSession } from '../../services/LiveSession.ts';
import type { SessionWorld } from '../../services/SessionWorld.ts';
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
  /** A command changed the session by another door than this one: what was read of it is read again. */
  refresh(): Promise<void>;
  /** The world around the session, as above; null for a session that is kept nowhere. */
  world(): Promise<SessionWorld | null>;
  /** Ends the world that was made, if any. Background processes go on. */
  closeWorld(): Promise<void>;
  keys: InterruptKeys;
  /** Named on the command line; null leaves it to the session and the settings. */
  readonly modelFlag: string | null;
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
  { model, allow, only }: Pick<InteractiveOptions, 'model' | 'allow' | 'only'>,
): Desk {
  let made: { log: object; agent: Promise<AgentSession> } | null = null;
  let hasOpened = false;
  let around: { live: LiveSession; world: Promise<SessionWorld> } | null = null;
  const desk: Desk = {
    context,
    conversation,
    lines,
    say: (text) => void context.system.stdout.write(`${text}\n`),
    agent() {
      const { log, workingDirectory } = conversation;
      if (made?.log !== log) {
        const ask = permissionAsker(desk);
        const tell = ({ text }: ContextNote): void => desk.say(safeText(text));
        const open = async (): Promise<AgentSession> => {
          const world = await desk.world();
          return context.services.agent(log, { workingDirectory, model, allow, ask, world, tell });
        };
        made = { log, agent: open() };
      }
      return made.agent;
    },
    async refresh() {
      if (made?.log === conversation.log) (await made.agent).forget();
    },
    async world() {
      const { live, workingDirectory } = conversation;
      if (!live) return null;
      if (around?.live !== live) {
        await desk.closeWorld();
        const isFirst = !hasOpened;
        hasOpened = true;
        around = { live, world: openWorld(desk, live, workingDirectory, isFirst ? only : []) };
      }
      return around.world;
    },
    async closeWorld() {
      const before = around;
      around = null;
      await (await before?.world)?.close();
    },
    keys: interruptKeys(context, lines),
    modelFlag: model,
    knowsModelIsMissing: false,
    running: null,
  };
  return desk;
}

/** Servers of tools are reached unless what is to be brought back was named and they are not among it. */
async function openWorld(
  desk: Desk,
  live: LiveSession,
  workingDirectory: string,
  only: InteractiveOptions['only'],
): Promise<SessionWorld> {
  const { context, say } = desk;
  const world = await context.services.world(live, workingDirectory);
  world.on('note', (text) => say(safeText(text)));
  world.on('failed', (error) => void context.system.stderr.write(`roo: ${safeText(error.message)}\n`));
  if (only.length === 0 || only.includes('mcp')) world.connect();
  return world;
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
