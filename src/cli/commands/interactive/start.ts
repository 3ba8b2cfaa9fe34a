// The interactive command line: every line is durable before its answer shows, and leaving says how to come back.

import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '../../../core/errors.ts';
import { safeText } from '../../../core/safe-text.ts';
import type { CommandContext, InteractiveOptions } from '../context.ts';
import { keptOutTeller } from '../kept-out.ts';
import { resolveToGoOn } from '../moved-session.ts';
import { Conversation } from './conversation.ts';
import { openDesk } from './desk.ts';
import type { Desk } from './desk.ts';
import { handleLine } from './handle-line.ts';
import { openLines } from './lines.ts';
import type { LinesOptions } from './lines.ts';
import { chooseSession } from './choose-session.ts';
import { preparePlace, restoreWorld } from './go-on-with.ts';
import type { Prepared } from './go-on-with.ts';
import { interruptedCalls, stillRunning, welcome } from './greeting.ts';
import { showStatus } from './show-status.ts';

/** How long leaving waits for what is running to be recorded as interrupted, in milliseconds. */
const STOP_MS = 4000;

/** Runs until the user leaves. The session is closed, and everything in it durable, when it resolves. */
export async function startInteractive(context: CommandContext, options: InteractiveOptions): Promise<void> {
  const { system } = context;
  const conversation = new Conversation(
    await (options.ephemeral ? context.services.memory() : context.services.manager()),
    system,
  );
  const prepared = await enter(context, conversation, options);
  const lines = openLines(system, await aidsOf(context, conversation, options));
  const desk = openDesk(context, conversation, lines, options);
  const { say } = desk;
  await context.services.onKeptOut(keptOutTeller(say));
  const removeSignals = closeOnSignals(desk);
  // Between commands Ctrl-C is the prompt's; on a pipe it leaves, with everything kept.
  const releaseInterrupts = system.takeInterrupts(() => void (lines.isTerminal || lines.close()));
  try {
    if (lines.isTerminal) for (const line of welcome(conversation)) say(line);
    for (const line of await interruptedCalls(conversation)) say(line);
    if (prepared) for (const line of await restoreWorld(desk, prepared)) say(line);
    for (;;) {
      if (lines.isTerminal) await showStatus(desk);
      const line = await lines.next(prompt(conversation));
      if (line === null) break;
      try {
        if ((await handleLine(desk, line)) === 'leave') break;
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        // A line that failed does not end the session; the next one may succeed.
        system.stderr.write(`roo: ${safeText(error.message)}\n${error.hint ? `     ${safeText(error.hint)}\n` : ''}`);
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
  for (const line of stillRunning(conversation)) say(line);
}

/** Opens the session; null for one that begins. What of its world needs no open session is back then. */
async function enter(
  context: CommandContext,
  conversation: Conversation,
  options: InteractiveOptions,
): Promise<Prepared | null> {
  if (options.ephemeral || options.mode === 'new') {
    await conversation.switchTo(null);
    return null;
  }
  const ref = options.mode === 'continue' ? '@last' : (options.ref ?? (await chooseSession(context)));
  let id = await resolveToGoOn(context, ref);
  if (options.fork) id = await (await context.services.storage()).fork(id, null, null);
  const prepared = await preparePlace(context, id, options.only, options.agreed);
  conversation.workingDirectory = prepared.workingDirectory;
  await conversation.switchTo(id);
  return prepared;
}

/** What helps typing at a terminal. */
async function aidsOf(
  context: CommandContext,
  conversation: Conversation,
  { mode }: InteractiveOptions,
): Promise<LinesOptions> {
  const { system } = context;
  if (system.stdin.isTTY !== true || system.stdout.isTTY !== true) return {};
  const { completionFor, earlierPrompts } = await import('./prompt-aids.ts');
  const isNew = mode === 'new' || conversation.id === null;
  return {
    complete: completionFor(context, () => conversation.workingDirectory),
    history: isNew ? [] : await earlierPrompts(context, conversation.id!),
  };
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
    void stopped
      .then(() => conversation.close())
      .then(() => desk.closeWorld())
      .finally(() => process.exit(128 + numbers[signal]));
  };
  process.on('SIGHUP', onSignal).on('SIGTERM', onSignal);
  return () => void process.off('SIGHUP', onSignal).off('SIGTERM', onSignal);
}
