// Messages of a log as a request is made of them, written shortly.

import type { PastMessage, PastResult } from '../../src/agent/past-message.ts';
import type { MessageRecord, Part, ToolEndRecord } from '../../src/core/record.ts';

const AT = '2026-01-02T03:04:05.678Z';
let made = 0;

type Said = string | Part[];
type Extra = Partial<Omit<MessageRecord, 'type' | 'role' | 'parts'>>;

export function user(said: Said, results: Record<string, PastResult> = {}): PastMessage {
  return past('user', said, {}, results);
}

/** Of a model with OpenAI's wire format, unless `extra` names another. */
export function assistant(said: Said, results: Record<string, PastResult> = {}, extra: Extra = {}): PastMessage {
  return past('assistant', said, { model: 'openai/scripted', ...extra }, results);
}

export function past(
  role: MessageRecord['role'],
  said: Said,
  extra: Extra = {},
  results: Record<string, PastResult> = {},
): PastMessage {
  const parts: Part[] = typeof said === 'string' ? [{ type: 'text', text: said }] : said;
  const message: MessageRecord = { type: 'message', id: `m${++made}`, at: AT, parentId: null, role, parts, ...extra };
  return { message, results: new Map(Object.entries(results)) };
}

export function call(callId: string, input: string, name = 'read_file'): Part {
  return { type: 'tool-call', callId, name, input };
}

/** An ended call; `end` overrides. */
export function ended(output: string | undefined, end: Partial<ToolEndRecord> = {}): PastResult {
  const record: ToolEndRecord = { type: 'tool-end', id: `e${++made}`, at: AT, callId: '', status: 'ok', ...end };
  return { end: output === undefined ? record : { ...record, output }, output: '' };
}

/** A call that is still open, with its output so far. */
export function running(output: string): PastResult {
  return { end: null, output };
}

/** A millisecond later every time it is read. */
export function manualClock(): () => number {
  let ms = Date.parse(AT);
  return () => ++ms;
}
