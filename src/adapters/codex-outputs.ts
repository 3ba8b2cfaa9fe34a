// A tool's output as Codex keeps it: the text the model got, with a header by the client, and beside it an event with
// what the client knows of the run.

import { parseJson, stringifyJson } from '../core/json.ts';
import type { Part, ToolStatus } from '../core/record.ts';
import type { ForeignToolEnd } from './adapter.ts';
import type { CodexLine } from './codex-lines.ts';
import { contentOf, contentPart } from './codex-items.ts';
import { isObject, numberOf, objectOf, present, presentOrNone, without } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

const TAKEN: ReadonlySet<string> = new Set(['type', 'call_id', 'output']);

/** `event` is what the client's events said of this call, if any did. */
export function toolEnd(line: CodexLine, id: string, callId: string, event: JsonObject | undefined): ForeignToolEnd {
  const { payload } = line;
  const told =
    payload['type'] === 'tool_search_output' ? { text: stringifyJson(payload['tools'] ?? []) } : outputOf(payload);
  const run = runOf(told.text);
  const metadata = objectOf(told.metadata);
  const durationMs = durationOf(event?.['duration']) ?? secondsMs(metadata['duration_seconds']) ?? run.durationMs;
  const exitCode = numberOf(event?.['exit_code']) ?? numberOf(metadata['exit_code']) ?? run.exitCode;
  const raw = presentOrNone({
    item: without({ ...payload, metadata: line.metadata }, TAKEN),
    metadata: told.metadata,
    event: event === undefined ? undefined : withoutOutput(event, told.text),
  });
  return {
    id,
    ...present({ at: line.at }),
    type: 'tool-end',
    callId,
    status: statusOf(told, event, exitCode),
    output: told.text,
    ...present({ parts: told.parts, exitCode, durationMs, raw }),
  };
}

/** The end of a call that the provider ran itself; its result is in the call's own item. Undefined while it runs. */
export function providerToolEnd(line: CodexLine, id: string, callId: string): ForeignToolEnd | undefined {
  const { type, status, result } = line.payload;
  if (type !== 'web_search_call' && type !== 'image_generation_call') return undefined;
  if (status !== 'completed' && status !== 'failed') return undefined;
  const image: Part[] | undefined =
    typeof result === 'string' ? [{ type: 'image', mediaType: 'image/png', data: result }] : undefined;
  return {
    id,
    ...present({ at: line.at }),
    type: 'tool-end',
    callId,
    status: status === 'completed' ? 'ok' : 'error',
    output: '',
    ...present({ parts: image }),
  };
}

interface Output {
  text: string;
  parts?: Part[];
  /** What older clients wrapped around the text. */
  metadata?: unknown;
  success?: unknown;
}

function outputOf(payload: JsonObject): Output {
  const output = payload['output'];
  if (isObject(output)) return { ...partsOutput(contentOf(output)), success: output['success'] };
  if (typeof output !== 'string') return partsOutput(contentOf(payload, 'output'));
  // Clients of 2025 gave the shell's output as JSON text. It is unwrapped, so that people and search find the lines.
  if (output.startsWith('{"output":')) {
    const wrapped = parsedOrNone(output);
    const keys = Object.keys(wrapped ?? {});
    if (typeof wrapped?.['output'] === 'string' && keys.every((key) => key === 'output' || key === 'metadata'))
      return { text: wrapped['output'], metadata: wrapped['metadata'] };
  }
  return { text: output };
}

function parsedOrNone(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // Cut in the middle by the client's limit: then it is text.
    throw error;
  }
}

function partsOutput(items: readonly JsonObject[]): Output {
  const parts = items.map(contentPart);
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const others = parts.filter((part) => part.type !== 'text');
  return { text, ...(others.length > 0 && { parts: others }) };
}

/** The client's header before the output; an intercepted apply_patch has its own one inside. */
function runOf(text: string): { exitCode?: number; durationMs?: number } {
  const outer =
    /^(?:Chunk ID: .*\n)?(?:Exit code: (-?\d{1,10})\n)?Wall time: ([\d.]+) seconds\n(?:Process exited with code (-?\d{1,10})\n)?/.exec(
      text,
    );
  if (outer === null) return {};
  const inner = /^[^]*?\nOutput:\nExit code: (-?\d{1,10})\nWall time: /.exec(text.slice(0, outer[0].length + 200))?.[1];
  const code = outer[1] ?? outer[3] ?? inner;
  return present({ exitCode: code === undefined ? undefined : Number(code), durationMs: secondsMs(Number(outer[2])) });
}

function statusOf(told: Output, event: JsonObject | undefined, exitCode: number | undefined): ToolStatus {
  if (
    event?.['status'] === 'declined' ||
    /^exec command rejected by user|^exec_command failed: .*\bRejected\(/.test(told.text)
  )
    return 'denied';
  if (/^(aborted|command was interrupted)\b/.test(told.text)) return 'interrupted';
  if (exitCode !== undefined) return exitCode === 0 ? 'ok' : 'error';
  const result = objectOf(event?.['result']);
  const failed = event?.['status'] === 'failed' || event?.['success'] === false || 'Err' in result;
  if (failed || objectOf(result['Ok'])['isError'] === true || told.success === false) return 'error';
  return /^(failed to parse|exec_command failed|apply_patch verification failed|unsupported (custom )?(tool )?call|execution error|tool call error|err: )/.test(
    told.text,
  )
    ? 'error'
    : 'ok';
}

/** `{secs, nanos}` as Rust writes a duration, or milliseconds. */
function durationOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const { secs, nanos } = objectOf(value);
  const seconds = numberOf(secs);
  return seconds === undefined ? undefined : secondsMs(seconds + (numberOf(nanos) ?? 0) / 1e9);
}

function secondsMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? Math.round(seconds * 1e6) / 1e3 : undefined;
}

/** The event's copies of the output go where the model got the same; where its text was cut short, they are the whole. */
function withoutOutput(event: JsonObject, text: string): JsonObject | undefined {
  const copies = ['aggregated_output', 'stdout', 'stderr', 'formatted_output'].filter((field) => {
    const copy = event[field];
    return typeof copy === 'string' && text.includes(copy);
  });
  return without(event, new Set(copies));
}
