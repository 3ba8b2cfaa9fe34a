// A tool's result as Claude Code keeps it: a `tool_result` block for the model, and beside it `toolUseResult`, what the
// client itself knows (files, diffs, streams).

import type { ToolStatus } from '../core/record.ts';
import type { ForeignToolEnd } from './adapter.ts';
import { blocksOf, partOf } from './claude-code-parts.ts';
import { isObject, numberOf, objectOf, presentOrNone, textOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

/** What of the entry goes into every result made from it. */
export interface ResultFrame {
  id: string;
  at: string | undefined;
  /** Fields of the entry that have no other place. */
  rest: JsonObject | undefined;
}

/** `callId` is known to be a call of this session. `detail` is the entry's `toolUseResult`, if it belongs to this block. */
export function toolEnd(
  block: JsonObject,
  callId: string,
  entry: JsonObject,
  detail: unknown,
  frame: ResultFrame,
): ForeignToolEnd {
  const parts = blocksOf(block['content']).map(partOf);
  const output = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const others = parts.filter((part) => part.type !== 'text');
  const status = statusOf(block, entry, detail, output);
  const exitCode = exitCodeOf(status, detail, output);
  const facts = objectOf(detail);
  const durationMs = numberOf(facts['durationMs']) ?? numberOf(facts['totalDurationMs']);
  const raw = presentOrNone({ entry: frame.rest, toolUseResult: repeats(detail, output) ? undefined : detail });
  return {
    id: frame.id,
    ...(frame.at !== undefined && { at: frame.at }),
    type: 'tool-end',
    callId,
    status,
    output,
    ...(others.length > 0 && { parts: others }),
    ...(exitCode !== undefined && { exitCode }),
    ...(durationMs !== undefined && { durationMs }),
    ...(raw !== undefined && { raw }),
  };
}

/** Errors are told as text, sometimes with a prefix: then the client knows no more than the model. */
function repeats(detail: unknown, output: string): boolean {
  return detail === undefined || detail === output || detail === `Error: ${output}`;
}

function statusOf(block: JsonObject, entry: JsonObject, detail: unknown, output: string): ToolStatus {
  const denial = textOf(entry['toolDenialKind']);
  if (denial !== undefined) return denial === 'interrupted' ? 'interrupted' : 'denied';
  if (objectOf(detail)['interrupted'] === true) return 'interrupted';
  if (block['is_error'] !== true) return 'ok';
  // Clients before `toolDenialKind` told it in words only.
  if (
    /^(\[Request interrupted by user|\[Tool call interrupted|<error>Command was aborted|The user doesn't want to take this action right now)/.test(
      output,
    )
  )
    return 'interrupted';
  if (
    detail === 'User rejected tool use' ||
    /^(The user doesn't want to proceed with this tool use|Permission to use \w+ .*has been denied)/.test(output)
  )
    return 'denied';
  return 'error';
}

/** The shell tool tells a failure's exit code in the first line of its text, and success only by having streams. */
function exitCodeOf(status: ToolStatus, detail: unknown, output: string): number | undefined {
  if (status === 'error') {
    const told = /^(?:Error: )?Exit code (-?\d{1,10})(?:\n|$)/.exec(output);
    return told === null ? undefined : Number(told[1]);
  }
  if (status !== 'ok' || !isObject(detail) || typeof detail['stdout'] !== 'string') return undefined;
  // In the background it has not ended; with an interpretation (grep found nothing) the code was not zero, and not told.
  return detail['backgroundTaskId'] === undefined && detail['returnCodeInterpretation'] === undefined ? 0 : undefined;
}
