// JSON Lines of another client as parsed objects. What is no JSON object goes to the sink as unreadable, with its
// place and its text, and the rest is read on.

import path from 'node:path';
import { SessionError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Sink } from './adapter.ts';
import { isObject } from './json-values.ts';
import type { JsonObject } from './json-values.ts';
import { readLines } from './line-reader.ts';
import type { DamagedLine, Line } from './line-reader.ts';

export interface Entry {
  value: JsonObject;
  /** Id for what has none of its own: its place, which an append-only file never changes. */
  key: string;
  /** Counted from 1. */
  line: number;
  offsetBytes: number;
  lengthBytes: number;
}

/**
 * The entries of all files of a session in order. Keys hold a file's name from the second file on, so that the keys of
 * the first do not change when another joins it. Throws STORE_UNREADABLE.
 */
export async function* readEntries(files: readonly string[], sink: Pick<Sink, 'unreadable'>): AsyncGenerator<Entry> {
  for (const [index, file] of files.entries()) yield* fileEntries(file, index === 0 ? '' : path.basename(file), sink);
}

/** The entries of one file, keyed by `prefix` and place. */
export async function* fileEntries(
  file: string,
  prefix: string,
  sink: Pick<Sink, 'unreadable'>,
): AsyncGenerator<Entry> {
  for await (const line of readLines(file)) {
    const { offsetBytes, lengthBytes } = line;
    const key = `${prefix}@${offsetBytes}`;
    const parsed = parseEntry(line);
    if (typeof parsed !== 'string') yield { value: parsed, key, line: line.line, offsetBytes, lengthBytes };
    else {
      const text = 'text' in line ? { text: line.text } : {};
      await sink.unreadable({
        id: key,
        reason: parsed,
        path: file,
        line: line.line,
        offsetBytes,
        lengthBytes,
        ...text,
      });
    }
  }
}

/** The object of a line, or the reason why there is none. */
function parseEntry(line: Line | DamagedLine): JsonObject | string {
  if ('damage' in line) return line.damage;
  try {
    const value = parseJson(line.text);
    return isObject(value) ? value : 'not a JSON object';
  } catch (error) {
    // The parser's own words quote the text, which may hold a secret.
    if (error instanceof SyntaxError) return line.finished ? 'not valid JSON' : 'cut off in the middle of the line';
    if (error instanceof SessionError && error.code === 'RECORD_TOO_DEEP') return error.message;
    throw error;
  }
}

/**
 * Throws FORMAT_UNKNOWN unless one of the files holds an entry of this agent; stops at the first. Asked before
 * anything is given to the sink, so that a file of somebody else leaves nothing behind.
 */
export async function assertFormat(
  files: readonly string[],
  title: string,
  isEntry: (value: JsonObject) => boolean,
): Promise<void> {
  for await (const { value } of readEntries(files, { unreadable: () => undefined })) if (isEntry(value)) return;
  throw new SessionError('FORMAT_UNKNOWN', `${files[0] ?? 'nothing'} is no ${title} session`, {
    op: 'import',
    path: files[0],
    hint: 'name the agent with --from, or import a file of roo session export',
  });
}

/** The objects of the whole lines in a file's first bytes; lines that cannot be parsed are passed over. */
export function headEntries(head: string): JsonObject[] {
  const entries: JsonObject[] = [];
  for (const text of head.replace(/^\uFEFF/, '').split('\n')) {
    // A cut last line and a damaged line look the same here; reading the session will tell them apart.
    const value = text.startsWith('{') ? parsedOrNone(text) : undefined;
    if (isObject(value)) entries.push(value);
  }
  return entries;
}

function parsedOrNone(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SessionError) return undefined;
    throw error;
  }
}
