// One turn: a prompt, and answers and tool calls until the model has nothing more to do. The log comes first: the
// prompt is durable before the model is asked, a call before it runs, and every request is made from the log alone.

import type { SessionError } from '../core/errors.ts';
import type { MessageRecord, NewRecord, Part, ToolCallPart, ToolEndRecord, Usage } from '../core/record.ts';
import type { Tool, ToolInput } from '../core/tool.ts';
import type { Answer, AnswerEvent } from './answer.ts';
import { askModel } from './answer.ts';
import { AnswerRecorder } from './answer-recorder.ts';
import type { TextFilter } from './answer-recorder.ts';
import type { OpenModel } from './open-model.ts';
import type { RequestSource } from './request.ts';
import { buildRequest } from './request.ts';
import type { CallReport } from './tool-calls.ts';
import { runCalls } from './tool-calls.ts';

/** Rounds of tool calls in one turn; a model that goes round in circles ends here. */
const ROUNDS_MAX = 200;

/** Where a turn's records go. */
export interface TurnLog {
  /** Resolves when the records are durable, or at once where the session is not kept. */
  append(...records: NewRecord[]): Promise<unknown>;
  recordOutput(callId: string): OutputPort;
  /** For one text of an answer; null where nothing is taken out of it, or kept. */
  textFilter(): TextFilter | null;
  /** The active leaf. */
  readonly leaf: string | null;
}

export interface OutputPort {
  take(bytes: Buffer): Promise<unknown>;
  finish(): Promise<Pick<ToolEndRecord, 'output' | 'blob' | 'head' | 'tail'>>;
}

/** What a person or a program sees of a turn, as it happens. */
export interface TurnScreen {
  answer(event: AnswerEvent): void;
  toolStart(call: ToolCallPart, subject: string): void;
  toolOutput(callId: string, bytes: Uint8Array): void;
  toolEnd(report: CallReport): void;
}

export interface TurnPorts {
  model: OpenModel;
  log: TurnLog;
  screen: TurnScreen;
  tools: readonly Tool[];
  /** What the next request is made of; reads the log, where nothing is in memory yet. */
  source(): Promise<RequestSource>;
  /** Asked before a call runs; the reason is told to the model. */
  permit(tool: Tool, subject: string): Promise<{ allowed: boolean; reason: string }>;
  /** The arguments with the secrets back in them that the model was shown placeholders of. */
  reveal(input: ToolInput): Promise<ToolInput>;
  /** Before a call that may change files. */
  beforeChange(): Promise<void>;
  /** Called when an answer is recorded: room is made here before the next request, where there is little left. */
  afterAnswer(usage: Usage | undefined): Promise<void>;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** A model that says nothing for so long is asked again. */
  stallMs: number;
  nowMs(): number;
  newId(): string;
}

export interface TurnEnd {
  status: 'done' | 'interrupted' | 'failed' | 'limit';
  /** The text of the last answer. */
  text: string;
  usage: Usage;
  toolCalls: number;
  durationMs: number;
  /** Set when the status is `failed`. */
  error?: SessionError;
}

/**
 * Runs a turn. Null as a prompt goes on where an interrupted turn stopped. Throws only what the log throws: then
 * nothing more is kept, and going on would lose work.
 */
export async function runTurn(prompt: Part[] | null, ports: TurnPorts, signal: AbortSignal): Promise<TurnEnd> {
  const startMs = ports.nowMs();
  const usage: Usage = {};
  let toolCalls = 0;
  const ended = (status: TurnEnd['status'], answer: Answer | null): TurnEnd => ({
    status,
    text: answer ? textOf(answer.parts) : '',
    usage,
    toolCalls,
    durationMs: Math.max(0, Math.round(ports.nowMs() - startMs)),
    ...(answer?.error && { error: answer.error }),
  });
  if (prompt) await ports.log.append({ type: 'message', role: 'user', parts: prompt, id: ports.newId() });
  for (let round = 0; ; round++) {
    if (signal.aborted) return ended('interrupted', null);
    const { answer, message } = await answerOnce(ports, signal);
    addUsage(usage, answer.usage);
    if (answer.stop === 'interrupted') return ended('interrupted', answer);
    if (answer.stop === 'failed') return ended('failed', answer);
    const calls = message.parts.filter((part) => part.type === 'tool-call');
    toolCalls += calls.length;
    if (calls.length === 0) return ended('done', answer);
    const wentOn = await runCalls(calls, message.id, ports, signal);
    if (!wentOn) return ended('interrupted', answer);
    if (round + 1 >= ROUNDS_MAX) return ended('limit', answer);
    await ports.afterAnswer(answer.usage);
  }
}

/** Asks the model once and records what it says, also where it breaks off. */
async function answerOnce(ports: TurnPorts, signal: AbortSignal): Promise<{ answer: Answer; message: MessageRecord }> {
  const { log, screen, model } = ports;
  const append = (record: NewRecord): Promise<unknown> => log.append(record);
  let recorder = new AnswerRecorder(ports.newId(), log.leaf, append, () => log.textFilter());
  const onEvent = async (event: AnswerEvent): Promise<void> => {
    screen.answer(event);
    if (event.type === 'text' || event.type === 'thinking') await recorder.take(event.type, event.text);
    if (event.type === 'retry') {
      // The next try is another answer; what was said of this one stays in the log as pieces.
      await recorder.end();
      recorder = new AnswerRecorder(ports.newId(), log.leaf, append, () => log.textFilter());
    }
  };
  const answer = await askModel(model, buildRequest(await ports.source(), model.dialect), {
    signal,
    onEvent,
    stallMs: ports.stallMs,
    nowMs: () => ports.nowMs(),
  });
  await recorder.end();
  const message = messageOf(answer, recorder.messageId, model.name);
  // A failure or an interruption before the first word leaves nothing to keep.
  if (message.parts.length > 0) await log.append(message);
  return { answer, message: message as MessageRecord };
}

function messageOf(answer: Answer, id: string, model: string): NewRecord & { type: 'message'; parts: Part[] } {
  return {
    type: 'message',
    id,
    role: 'assistant',
    parts: answer.parts,
    model,
    ...(answer.usage && { usage: answer.usage }),
    durationMs: answer.durationMs,
    ...(answer.stop && { stop: answer.stop }),
    ...(answer.raw !== undefined && { raw: answer.raw }),
  };
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function addUsage(total: Usage, usage: Usage | undefined): void {
  for (const [key, value] of Object.entries(usage ?? {}) as [keyof Usage, number][])
    total[key] = (total[key] ?? 0) + value;
}
