// One message of a format 1 document as records. Ours say all in `parts`; other programs have `content` as text or as
// the content blocks of a provider, so those are understood too, and what is not is kept whole.

import { stringifyJson } from './json.ts';
import type { LooseObject } from './loose-values.ts';
import {
  defined,
  isLooseObject,
  looseList,
  looseNumber,
  looseObject,
  looseText,
  looseTime,
  otherFields,
} from './loose-values.ts';
import type { NewRecord, Part, Role, ToolEndRecord, Usage } from './record.ts';
import { messageText } from './message-text.ts';
import { checkRecord, isPart } from './foreign-record-check.ts';

const ROLES: Readonly<Record<string, Role>> = {
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  model: 'assistant',
  system: 'system',
  developer: 'system',
};
const STATUSES: ReadonlySet<unknown> = new Set(['ok', 'error', 'interrupted', 'denied']);
const TEXT_TYPES: ReadonlySet<unknown> = new Set(['text', 'input_text', 'output_text']);
const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'parentId',
  'role',
  'content',
  'timestamp',
  'parts',
  'model',
  'usage',
  'durationMs',
  'raw',
]);

/** Records of a message in log order: itself, then the ends of its calls. `calls` are those seen so far; it grows. */
export function recordsOfMessage(value: unknown, calls: Set<string>): NewRecord[] {
  if (!isLooseObject(value)) return [{ type: 'custom', kind: 'format1:message', value }];
  const at = looseTime(value['timestamp']);
  const given = blocksOf(value);
  const parts: Part[] = [];
  const results: NewRecord[] = [];
  for (const block of given) {
    const result = resultOf(block);
    if (result === undefined) {
      const part = partOf(block);
      if (part.type === 'tool-call') calls.add(part.callId);
      parts.push(part);
    } else results.push(...result.map((one) => ofKnownCall(one, block, calls)).map((one) => timed(one, at)));
  }
  // A message of results alone is how providers send them; in a log they stand behind their calls.
  if (parts.length === 0 && results.length > 0) return results;
  const role = looseText(value['role']) ?? '';
  const strange = strangeFields(value, parts);
  const hasRaw = value['raw'] !== undefined;
  const message: NewRecord = {
    ...defined({ id: looseText(value['id']), at }),
    type: 'message',
    role: (Object.hasOwn(ROLES, role) ? ROLES[role] : undefined) ?? 'system',
    parts,
    ...defined({
      model: looseText(value['model']),
      usage: usageOf(value['usage']),
      durationMs: looseNumber(value['durationMs']),
      raw: hasRaw ? value['raw'] : strange,
    }),
  };
  const beside: NewRecord[] =
    hasRaw && strange !== undefined ? [timed({ type: 'custom', kind: 'format1:fields', value: strange }, at)] : [];
  return [message, ...results, ...beside];
}

/** What has no place in a message record; kept beside it. */
function strangeFields(message: LooseObject, parts: Part[]): LooseObject | undefined {
  const { role, content, usage } = message;
  const usesParts = looseList(message['parts']).length > 0;
  const isOtherContent = usesParts && content !== undefined && content !== messageText({ parts });
  const isOtherUsage = Object.keys(looseObject(usage)).some((key) => !USAGE_KEYS.has(key));
  const strange = {
    ...otherFields(message, MESSAGE_FIELDS),
    ...(!(typeof role === 'string' && Object.hasOwn(ROLES, role)) && { role }),
    ...(isOtherContent && { content }),
    ...(isOtherUsage && { usage }),
  };
  return Object.keys(strange).length === 0 ? undefined : strange;
}

/** Parts where the document has them, else the content as blocks, with the calls that some providers put beside it. */
function blocksOf(message: LooseObject): LooseObject[] {
  const { content, parts } = message;
  if (message['role'] === 'tool') return [{ ...message, type: 'tool_result', tool_use_id: message['tool_call_id'] }];
  const blocks = Array.isArray(parts) && parts.length > 0 ? parts : content;
  const list = typeof blocks === 'string' ? (blocks === '' ? [] : [{ type: 'text', text: blocks }]) : looseList(blocks);
  const calls = looseList(message['tool_calls']).map((call) => ({ ...looseObject(call), type: 'function_call' }));
  return [...list, ...calls].map((block) =>
    isLooseObject(block) ? block : { type: typeof block === 'string' ? 'text' : 'unknown', text: block },
  );
}

function partOf(block: LooseObject): Part {
  const { type } = block;
  if (isPart(block)) return block;
  const text = looseText(block['text']) ?? looseText(block['content']);
  if (text !== undefined && (type === undefined || TEXT_TYPES.has(type))) return { type: 'text', text };
  if (type === 'thinking' && typeof block['thinking'] === 'string')
    return { type: 'thinking', text: block['thinking'], ...defined({ signature: looseText(block['signature']) }) };
  const call = type === 'tool_use' || type === 'function_call' || type === 'tool_call' ? callOf(block) : undefined;
  return call ?? imageOf(block) ?? { type: 'other', kind: `format1:${looseText(type) ?? 'unknown'}`, value: block };
}

