// Response items of Codex as parts. Items are what goes to and comes from the model; one answer of the model is several.

import { stringifyJson } from '../core/json.ts';
import type { Part, Role, ThinkingPart, ToolCallPart } from '../core/record.ts';
import { isObject, listOf, objectOf, presentOrNone, textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

/** How texts begin that the client says in the user's name; only asked where a line does not say it better. */
const INJECTED =
  /^\s*(<(environment_context|user_instructions|permissions instructions|skills_instructions|collaboration_mode|user_shell_command|turn_aborted|subagent_notification|skill|model_switch|personality_spec|INSTRUCTIONS|hook_prompt)[\s>]|# AGENTS\.md instructions for )/;
/** What editors put before the words typed into them. */
const EDITOR_CONTEXT = /^# Context from my IDE setup:[^]*?\n## My request for Codex:\n/;
/** Stands around an image to tell the model its name. */
const IMAGE_TAG = /^<image( [^>]*)?>$|^<\/image>$/;

/** Parts of a message to the model, and whose words they are. */
export function promptParts(payload: JsonObject): { role: Role; parts: Part[] } {
  const items = contentOf(payload);
  // Newer clients say of each item where it came from.
  const kinds = listOf(objectOf(payload['internal_chat_message_metadata_passthrough'])['content_item_kinds']);
  const typed = items.map((item, index) => {
    const kind = textOf(kinds[index]);
    return kind === undefined || kind === 'unknown'
      ? !INJECTED.test(textOf(item['text']) ?? '')
      : kind.startsWith('user.');
  });
  if (payload['role'] !== 'user' || !typed.includes(true)) return { role: 'system', parts: items.map(contentPart) };
  return { role: 'user', parts: items.flatMap((item, index) => (typed[index] ? typedParts(item) : [injected(item)])) };
}

function typedParts(item: JsonObject): Part[] {
  const text = textOf(item['text']) ?? '';
  if (IMAGE_TAG.test(text.trim())) return [injected(item)];
  const context = EDITOR_CONTEXT.exec(text)?.[0];
  if (context === undefined) return [contentPart(item)];
  return [injected({ ...item, text: context }), { type: 'text', text: text.slice(context.length) }];
}

function injected(item: JsonObject): Part {
  return { type: 'other', kind: 'codex:injected', value: item };
}

/** Content of a message or a tool's output: a text is one item. */
export function contentOf(holder: JsonObject, field = 'content'): JsonObject[] {
  const content = holder[field];
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return listOf(content).filter(isObject);
}

export function contentPart(item: JsonObject): Part {
  const text = textOf(item['text']);
  if (text !== undefined && textOf(item['type'])?.endsWith('text') === true) return { type: 'text', text };
  const url = textOf(item['image_url']) ?? textOf(objectOf(item['image_url'])['url']);
  const data = /^data:([^;,]+);base64,/.exec(url ?? '');
  if (data !== null) return { type: 'image', mediaType: data[1]!, data: url!.slice(data[0].length) };
  return { type: 'other', kind: `codex:${textOf(item['type']) ?? 'unknown'}`, value: item };
}

/** What one item adds to the model's answer, and which of its fields that takes up; undefined for other items. */
export function answerPart(payload: JsonObject, key: string): { parts: Part[]; taken: readonly string[] } | undefined {
  const callId = textOf(payload['call_id']) ?? textOf(payload['id']) ?? key;
  const call = (name: string, input: string, ...taken: string[]): { parts: ToolCallPart[]; taken: string[] } => ({
    parts: [{ type: 'tool-call', callId, name, input }],
    taken: ['type', 'call_id', ...taken],
  });
  switch (payload['type']) {
    case 'message':
      return payload['role'] === 'assistant' ? answerText(payload) : undefined;
    case 'reasoning':
      return { parts: [thinkingPart(payload)], taken: ['type', 'summary', 'encrypted_content'] };
    case 'function_call':
      return call(textOf(payload['name']) ?? 'unknown', inputText(payload['arguments']), 'name', 'arguments');
    case 'custom_tool_call':
      return call(textOf(payload['name']) ?? 'unknown', inputText(payload['input']), 'name', 'input');
    case 'local_shell_call':
      return call('local_shell', inputText(payload['action']), 'action');
    case 'tool_search_call':
      return call('tool_search', inputText(payload['arguments']), 'arguments');
    case 'web_search_call':
      return call('web_search', inputText(payload['action']), 'action');
    case 'image_generation_call':
      return call(
        'image_generation',
        inputText(presentOrNone({ revised_prompt: payload['revised_prompt'] })),
        'result',
      );
    default:
      return undefined;
  }
}

function answerText(payload: JsonObject): { parts: Part[]; taken: string[] } {
  const items = contentOf(payload);
  // Citations lie beside the text; where there are some, the content is kept as it is too.
  const plain = items.every(
    (item) => listOf(item['annotations']).length === 0 && listOf(item['logprobs']).length === 0,
  );
  return { parts: items.map(contentPart), taken: ['type', 'role', ...(plain ? ['content'] : [])] };
}

/** Models of others give their thoughts in `content`; OpenAI's give a summary and the rest sealed. */
function thinkingPart(payload: JsonObject): ThinkingPart {
  const texts = textsOf(payload);
  const signature = textOf(payload['encrypted_content']);
  return { type: 'thinking', text: texts.join('\n\n'), ...(signature !== undefined && { signature }) };
}

/** The words of an item, of a thought its summary too. */
export function textsOf(payload: JsonObject): string[] {
  const texts = [...contentOf(payload, 'summary'), ...contentOf(payload)].map((item) => textOf(item['text']) ?? '');
  return texts.filter((text) => text !== '');
}

/** Arguments are text as the model wrote it, malformed or not; actions are objects. */
function inputText(input: unknown): string {
  return typeof input === 'string' ? input : stringifyJson(input ?? {});
}
