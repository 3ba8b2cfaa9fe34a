// What a wire format is to the server.

import type { Conversation } from './scenario.ts';
import type { Spoken } from './spoken.ts';

export interface Wire {
  path: RegExp;
  /** Of the body of a request. */
  understand(body: unknown): Conversation;
  /** The stream's events, in order. */
  events(answer: Spoken, body: unknown): object[];
  /** One event as it goes over the wire. */
  frame(event: object): string;
  /** After the last event. */
  end: string;
  /** As body of a failing answer, and as event in a stream. */
  error(message: string, status: number): object;
}

/** All text of a message's content, results of tools included. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: string; content?: unknown }) => part.text ?? textOf(part.content)).join('\n');
}
