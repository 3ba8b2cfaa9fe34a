// A prompt in the interactive command line: the turn as it is seen, asked about and interrupted.

import { SessionError } from '../../../core/errors.ts';
import type { Part } from '../../../core/record.ts';
import { safeText } from '../../../core/safe-text.ts';
import type { Tool } from '../../../core/tool.ts';
import type { AgentSession, Consent, TurnEnd, TurnScreen } from '../../services/AgentSession.ts';
import { styleFor } from '../../output/style.ts';
import type { Desk } from './desk.ts';

/** Runs work that Ctrl-C and Esc interrupt, and that a signal to leave waits for. */
export async function interruptible<T>(desk: Desk, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const release = desk.context.system.takeInterrupts(stop);
  await desk.keys.listen(stop);
  const done = work(abort.signal);
  desk.running = { stop, done: done.catch(() => undefined) };
  try {
    return await done;
  } finally {
    desk.running = null;
    desk.keys.release();
    release();
  }
}

/** What a model is asked with is in the session before it is asked; without a model, the words are kept all the same. */
export async function runPrompt(desk: Desk, text: string): Promise<void> {
  const { conversation, say } = desk;
  const agent = await desk.agent();
  const problem = modelProblem(agent);
  if (problem) {
    const { durable } = await conversation.append({ type: 'message', role: 'user', parts: [{ type: 'text', text }] });
    say(durable ? 'noted' : 'noted, not saved');
    // Who works without a model is told once how to set one up; /model says it again.
    if (desk.knowsModelIsMissing) return;
    desk.knowsModelIsMissing = true;
    throw problem;
  }
  const { partsOfPrompt } = await import('../../services/agent/prompt-parts.ts');
  const { parts, notes } = await partsOfPrompt(text, conversation.workingDirectory);
  for (const note of notes) say(safeText(note));
  await runTurn(desk, parts);
}

/** Null goes on with what was interrupted. */
export async function runTurn(desk: Desk, parts: Part[] | null): Promise<void> {
  const agent = await desk.agent();
  const { screen, end } = await turnScreen(desk);
  let ended: TurnEnd;
  try {
    ended = await interruptible(desk, (signal) => agent.prompt(parts, screen, signal));
  } finally {
    end();
  }
  if (ended.status === 'interrupted') desk.say('interrupted; /continue goes on');
  if (ended.status === 'limit') desk.say('stopped after very many rounds of tool calls; /continue goes on');
  if (ended.error) throw ended.error;
}

/** The screen of a turn, and what ends its last line. */
export async function turnScreen({ context: { system } }: Desk): Promise<{ screen: TurnScreen; end(): void }> {
  const { answerPrinter } = await import('./answer-printer.ts');
  const { stdout, env } = system;
  const printer = answerPrinter(stdout, { style: styleFor(stdout, env, false), isTerminal: stdout.isTTY === true });
  const started = new Set<string>();
  const screen: TurnScreen = {
    answer(event) {
      if (event.type === 'text') printer.text(event.text);
      else if (event.type === 'thinking') printer.thinking(event.text);
      else if (event.type === 'retry') printer.retry(event.reason);
    },
    toolStart({ name, callId }, subject) {
      started.add(callId);
      printer.toolStart(name, subject, callId);
    },
    toolOutput: (callId, bytes) => printer.toolOutput(bytes, callId),
    toolEnd({ call: { name, callId }, status, exitCode, durationMs }) {
      // A call that was refused never started.
      if (!started.delete(callId)) printer.toolStart(name, '', callId);
      printer.toolEnd(status, exitCode, durationMs, callId);
    },
  };
  return { screen, end: () => printer.end() };
}

/** Asks at the terminal whether a tool may run; null where there is nobody to ask. */
export function permissionAsker(desk: Desk): ((tool: Tool, subject: string) => Promise<Consent>) | null {
  if (!desk.lines.isTerminal) return null;
  return async ({ name, effect }, subject) => {
    const { askPermission } = await import('./ask-permission.ts');
    const { system } = desk.context;
    const style = styleFor(system.stdout, system.env, false);
    return (await askPermission(system, { tool: name, subject, effect }, style)) ?? 'deny';
  };
}

function modelProblem(agent: AgentSession): SessionError | null {
  try {
    agent.assertModel();
    return null;
  } catch (error) {
    if (error instanceof SessionError && error.code === 'MODEL_NOT_CONFIGURED') return error;
    throw error;
  }
}
