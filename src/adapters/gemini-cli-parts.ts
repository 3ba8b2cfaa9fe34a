// Content of Gemini CLI messages (parts of the Gemini API) as our parts.

import { stringifyJson } from '../core/json.ts';
import type { Part } from '../core/record.ts';
import { isObject, listOf, objectOf, textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

/** How texts begin that the client says in the user's name. */
const INJECTED = /^\s*<(session_context|hook_context|state_snapshot|system-reminder)>/;

export function isInjected(text: string): boolean {
  return INJECTED.test(text);
}

/** Content as a list of parts: it may be a text, one part, or a list of both. */
export function contentParts(content: unknown): JsonObject[] {
  const list = Array.isArray(content) ? content : [content];
  return list.flatMap((part) => (typeof part === 'string' ? [{ text: part }] : isObject(part) ? [part] : []));
}

export function textOfContent(content: unknown): string {
  return contentParts(content)
    .map((part) => textOf(part['text']) ?? '')
    .join('');
}

/** True when every field of the content is in the parts made of it. */
export function isPlain(content: readonly JsonObject[]): boolean {
  return content.every((part) =>
    Object.keys(part).every((key) => key !== 'thoughtSignature' || part['thought'] === true),
  );
}

/** One part of any kind; what has no word of ours is kept whole. `fallbackId` names a call without an id. */
export function partOf(part: JsonObject, fallbackId: string): Part {
  const text = textOf(part['text']);
  if (text !== undefined && part['thought'] === true) {
    const signature = textOf(part['thoughtSignature']);
    return { type: 'thinking', text, ...(signature !== undefined && { signature }) };
  }
  if (text !== undefined) return { type: 'text', text };
  if (isObject(part['functionCall'])) return callPart(part['functionCall'], fallbackId);
  const inline = objectOf(part['inlineData']);
  const mediaType = textOf(inline['mimeType']);
  const data = textOf(inline['data']);
  if (mediaType?.startsWith('image/') && data !== undefined) return { type: 'image', mediaType, data };
  return { type: 'other', kind: `gemini-cli:${Object.keys(part)[0] ?? 'unknown'}`, value: part };
}

/** A call in the model's content or in the client's list of calls; both have id, name and args. */
export function callPart(call: JsonObject, fallbackId: string): Extract<Part, { type: 'tool-call' }> {
  return {
    type: 'tool-call',
    callId: textOf(call['id']) ?? fallbackId,
    name: textOf(call['name']) ?? 'unknown',
    // The wire format has objects; the client writes them with JSON.stringify, and this gives the same text.
    input: stringifyJson(call['args'] ?? {}),
  };
}

/** Thoughts as the client itself turns them into content when it resumes. */
export function thoughtParts(thoughts: unknown): Part[] {
  return listOf(thoughts).map((thought) => {
    const { subject, description } = objectOf(thought);
    return { type: 'thinking', text: `**${textOf(subject) ?? ''}** ${textOf(description) ?? ''}` };
  });
}
