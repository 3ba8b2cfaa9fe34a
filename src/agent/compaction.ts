// When the context window fills up: the model writes a summary, and from then on requests hold that in place of what
// came before. Nothing is removed from the log, so a rewind to before it sends the originals again.

import { SessionError } from '../core/errors.ts';
import type { CompactionRecord, MessageRecord, Usage } from '../core/record.ts';
import { messageText } from '../core/message-text.ts';
import type { Answer } from './answer.ts';
import { askModel } from './answer.ts';
import type { OpenModel } from './open-model.ts';
import type { PastMessage } from './past-message.ts';
import type { RequestSource } from './request.ts';
import { buildRequest } from './request.ts';

/** Share of the context window from which the next request is preceded by a compaction. */
const FULL_SHARE = 0.8;
/** The newest prompt and what followed is kept word for word while it is shorter than this. */
const KEPT_CHARACTERS_MAX = 20_000;

const ASK_FOR_SUMMARY = [
  'The conversation is about to be replaced by your summary of it, and you go on from the summary alone.',
  'Write down what you need to finish the work: what the developer wants, in their words where they matter; decisions',
  'and their reasons; files that were read or changed, with paths and the parts that matter; commands and what they',
  'showed; what failed; what is left to do, and the very next step. Answer with the summary only; call no tools.',
].join(' ');

export type Compaction = Pick<CompactionRecord, 'summary' | 'messageId' | 'firstKeptId' | 'tokensBefore' | 'usage'>;

export interface CompactOptions {
  usage: Usage | undefined;
  /** What the summary must keep above all, in the user's words; empty without a wish. */
  wish: string;
  signal: AbortSignal;
  /** See AskOptions. */
  stallMs: number;
  nowMs(): number;
  newId(): string;
}

/** True when the last answer's request and answer together fill the context window up to where room must be made. */
export function isFull(usage: Usage | undefined, contextTokens: number): boolean {
  return tokensOf(usage) >= contextTokens * FULL_SHARE;
}

/** Tokens of the conversation as the provider counted them with its last answer; those from its cache are part of it. */
export function tokensOf(usage: Usage | undefined): number {
  const { inputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, outputTokens = 0 } = usage ?? {};
  return inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens;
}

/** Asks the model for a summary. Throws MODEL_FAILED or INTERRUPTED; the conversation is then as it was. */
export async function compact(source: RequestSource, model: OpenModel, options: CompactOptions): Promise<Compaction> {
  const last = source.past.at(-1);
  if (!last) throw new SessionError('USAGE', 'there is nothing to compact yet', { op: 'compact' });
  const question = options.wish === '' ? ASK_FOR_SUMMARY : `${ASK_FOR_SUMMARY} Above all keep: ${options.wish}`;
  const asked: MessageRecord = {
    type: 'message',
    id: options.newId(),
    at: new Date(options.nowMs()).toISOString(),
    parentId: last.message.id,
    role: 'user',
    parts: [{ type: 'text', text: question }],
  };
  const past = [...source.past, { message: asked, results: new Map() }];
  const answer = await askModel(model, buildRequest({ ...source, past }, model.dialect), {
    signal: options.signal,
    onEvent: () => {},
    stallMs: options.stallMs,
    nowMs: () => options.nowMs(),
  });
  return {
    summary: summaryOf(answer),
    messageId: last.message.id,
    firstKeptId: firstKept(source.past),
    tokensBefore: tokensOf(options.usage),
    ...(answer.usage && { usage: answer.usage }),
  };
}

function summaryOf(answer: Answer): string {
  if (answer.stop === 'interrupted')
    throw new SessionError('INTERRUPTED', 'compacting was interrupted', { op: 'compact' });
  if (answer.error) throw answer.error;
  const text = answer.parts
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
    .trim();
  if (text === '' || answer.stop !== undefined) {
    throw new SessionError('MODEL_FAILED', 'the model gave no whole summary; the conversation stays as it was', {
      op: 'compact',
      hint: 'try /compact again, or go on with another model',
    });
  }
  return text;
}

/** The newest prompt, if it and what follows it are short; null where everything goes into the summary. */
function firstKept(past: readonly PastMessage[]): string | null {
  let characters = 0;
  for (const { message, results } of past.toReversed()) {
    characters += JSON.stringify(message.parts).length;
    for (const { end, output } of results.values()) characters += (end?.output ?? output).length;
    if (characters > KEPT_CHARACTERS_MAX) return null;
    const isPrompt = message.role === 'user' && messageText(message).trim() !== '';
    // A conversation that is short from its beginning has nothing before what is kept.
    if (isPrompt) return message === past[0]?.message ? null : message.id;
  }
  return null;
}