function callOf(block: LooseObject): Part | undefined {
  const inner = looseObject(block['function']);
  const callId = looseText(block['id']) ?? looseText(block['callId']) ?? looseText(block['call_id']);
  const name = looseText(block['name']) ?? looseText(inner['name']);
  const input = block['input'] ?? block['arguments'] ?? inner['arguments'] ?? {};
  if (callId === undefined || name === undefined) return undefined;
  return { type: 'tool-call', callId, name, input: typeof input === 'string' ? input : stringifyJson(input) };
}

function imageOf(block: LooseObject): Part | undefined {
  const source = looseObject(block['source']);
  const mediaType = looseText(source['media_type']);
  const data = looseText(source['data']);
  if (block['type'] !== 'image' || mediaType === undefined || data === undefined) return undefined;
  return { type: 'image', mediaType, data };
}

/** The records of a block that is the result of a call; undefined for any other block. */
function resultOf(block: LooseObject): NewRecord[] | undefined {
  if (block['type'] === 'tool-result') return ownResult(block);
  if (block['type'] !== 'tool_result' || typeof block['tool_use_id'] !== 'string') return undefined;
  const { content } = block;
  const parts = looseList(content).map((part) => partOf(looseObject(part)));
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const others = parts.filter((part) => part.type !== 'text');
  return [
    {
      type: 'tool-end',
      callId: block['tool_use_id'],
      status: block['is_error'] === true ? 'error' : 'ok',
      output: typeof content === 'string' ? content : texts.join('\n'),
      ...(others.length > 0 && { parts: others }),
    },
  ];
}

/** A result as we write it. One without an id that says it was interrupted is derived: the log never had its end. */
function ownResult(block: LooseObject): NewRecord[] {
  const { type: _type, name: _name, at, ...rest } = block;
  const callId = looseText(rest['callId']);
  if (callId === undefined) return [{ type: 'custom', kind: 'format1:tool-result', value: block }];
  const output = looseText(rest['output']) ?? '';
  const id = looseText(rest['id']);
  const isDerived = rest['status'] === 'running' || (rest['status'] === 'interrupted' && id === undefined);
  if (isDerived) return output === '' ? [] : [{ type: 'tool-output', callId, text: output }];
  const parts = looseList(rest['parts']).map((part) => partOf(looseObject(part)));
  const { id: _id, parts: _parts, output: _output, exitCode, durationMs, ...others } = rest;
  return [
    {
      ...others,
      ...defined({ id, at: looseTime(at) }),
      type: 'tool-end',
      callId,
      status: STATUSES.has(rest['status']) ? (rest['status'] as ToolEndRecord['status']) : 'ok',
      // Beginning and end of an output that could not be read when the document was written.
      ...(rest['blob'] === undefined ? { output } : { head: output }),
      ...(parts.length > 0 && { parts }),
      ...defined({ exitCode: looseNumber(exitCode), durationMs: looseNumber(durationMs) }),
    } as NewRecord,
  ];
}

/** A result stays whatever it is; it is the end of a call only where the document has the call. */
function ofKnownCall(record: NewRecord, block: LooseObject, calls: ReadonlySet<string>): NewRecord {
  const isEnd = record.type === 'tool-end' || record.type === 'tool-output';
  const isUsable = checkRecord(record) === null && !(isEnd && !calls.has(record.callId));
  return isUsable ? record : { type: 'custom', kind: 'format1:tool-result', value: block };
}

function timed(record: NewRecord, at: string | undefined): NewRecord {
  return record.at === undefined && at !== undefined ? { ...record, at } : record;
}

const USAGE_NAMES: Readonly<Record<keyof Usage, readonly string[]>> = {
  inputTokens: ['inputTokens', 'input_tokens', 'prompt_tokens'],
  outputTokens: ['outputTokens', 'output_tokens', 'completion_tokens'],
  cacheReadTokens: ['cacheReadTokens', 'cache_read_input_tokens'],
  cacheWriteTokens: ['cacheWriteTokens', 'cache_creation_input_tokens'],
  reasoningTokens: ['reasoningTokens', 'reasoning_tokens'],
  cost: ['cost'],
};

const USAGE_KEYS: ReadonlySet<string> = new Set(Object.values(USAGE_NAMES).flat());

function usageOf(value: unknown): Usage | undefined {
  const given = looseObject(value);
  const found = Object.entries(USAGE_NAMES).flatMap(([key, names]): [string, number][] => {
    const number = names.map((name) => looseNumber(given[name])).find((each) => each !== undefined);
    return number === undefined ? [] : [[key, number]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
