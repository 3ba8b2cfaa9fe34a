// The interactive command line: every line is durable before its answer shows, and leaving says how to come back.

import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '../../../core/errors.ts';
import { safeText } from '../../../core/safe-text.ts';
import type { CommandContext, InteractiveOptions } from '../context.ts';
import { resolveRef } from '../refs.ts';
import { Conversation } from './conversation.ts';
import { openDesk } from './desk.ts';
import type { Desk } from './desk.ts';
import { handleLine } from './handle-line.ts';
import { openLines } from './lines.ts';
import { chooseSession } from './choose-session.ts';
import { interruptedCalls, welcome } from './greeting.ts';

/** How long leaving waits for what is running to be recorded as interrupted, in milliseconds. */
const STOP_MS = 4000;

/** Runs until the user leaves. The session is closed, and everything in it durable, when it resolves. */
export async function startInteractive(context: CommandContext, options: InteractiveOptions): Promise<void> {
  const conversation = await openConversation(context, options);
  const lines = openLines(context.system);
  const desk = openDesk(context, conversation, lines, options);
  const { say } = desk;
  const removeSignals = closeOnSignals(desk);
  // Between commands Ctrl-C is the prompt's; on a pipe it leaves, with everything kept.
  const releaseInterrupts = context.system.takeInterrupts(() => lines.close());
  try {
    if (lines.isTerminal) for (const line of welcome(conversation)) say(line);
    for (const line of interruptedCalls(conversation)) say(line);
    for (;;) {
      const line = await lines.next(prompt(conversation));
      if (line === null) break;
      try {
        if ((await handleLine(desk, line)) === 'leave') break;
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        // A line that failed does not end the session; the next one may succeed.
        context.system.stderr.write(
          `roo: ${safeText(error.message)}\n${error.hint ? `     ${safeText(error.hint)}\n` : ''}`,
        );
        if (error.code === 'LOG_CHANGED' || error.code === 'LOG_POISONED') throw error;
      }
    }
  } finally {
    removeSignals();
    releaseInterrupts();
    lines.close();
    await conversation.close();
    await desk.closeWorld();
  }
  const goodbye = conversation.comeBack();
  if (goodbye !== null) say(goodbye);
}

async function openConversation(context: CommandContext, options: InteractiveOptions): Promise<Conversation> {
  const manager = await context.services.manager();
  if (options.ephemeral) return Conversation.unrecorded(context.system.cwd);
  if (options.mode === 'new')
    return Conversation.of(manager, await manager.begin({ kind: 'human', agent: 'roo' }), context.system.cwd);
  const ref = options.mode === 'continue' ? '@last' : (options.ref ?? (await chooseSession(context)));
  const storage = await context.services.storage();
  let id = await resolveRef(context, ref);
  if (options.fork) id = await storage.fork(id, null, null);
  return Conversation.resumed(manager, await manager.resume(id), context.system);
}

function prompt(conversation: Conversation): string {
  return conversation.waitingRecords > 0 ? `roo (${conversation.waitingRecords} not saved)> ` : 'roo> ';
}

/** A closed terminal and a polite kill lose nothing: the session is closed before the process goes. */
function closeOnSignals(desk: Desk): () => void {
  const { conversation, lines } = desk;
  const numbers = { SIGHUP: 1, SIGTERM: 15 } as const;
  const onSignal = (signal: keyof typeof numbers): void => {
    lines.close();
    const { running } = desk;
    running?.stop();
    // A turn that is interrupted records what it has; one that does not end is left to the next start to recover.
    const stopped = Promise.race([running?.done, sleep(STOP_MS)]);
    void stopped.then(() => conversation.close()).finally(() => process.exit(128 + numbers[signal]));
  };
  process.on('SIGHUP', onSignal).on('SIGTERM', onSignal);
  return () => void process.off('SIGHUP', onSignal).off('SIGTERM', onSignal);
}
