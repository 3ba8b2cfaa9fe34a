// The lines of a Codex rollout in one shape. Since summer 2025 a line is `{timestamp, type, payload}`; before, the
// first line was the bare session and the others bare response items.

import type { Entry } from './entry-reader.ts';
import { isObject, textOf, timeOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

export interface CodexLine {
  /** `session_meta`, `response_item`, `event_msg`, `turn_context`, `compacted`, … */
  type: string;
  payload: JsonObject;
  /** Fields beside the payload that say more about it. */
  metadata: unknown;
  at: string | undefined;
  entry: Entry;
}

const BARE_ITEMS: ReadonlySet<unknown> = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'local_shell_call',
  'custom_tool_call',
  'custom_tool_call_output',
]);

const OWN_TYPES: ReadonlySet<unknown> = new Set([
  'session_meta',
  'response_item',
  'event_msg',
  'turn_context',
  'compacted',
]);

export function codexLine(entry: Entry): CodexLine {
  const { value } = entry;
  const at = timeOf(value['timestamp']);
  const type = textOf(value['type']);
  if (type !== undefined && isObject(value['payload']))
    return { type, payload: value['payload'], metadata: value['metadata'], at, entry };
  if (BARE_ITEMS.has(type)) return { type: 'response_item', payload: value, metadata: undefined, at, entry };
  const isMeta = type === undefined && isBareMeta(value);
  return { type: isMeta ? 'session_meta' : (type ?? 'unknown'), payload: value, metadata: undefined, at, entry };
}

/** True for what only this client writes; tells its files from those of others. */
export function isCodexEntry(value: JsonObject): boolean {
  if (textOf(value['type']) !== undefined && isObject(value['payload']))
    return value['timestamp'] !== undefined || OWN_TYPES.has(value['type']);
  if (value['record_type'] === 'state' || isBareMeta(value)) return true;
  // A bare item; pi's messages lie one level deeper and have parents.
  return BARE_ITEMS.has(value['type']) && !('message' in value) && !('parentId' in value) && !('sessionId' in value);
}

function isBareMeta(value: JsonObject): boolean {
  return textOf(value['id']) !== undefined && value['timestamp'] !== undefined && 'instructions' in value;
}
