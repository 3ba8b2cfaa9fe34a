// A tool's result as Gemini CLI keeps it: the response for the model, in the list of calls of the model's message or in
// a user message of its own, and beside it what the screen showed.

import { stringifyJson } from '../core/json.ts';
import type { Part, ToolStatus } from '../core/record.ts';
import type { ForeignToolEnd } from './adapter.ts';
import { contentParts, partOf } from './gemini-cli-parts.ts';
import { isObject, objectOf, present, presentOrNone, textOf, timeOf, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

/** A response with what came beside it (an image that was read). */
export interface Result {
  callId: string | undefined;
  name: string | undefined;
  response: JsonObject;
  beside: JsonObject[];
}

/** The responses in a content, each with the parts after it. */
export function resultsIn(content: unknown): Result[] {
  const results: Result[] = [];
  for (const part of contentParts(content)) {
    const response = part['functionResponse'];
    if (isObject(response)) {
      const [callId, name] = [textOf(response['id']), textOf(response['name'])];
      results.push({ callId, name, response: objectOf(response['response']), beside: [] });
    } else results.at(-1)?.beside.push(part);
  }
  return results;
}

const TAKEN: ReadonlySet<string> = new Set(['id', 'name', 'args', 'result']);

/** The end of a call from the client's list; undefined when it has none: it was still running. */
export function callEnd(call: JsonObject, callId: string, id: string): ForeignToolEnd | undefined {
  const status = textOf(call['status']);
  const all = resultsIn(call['result']);
  // After a compression the list holds the whole turn, the results of other calls too.
  const result = all.find((one) => one.callId === callId) ?? (all.length === 1 ? all[0] : undefined);
  if (result === undefined && status !== 'success' && status !== 'error' && status !== 'cancelled') return undefined;
  const raw = without(call, TAKEN);
  return end(
    result ?? { callId, name: undefined, response: {}, beside: [] },
    callId,
    id,
    timeOf(call['timestamp']),
    status,
    raw,
  );
}

/** The end of a call from a user message that holds only its response. */
export function resultEnd(result: Result, callId: string, id: string, at: string | undefined): ForeignToolEnd {
  return end(result, callId, id, at, undefined, undefined);
}

function end(
  { response, beside }: Result,
  callId: string,
  id: string,
  at: string | undefined,
  told: string | undefined,
  call: JsonObject | undefined,
): ForeignToolEnd {
  const output = outputOf(response);
  const exitCode = exitCodeOf(output);
  const parts: Part[] = beside.map((part) => partOf(part, ''));
  const raw = presentOrNone({ call, response: without(response, new Set(['output', 'error'])) });
  return {
    id,
    ...present({ at }),
    type: 'tool-end',
    callId,
    status: statusOf(told, response, output, exitCode),
    output,
    ...present({ parts: parts.length > 0 ? parts : undefined, exitCode, raw }),
  };
}

function outputOf(response: JsonObject): string {
  const text = textOf(response['output']) ?? textOf(response['error']);
  if (text !== undefined) return text;
  return Object.keys(response).length === 0 ? '' : stringifyJson(response);
}

/** A command that fails is a success to the client; to us it is what it is for every other agent. */
function statusOf(
  told: string | undefined,
  response: JsonObject,
  output: string,
  exitCode: number | undefined,
): ToolStatus {
  if (told === 'cancelled') return /did not allow|declined|denied/i.test(output) ? 'denied' : 'interrupted';
  if (told === 'error' || (exitCode !== undefined && exitCode !== 0)) return 'error';
  return told === undefined && 'error' in response ? 'error' : 'ok';
}

/**
 * The shell tool ends its text with lines of its own, the exit code among them when it is not zero. Only those last
 * lines are asked, because a command may print the same words.
 */
function exitCodeOf(output: string): number | undefined {
  const tail =
    /(?:^|\n)((?:(?:Error|Exit Code|Signal|Background PIDs|Process Group PGID): [^\n]*(?:\n|$))+)(?:<\/untrusted_context>\s*)?$/.exec(
      output.slice(-2000),
    )?.[1];
  if (tail === undefined || !tail.includes('Process Group PGID: ')) return undefined;
  const told = /^Exit Code: (-?\d{1,10}|\(none\))$/m.exec(tail)?.[1];
  return told === '(none)' ? undefined : Number(told ?? 0);
}
