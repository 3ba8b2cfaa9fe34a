// What went wrong with a request to a model: whether asking again can help, and what a person is told. Errors come from
// three places in no common shape (HTTP, the network, a stream), so they are read by their fields.

import { SessionError } from '../core/errors.ts';
import { providerWords } from './provider-words.ts';
import { readRetryAfter } from './retry.ts';

export interface ModelFailure {
  isTemporary: boolean;
  /** HTTP status, or what a stream gave as such; null for the network. */
  status: number | null;
  /** Null where the provider named no time. */
  retryAfterMs: number | null;
  /** The provider's own, on one line. */
  words: string;
}

/** The stream ended, or said nothing for too long, before the answer was whole. */
export class BrokenStream extends Error {
  override name = 'BrokenStream';
}
/** What answered is no model. */
export class NotAModel extends Error {
  override name = 'NotAModel';
}

interface Fields {
  name?: unknown;
  code?: unknown;
  type?: unknown;
  statusCode?: unknown;
  isRetryable?: unknown;
  responseHeaders?: Record<string, string>;
  responseBody?: unknown;
  cause?: unknown;
}

const TEMPORARY_STATUS: ReadonlySet<number> = new Set([408, 409, 429]);
/** A used-up budget comes as 429 too, and no patience brings it back. */
const QUOTA = /insufficient_quota|billing_error|credit balance/i;
/** Garbage in the middle of a stream, by the names that the providers' packages give it. */
const GARBLED: ReadonlySet<unknown> = new Set([
  'AI_InvalidResponseDataError',
  'AI_JSONParseError',
  'AI_TypeValidationError',
]);
const PERMANENT_IN_STREAM =
  /invalid_request|authentication|permission|not_found|billing|too_large|context_length|insufficient_quota|content_filter/i;

/** `nowMs` is for providers that name the time of day to come back at. */
export function failureOf(error: unknown, nowMs: number): ModelFailure {
  const fields: Fields = typeof error === 'object' && error !== null ? error : {};
  const status = statusOf(fields);
  return {
    isTemporary: isTemporary(error, fields, status),
    status,
    retryAfterMs: fields.responseHeaders === undefined ? null : readRetryAfter(fields.responseHeaders, nowMs),
    words: providerWords(error),
  };
}

/** `name` is the model's; `attempts` counts all requests that were made; `redact` takes secrets out of the words. */
export function modelFailed(
  name: string,
  failure: ModelFailure,
  attempts: number,
  redact: (text: string) => string,
): SessionError {
  const status = failure.status === null || failure.status < 400 ? '' : ` (HTTP ${failure.status})`;
  const times = attempts > 1 ? ` after ${attempts} attempts` : '';
  return new SessionError('MODEL_FAILED', redact(`${name} gave no whole answer${times}: ${failure.words}${status}`), {
    op: 'ask model',
    hint: hintFor(failure),
    data: { status: failure.status, attempts, retryAfterMs: failure.retryAfterMs },
  });
}

function isTemporary(error: unknown, fields: Fields, status: number | null): boolean {
  if (error instanceof NotAModel) return false;
  if (error instanceof BrokenStream || GARBLED.has(fields.name)) return true;
  if (QUOTA.test(String(fields.responseBody ?? fields.code ?? ''))) return false;
  // A status of 200 means that the answer had begun when the connection broke.
  if (status !== null) return status < 300 || status >= 500 || TEMPORARY_STATUS.has(status);
  if (error instanceof Error) return fields.isRetryable === true || isNetworkFailure(error);
  return !PERMANENT_IN_STREAM.test(`${String(fields.type)} ${String(fields.code)}`);
}

/** What Node's fetch throws has no status, and the reason stands in its causes. */
function isNetworkFailure(error: Error): boolean {
  if (/^(fetch failed|terminated|other side closed)$/i.test(error.message)) return true;
  const { code, cause } = error as Fields;
  if (typeof code === 'string' && /^(ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|UND_ERR)/.test(code)) return true;
  return cause instanceof Error && isNetworkFailure(cause);
}

/** Streams give the status as a code, if at all. */
function statusOf({ statusCode, code }: Fields): number | null {
  const status = Number(statusCode ?? code ?? Number.NaN);
  return Number.isInteger(status) && status >= 200 && status < 600 ? status : null;
}

function hintFor({ status, words, retryAfterMs }: ModelFailure): string {
  if (/context.{0,20}(length|window)|too (long|many tokens)|maximum.{0,20}tokens/i.test(words)) {
    return 'the conversation no longer fits: make room with /compact, or choose a model with a larger window';
  }
  if (status === 401 || status === 403) return 'check the API key of this provider';
  if (status === 404) return 'check the name of the model and the base URL of its server';
  if (status === 429 && retryAfterMs !== null) return `wait ${Math.ceil(retryAfterMs / 1000)} s and go on`;
  if (status === 429) return 'a limit of the provider is reached: wait, or choose another model';
  if (status !== null && status >= 400 && status < 500) return 'the provider refuses the request; see its words above';
  if (status === null)
    return 'what was said is kept: check that the server runs and that its base URL is right, and go on';
  return 'what was said is kept: go on when the provider is well again, or choose another model';
}
