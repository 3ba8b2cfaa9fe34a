// What the two providers refuse in a request, as far as their documentation and their error messages tell. A history
// that breaks one of these rules would make every later request of a session fail.

import assert from 'node:assert/strict';

type Json = Record<string, unknown>;

const PLAIN_ID = /^[a-zA-Z0-9_-]+$/;
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const IMAGE_TYPES = new Set<unknown>(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Body of POST /v1/messages. Throws an AssertionError that names the broken rule. */
export function checkAnthropicRequest(body: Json): void {
  assert.ok(Number.isInteger(body['max_tokens']), 'max_tokens is missing');
  for (const block of (body['system'] ?? []) as Json[]) checkText(block['text']);
  const messages = body['messages'] as { role: string; content: Json[] }[];
  assert.ok(messages.length > 0, 'no messages');
  assert.equal(messages[0]!.role, 'user', 'the first message is not of the user');
  assert.equal(messages.at(-1)!.role, 'user', 'the last message is not of the user');
  const ids = new Set<string>();
  let open: string[] = [];
  let breakpoints = ((body['system'] ?? []) as Json[]).filter((block) => block['cache_control'] !== undefined).length;
  messages.forEach(({ role, content }, at) => {
    assert.ok(content.length > 0, 'a message is empty');
    if (at > 0) assert.notEqual(role, messages[at - 1]!.role, 'roles do not alternate');
    const results = content.filter(({ type }) => type === 'tool_result');
    assert.deepEqual(
      results.map((block) => block['tool_use_id']).toSorted(),
      open.toSorted(),
      'calls and results differ',
    );
    const lastResult = content.findLastIndex(({ type }) => type === 'tool_result');
    assert.ok(
      content.slice(0, lastResult + 1).every(({ type }) => type === 'tool_result'),
      'results do not come first',
    );
    open = content.filter(({ type }) => type === 'tool_use').map((block) => block['id'] as string);
    for (const block of content) checkBlock(block, role, ids);
    if (role === 'assistant') assert.notEqual(content.at(-1)!['type'], 'thinking', 'an answer ends in thinking');
    breakpoints += content.filter((block) => block['cache_control'] !== undefined).length;
  });
  assert.ok(breakpoints <= 4, 'more than four cache breakpoints');
}

function checkBlock(block: Json, role: string, ids: Set<string>): void {
  switch (block['type']) {
    case 'text':
      checkText(block['text']);
      return;
    case 'tool_use':
      assert.equal(role, 'assistant', 'a call of the user');
      checkCall(block['id'], block['name'], ids);
      assert.match(String(block['id']), PLAIN_ID, 'the id has characters that are refused');
      checkArguments(block['input']);
      return;
    case 'tool_result':
      assert.equal(role, 'user', 'a result of the assistant');
      for (const part of [block['content']].flat() as (string | Json)[]) {
        if (typeof part === 'string') checkText(part);
        else checkBlock(part, role, ids);
      }
      return;
    case 'image':
      assert.equal(role, 'user', 'an image of the assistant');
      checkImage((block['source'] as Json)['media_type'], (block['source'] as Json)['data']);
      return;
    case 'thinking':
      assert.ok(typeof block['signature'] === 'string' && block['signature'] !== '', 'thinking without signature');
      return;
    case 'redacted_thinking':
      assert.equal(typeof block['data'], 'string');
      return;
    default:
      assert.fail(`block of type ${String(block['type'])}`);
  }
}

/** Body of POST /v1/chat/completions. Throws an AssertionError that names the broken rule. */
export function checkChatRequest(body: Json): void {
  const messages = body['messages'] as Json[];
  const ids = new Set<string>();
  let open: string[] = [];
  const spoken = messages.filter(({ role }) => role !== 'system');
  assert.ok(spoken.length > 0, 'no messages');
  assert.equal(spoken[0]!['role'], 'user', 'the first message is not of the user');
  assert.notEqual(spoken.at(-1)!['role'], 'assistant', 'the last message is of the assistant');
  messages.forEach((message, at) => {
    const { role, content } = message;
    if (role === 'system') assert.equal(at, 0, 'a system message in the middle');
    if (role === 'tool') {
      const answered = open.indexOf(String(message['tool_call_id']));
      assert.notEqual(answered, -1, 'a result without its call');
      open.splice(answered, 1);
      checkText(content);
      return;
    }
    assert.deepEqual(open, [], 'a call without a result right behind it');
    if (role === 'assistant') {
      assert.notEqual(messages[at - 1]!['role'], 'assistant', 'two answers in a row');
      open = checkChatAnswer(message, ids);
    } else if (typeof content === 'string') checkText(content);
    else checkChatParts(content as Json[]);
  });
  assert.deepEqual(open, [], 'calls without results at the end');
}

function checkChatAnswer(
  { content, tool_calls: calls, reasoning_content: thinking }: Json,
  ids: Set<string>,
): string[] {
  if (thinking !== undefined) checkText(thinking);
  const made = (calls ?? []) as { id: string; function: { name: string; arguments: string } }[];
  if (content !== null || made.length === 0) checkText(content);
  for (const { id, function: made_ } of made) {
    checkCall(id, made_.name, ids);
    const parsed: unknown = JSON.parse(made_.arguments);
    checkArguments(parsed);
  }
  return made.map(({ id }) => id);
}

function checkChatParts(parts: Json[]): void {
  assert.ok(parts.length > 0, 'a message is empty');
  for (const part of parts) {
    if (part['type'] === 'text') {
      checkText(part['text']);
      continue;
    }
    assert.equal(part['type'], 'image_url');
    const [, mediaType, data] = /^data:([^;]*);base64,(.*)$/.exec((part['image_url'] as { url: string }).url) ?? [];
    checkImage(mediaType, data);
  }
}

function checkCall(id: unknown, name: unknown, ids: Set<string>): void {
  assert.ok(typeof id === 'string' && id !== '', 'a call without an id');
  assert.ok(!ids.has(id), 'an id is used twice');
  ids.add(id);
  assert.match(String(name), TOOL_NAME, 'the name of a tool is refused');
}

function checkText(text: unknown): void {
  assert.ok(typeof text === 'string', 'text is missing');
  assert.match(text, /[^\s\u001c-\u001f\u0085]/, 'text is blank');
  assert.ok(text.isWellFormed(), 'half a character');
}

/** `JSON.stringify` writes half characters, and only them, as \\ud8…; Python's decoders refuse them. */
function checkArguments(value: unknown): void {
  assert.ok(isObject(value), 'arguments are no object');
  assert.doesNotMatch(JSON.stringify(value), /(?<!\\)(\\\\)*\\ud[89a-f]/i, 'half a character');
}

function checkImage(mediaType: unknown, data: unknown): void {
  assert.ok(IMAGE_TYPES.has(mediaType), `an image of type ${String(mediaType)}`);
  assert.ok(typeof data === 'string' && data !== '', 'an image without data');
  assert.equal(Buffer.from(data, 'base64').toString('base64'), data, 'an image that is no base64');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
