// OpenAI's chat completions, streamed. Thinking goes by `reasoning_content`, as most compatible servers have it.

import type { Conversation } from './scenario.ts';
import type { Spoken } from './spoken.ts';
import { pieces } from './spoken.ts';
import type { Wire } from './wire.ts';
import { textOf } from './wire.ts';

interface Body {
  model: string;
  messages: { role: string; content: unknown }[];
}

function understand(body: unknown): Conversation {
  const { messages } = body as Body;
  return {
    items: messages
      .filter(({ role }) => role !== 'system')
      .map(({ role, content }) => ({ role: role as 'user' | 'assistant' | 'tool', text: textOf(content) })),
  };
}

function events(answer: Spoken, body: unknown): object[] {
  const base = {
    id: `chatcmpl-${answer.inputTokens}`,
    object: 'chat.completion.chunk',
    created: 1,
    model: (body as Body).model,
  };
  const chunk = (delta: object, finish: string | null = null): object => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const calls = answer.calls.flatMap(({ id, name, json }, index) => [
    chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
    ...pieces(json).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
  ]);
  const usage = {
    prompt_tokens: answer.inputTokens,
    completion_tokens: 40,
    total_tokens: answer.inputTokens + 40,
    prompt_tokens_details: { cached_tokens: 10 },
    completion_tokens_details: { reasoning_tokens: answer.think === '' ? 0 : 12 },
    cost: 0.0005,
  };
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces(answer.think).map((part) => chunk({ reasoning_content: part })),
    ...pieces(answer.text).map((part) => chunk({ content: part })),
    ...calls,
    chunk({}, answer.finish ?? (answer.calls.length > 0 ? 'tool_calls' : 'stop')),
    { ...base, choices: [], usage },
  ];
}

export const CHAT: Wire = {
  path: /\/chat\/completions$/,
  understand,
  events,
  frame: (event) => `data: ${JSON.stringify(event)}\n\n`,
  end: 'data: [DONE]\n\n',
  error: (message, status) => ({ error: { message, type: 'server_error', code: status } }),
};
