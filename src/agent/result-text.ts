// What a model reads of a tool's result. Derived from the records alone, so that the same result always reads the same,
// and there is one for every call: providers refuse a history with an unanswered call.

import type { Part, ToolCallPart, ToolEndRecord } from '../core/record.ts';
import { isBlank, partInWords, shorten } from './part-words.ts';
import type { PastResult } from './past-message.ts';
import { MALFORMED_INPUT, parseToolInput } from './tool-input.ts';

/** Some ten thousand tokens: one result must not fill the window. */
const RESULT_CHARACTERS_MAX = 40_000;

/**
 * The output, shortened in its middle, and what else there is to know: that the call failed, was denied or interrupted.
 * A call without an end is told as interrupted, with the output so far. Never empty. Images go beside the text.
 */
export function resultText(call: ToolCallPart, result: PastResult | undefined): string {
  const end = result?.end ?? null;
  const output = end === null ? (result?.output ?? '') : outputOf(end, result?.output ?? '');
  const mayBeMalformed = isBlank(output) && (end === null || end.status === 'error');
  if (mayBeMalformed && parseToolInput(call.input) === null) return MALFORMED_INPUT;
  const lines = [shorten(output.toWellFormed(), RESULT_CHARACTERS_MAX), ...wordsOf(end?.parts ?? []), outcome(end)];
  const text = lines.filter((line) => !isBlank(line)).join('\n');
  return text === '' ? '(no output)' : text;
}

/** True where a provider that knows such a mark should be told that the call did not do its work. */
export function isFailure(result: PastResult | undefined): boolean {
  return result?.end?.status !== 'ok';
}

function outputOf(end: ToolEndRecord, recorded: string): string {
  if (end.output !== undefined) return end.output;
  if (end.blob === undefined) return recorded;
  const head = end.head ?? '';
  const tail = end.tail ?? '';
  const leftOutBytes = Math.max(0, end.blob.bytes - bytesOf(head) - bytesOf(tail));
  return `${head}\n[… ${leftOutBytes} bytes left out …]\n${tail}`;
}

function outcome(end: ToolEndRecord | null): string {
  const code = end?.exitCode === undefined || end.exitCode === 0 ? '' : `[exit code ${end.exitCode}]`;
  switch (end?.status) {
    case undefined:
    case 'interrupted':
      return '[interrupted: the call did not finish; what it had done until then stays done]';
    case 'denied':
      return '[denied: this call was not allowed and did not run]';
    case 'error':
      return code === '' ? '[the call failed]' : code;
    case 'ok':
      return code;
  }
}

function wordsOf(parts: readonly Part[]): string[] {
  return parts.filter((part) => part.type !== 'image').map(partInWords);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
