// Anthropic's messages, streamed: blocks of thinking, text and tool use, each with a start, its pieces and an end.

import type { Conversation } from './scenario.ts';
import type { Spoken } from './spoken.ts';
import { pieces } from './spoken.ts';
import type { Wire } from './wire.ts';
import { textOf } from './wire.ts';

interface Body {
  model: string;
  messages: { role: 'user' | 'assistant'; content: unknown }[];
}

interface Block {
  start: object;
  deltas: object[];
}

function understand(body: unknown): Conversation {
  const { messages } = body as Body;
  const isResult = (block: { type: string }): boolean => block.type === 'tool_result';
  return {
    items: messages.map(({ role, content }) => ({
      role: Array.isArray(content) && content.some(isResult) ? 'tool' : role,
      text: textOf(content),
    })),
  };
}

function events(answer: Spoken, body: unknown): object[] {
  const usage = {
    input_tokens: answer.inputTokens,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 10,
    output_tokens: 40,
  };
  const message = {
    id: `msg_${answer.inputTokens}`,
    type: 'message',
    role: 'assistant',
    model: (body as Body).model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  const stopReason = answer.finish ?? (answer.calls.length > 0 ? 'tool_use' : 'end_turn');
  return [
    { type: 'message_start', message },
    { type: 'ping' },
    ...blocksOf(answer).flatMap(({ start, deltas }, index) => [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}

function blocksOf({ think, sealed, text, calls }: Spoken): Block[] {
  const blocks: Block[] = [];
  if (think !== '') {
    const signature = Buffer.from(`signed:${think}`).toString('base64');
    const thoughts = pieces(think).map((thinking) => ({ type: 'thinking_delta', thinking }));
    blocks.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [...thoughts, { type: 'signature_delta', signature }],
    });
  }
  if (sealed !== '') blocks.push({ start: { type: 'redacted_thinking', data: sealed }, deltas: [] });
  if (text !== '') {
    const words = pieces(text).map((part) => ({ type: 'text_delta', text: part }));
    blocks.push({ start: { type: 'text', text: '' }, deltas: words });
  }
  for (const { id, name, json } of calls) {
    const parts = pieces(json).map((part) => ({ type: 'input_json_delta', partial_json: part }));
    blocks.push({ start: { type: 'tool_use', id, name, input: {} }, deltas: parts });
  }
  return blocks;
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export const ANTHROPIC: Wire = {
  path: /\/messages$/,
  understand,
  events,
  frame: (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
  end: '',
  error: (message, status) => ({ type: 'error', error: { type: ERROR_TYPES[status] ?? 'api_error', message } }),
};
