// roo -p: one turn without a terminal. The prompt and everything that comes of it is in the session as it happens; a
// session that is open elsewhere is refused at once.

import { SessionError, warningOf } from '../../core/errors.ts';
import type { Part } from '../../core/record.ts';
import type { TurnEnd, TurnScreen } from '../services/AgentSession.ts';
import type { LiveSession } from '../services/LiveSession.ts';
import { usage } from '../args/parse-args.ts';
import type { Answer } from '../output/answer.ts';
import { jsonText } from '../output/json.ts';
import { textView } from '../output/views.ts';
import type { CommandContext } from './context.ts';
import { keptOutTeller } from './kept-out.ts';
import { resolveRef } from './refs.ts';

export interface PromptOptions {
  /** `-`: standard input. */
  prompt: string;
  session: string | null;
  model: string | null;
  allow: readonly string[];
  ephemeral: boolean;
  format: string;
}

export async function promptOnce(context: CommandContext, options: PromptOptions): Promise<Answer | null> {
  const { services, system, report } = context;
  if (options.ephemeral && options.session !== null) throw usage('--ephemeral keeps nothing, so it has no --session');
  const text = options.prompt === '-' ? await readAll(system.stdin) : options.prompt;
  if (text.trim() === '') throw usage('-p needs a prompt', 'for example: roo -p "say hello"');
  await services.onKeptOut(keptOutTeller((message) => report.warn({ code: 'SECRET_KEPT_OUT', message })));
  const live = options.ephemeral ? null : await openSession(context, options.session);
  const world = live && (await services.world(live, system.cwd));
  world?.on('failed', (error) => report.warn(warningOf(error)));
  world?.connect();
  const agent = await services.agent(live ?? (await services.memory()), {
    workingDirectory: system.cwd,
    model: options.model,
    allow: options.allow,
    ask: null,
    tell: ({ kind, text: message }) => kind === 'left-out' && leftOut(context, message),
    world,
  });
  const abort = new AbortController();
  const release = system.takeInterrupts(() => abort.abort());
  const stopSignals = abortOnSignals(abort);
  try {
    agent.assertModel();
    const streams = options.format === 'stream-json';
    const say = (event: object): void => void system.stdout.write(`${jsonText(event)}\n`);
    if (streams) say({ type: 'session', id: live?.id ?? null, model: agent.modelName });
    const end = await agent.prompt(
      await promptParts(context, text),
      streams ? streamScreen(say) : SILENT,
      abort.signal,
    );
    const result = resultOf(end, live);
    if (streams) say({ type: 'result', ...result });
    if (end.status === 'interrupted')
      report.fail(new SessionError('INTERRUPTED', 'the turn was interrupted', { op: 'ask' }));
    if (end.error) report.fail(end.error);
    if (end.status === 'limit')
      report.fail(new SessionError('MODEL_FAILED', 'the model went on calling tools and was stopped', { op: 'ask' }));
    if (streams) return null;
    return { data: result, view: textView(() => (end.text === '' ? [] : [`${end.text.trimEnd()}\n`])) };
  } finally {
    stopSignals();
    release();
    await live?.close();
    await world?.close();
  }
}

async function openSession(context: CommandContext, ref: string | null): Promise<LiveSession> {
  const manager = await context.services.manager();
  if (ref === null) return manager.begin({ kind: 'headless', agent: 'roo' });
  return manager.resume(await resolveRef(context, ref));
}

async function promptParts(context: CommandContext, text: string): Promise<Part[]> {
  const { partsOfPrompt } = await import('../services/agent/prompt-parts.ts');
  const { parts, notes } = await partsOfPrompt(text, context.system.cwd);
  for (const note of notes) leftOut(context, note);
  return parts;
}

function leftOut({ report }: CommandContext, message: string): void {
  report.warn({ code: 'CONTEXT_LEFT_OUT', message });
}

function resultOf(end: TurnEnd, live: LiveSession | null): Record<string, unknown> {
  const { status, text, usage: used, toolCalls, durationMs } = end;
  return { sessionId: live?.id ?? null, status, text, usage: used, toolCalls, durationMs };
}

const SILENT: TurnScreen = { answer() {}, toolStart() {}, toolOutput() {}, toolEnd() {} };

/** What happens, as one JSON object a line. */
function streamScreen(say: (event: object) => void): TurnScreen {
  const decoders = new Map<string, InstanceType<typeof TextDecoder>>();
  return {
    answer: (event) => say(event.type === 'call' ? { ...event, type: 'tool-call' } : event),
    toolStart: ({ callId, name, input }) => say({ type: 'tool-start', callId, name, input }),
    toolOutput(callId, bytes) {
      const decoder = decoders.get(callId) ?? new TextDecoder();
      decoders.set(callId, decoder);
      say({ type: 'tool-output', callId, text: decoder.decode(bytes, { stream: true }) });
    },
    toolEnd({ call, status, exitCode, durationMs }) {
      decoders.delete(call.callId);
      say({ type: 'tool-end', callId: call.callId, status, ...(exitCode !== undefined && { exitCode }), durationMs });
    },
  };
}

/** A polite kill ends the turn as Ctrl-C does: recorded as interrupted, and the session closed. */
function abortOnSignals(abort: AbortController): () => void {
  const stop = (): void => abort.abort();
  process.on('SIGTERM', stop).on('SIGHUP', stop);
  return () => void process.off('SIGTERM', stop).off('SIGHUP', stop);
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
