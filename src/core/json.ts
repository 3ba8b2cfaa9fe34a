// JSON that loses nothing: integers above 2^53 keep their digits, nesting is bounded, and no line break gets in.
// JSON.parse would round such integers, and JSON.stringify overflows the stack at about 5,000 levels.

import { SessionError } from './errors.ts';

/** Levels of nesting a record may have. Real sessions stay below 40. */
export const JSON_DEPTH_MAX = 500;

/** What a text with a number in it that a double cannot hold has somewhere. */
const LARGE_NUMBER = /[0-9]{16}|[0-9][eE]\+?[0-9]{3}/;

/**
 * Parses one JSON text. Integers that a double cannot hold come back as raw JSON values (see JSON.rawJSON), which
 * `stringifyJson` writes with their digits unchanged, and so do numbers beyond all doubles (`1e999`), which would
 * become null; a number with a fraction is a double as everywhere.
 * Throws SyntaxError for bad JSON and RECORD_TOO_DEEP beyond JSON_DEPTH_MAX.
 */
export function parseJson(text: string): unknown {
  checkDepth(text);
  if (!LARGE_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value;
    const isKept = !Number.isFinite(value) || /^-?[0-9]+$/.test(context.source);
    return isKept ? rawJson(context.source) : value;
  });
}

/** Writes one JSON text without line breaks. Lone surrogates become \u escapes, so the result is valid UTF-8. */
export function stringifyJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The one other thing that JSON.stringify cannot do: a string longer than the engine allows (2^29 characters).
    if (/string length/i.test(error.message)) {
      throw new SessionError('RECORD_TOO_LARGE', 'longer than a text can be', { op: 'write', cause: error });
    }
    throw tooDeep(error);
  }
  if (text === undefined) throw new TypeError('undefined cannot be written as JSON');
  checkDepth(text);
  return text;
}

// lib.es2024 does not declare the "JSON.parse source text access" functions that Node 24 has.
const { rawJSON: rawJson, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/** True for an integer that `parseJson` kept as its digits: an object that must go through whole. */
export function isRawJson(value: unknown): boolean {
  return isRawJSON(value);
}

/** The text of a string that was found in the middle of JSON, quotes included; undefined where it is none after all. */
export function jsonStringIn(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A cheap scan of brackets outside strings; runs only on texts that could possibly be too deep. */
function checkDepth(text: string): void {
  if (text.length <= JSON_DEPTH_MAX) return;
  if (countOpening(text) <= JSON_DEPTH_MAX) return;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > JSON_DEPTH_MAX) throw tooDeep();
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
}

/** Opening brackets wherever they stand, strings included: an upper bound of the depth, found at native speed. */
function countOpening(text: string): number {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0 && count <= JSON_DEPTH_MAX; at = text.indexOf(bracket, at + 1))
      count++;
  }
  return count;
}

function tooDeep(cause?: unknown): SessionError {
  return new SessionError('RECORD_TOO_DEEP', `nested more than ${JSON_DEPTH_MAX} levels`, { op: 'parse', cause });
}
