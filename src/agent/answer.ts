// One answer of a model. What the network and the provider do wrong in between is either mended by asking again, said
// aloud, or told as a failure with what had been said until then; it never looks like a short answer.

import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { SessionError } from '../core/errors.ts';
import type { Part, StopReason, Usage } from '../core/record.ts';
import type { PieceEvent } from './answer-parts.ts';
import { AnswerParts } from './answer-parts.ts';
import { BrokenStream, failureOf, modelFailed, NotAModel } from './model-failure.ts';
import type { OpenModel } from './open-model.ts';
import { sleepUnlessAborted, waitBeforeRetry } from './retry.ts';

/** After `retry` the answer begins anew: what was shown of it no longer counts. */
export type AnswerEvent = PieceEvent | { type: 'retry'; reason: string; waitMs: number };

export interface Answer {
  /** In the order they began. Calls only of an answer that came to its end. */
  parts: Part[];
  usage?: Usage;
  /** Absent where the model was done. */
  stop?: StopReason;
  /** See AnswerRaw. */
  raw?: unknown;
  /** From the first request to the end, waiting included. */
  durationMs: number;
  /** MODEL_FAILED; there exactly when `stop` is `failed`. */
  error?: SessionError;
}

export interface AskOptions {
  /** Aborted by the user: the answer ends as `interrupted`. */
  signal: AbortSignal;
  /** Nothing more is read before it resolves. What it throws passes through. */
  onEvent(event: AnswerEvent): Promise<unknown> | void;
  nowMs(): number;
  /** Resolves early when aborted. */
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
  /** How often to ask again, 4 unless told. */
  retries?: number;
  /** No event for this long means that nobody is there; 5 minutes unless told, as local models think long. */
  stallMs?: number;
}

/** How one request ended: whole, or by an error of any shape. */
interface Attempt {
  parts: AnswerParts;
  error: unknown;
}

const RETRIES = 4;
const STALL_MS = 300_000;

/** Rejects only with what `onEvent` throws; everything else is an Answer. */
export async function askModel(
  model: OpenModel,
  request: LanguageModelV4CallOptions,
  options: AskOptions,
): Promise<Answer> {
  const beganAtMs = options.nowMs();
  const sleep = options.sleep ?? sleepUnlessAborted;
  const redact = (text: string): string => model.redact?.(text) ?? text;
  let kept: Part[] = [];
  const broken = (stop: StopReason): Answer => ({ parts: kept, stop, durationMs: options.nowMs() - beganAtMs });

  for (let retry = 0; ; retry++) {
    const attempt = await ask(model, request, options);
    const parts = attempt.parts.parts();
    if (attempt.error === null) return { ...whole(attempt.parts), parts, durationMs: options.nowMs() - beganAtMs };
    if (parts.length > 0) kept = parts;
    if (options.signal.aborted) return broken('interrupted');

    const failure = failureOf(attempt.error, options.nowMs());
    const mayRetry = failure.isTemporary && retry < (options.retries ?? RETRIES);
    const waitMs = mayRetry ? waitBeforeRetry(retry, failure.retryAfterMs) : null;
    if (waitMs === null) return { ...broken('failed'), error: modelFailed(model.name, failure, retry + 1, redact) };
    await options.onEvent({ type: 'retry', reason: redact(failure.words), waitMs });
    await sleep(waitMs, options.signal);
    if (options.signal.aborted) return broken('interrupted');
  }
}

/** One request, to its end or its failure. The connection is closed in any case. */
async function ask(model: OpenModel, request: LanguageModelV4CallOptions, options: AskOptions): Promise<Attempt> {
  const parts = new AnswerParts();
  const connection = new AbortController();
  const abortSignal = AbortSignal.any([options.signal, connection.signal]);
  const stallMs = options.stallMs ?? STALL_MS;
  try {
    const opening = model.model.doStream({ ...request, abortSignal });
    const opened = await settled(opening, options.signal, stallMs);
    if ('error' in opened) return { parts, error: opened.error };
    const contentType = opened.value.response?.headers?.['content-type'] ?? '';
    if (/^text\/html/i.test(contentType)) {
      return { parts, error: new NotAModel('a web page came instead of an answer: is the base URL right?') };
    }
    const reader = opened.value.stream.getReader();
    for (;;) {
      const next = await settled(reader.read(), options.signal, stallMs);
      if ('error' in next) return { parts, error: next.error };
      if (next.value.done) return { parts, error: unfinished(parts) };
      const piece: LanguageModelV4StreamPart = next.value.value;
      if (piece.type === 'error') return { parts, error: piece.error ?? new BrokenStream('the stream told an error') };
      const event = parts.add(piece);
      if (event !== null) await options.onEvent(event);
    }
  } finally {
    connection.abort();
  }
}

/** Null for an answer that came to its end. */
function unfinished(parts: AnswerParts): BrokenStream | null {
  const reason = parts.finishReason?.unified;
  if (reason !== undefined && reason !== 'interrupted' && reason !== 'error') return null;
  parts.finishReason = null;
  return new BrokenStream('the connection closed in the middle of the answer');
}

function whole(parts: AnswerParts): Pick<Answer, 'usage' | 'stop' | 'raw'> {
  const stop = parts.stop();
  const raw = parts.raw();
  return {
    ...(parts.usage !== undefined && { usage: parts.usage }),
    ...(stop !== undefined && { stop }),
    ...(raw !== undefined && { raw }),
  };
}

/** The outcome as a value. An abort or a stall ends the waiting at once, whether or not the provider's code heeds it. */
function settled<T>(
  promise: PromiseLike<T>,
  signal: AbortSignal,
  stallMs: number,
): Promise<{ value: T } | { error: unknown }> {
  return new Promise((resolve) => {
    const end = (outcome: { value: T } | { error: unknown }): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => end({ error: new BrokenStream('interrupted') });
    const timer = setTimeout(
      () => end({ error: new BrokenStream(`nothing came for ${Math.round(stallMs / 1000)} s`) }),
      stallMs,
    );
    promise.then(
      (value) => end({ value }),
      (error: unknown) => end({ error: error ?? new BrokenStream('the stream broke') }),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
