// A Gemini CLI session file as entries that can be read a second time by their place, because only its end tells which
// of the many versions of a message counts. Two forms: JSON Lines, and one JSON document of clients before 0.30.

import { promises as fs } from 'node:fs';
import path from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Sink } from './adapter.ts';
import { fileEntries } from './entry-reader.ts';
import type { Entry } from './entry-reader.ts';
import { isObject, objectOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';
import { LINE_BYTES_MAX } from './line-reader.ts';

/** Where an entry lies; its unit is the source's own business. */
export interface EntryPlace {
  offset: number;
  length: number;
}

export interface GeminiSource {
  /** All entries in order; for a document first what is not messages, then each message. */
  entries(sink: Pick<Sink, 'unreadable'>): AsyncIterable<Entry & { place: EntryPlace }>;
  /** One entry again. */
  load(place: EntryPlace): Promise<JsonObject>;
  close(): Promise<void>;
}

/** True for the first bytes of a document: a line that holds nothing but its opening brace. */
export function isDocument(head: string): boolean {
  return /^\uFEFF?\s*\{\s*\n/.test(head) && !head.trimStart().startsWith('{"');
}

export async function openSource(file: string, prefix: string, document: boolean): Promise<GeminiSource> {
  const handle = await fs.open(file, 'r').catch((error: unknown) => {
    throw systemError(error, 'read', file);
  });
  return document ? openDocument(handle, file, prefix) : new LineSource(handle, file, prefix);
}

class LineSource implements GeminiSource {
  readonly #handle: fs.FileHandle;
  readonly #file: string;
  readonly #prefix: string;
  /** The history is written again at every resume; its messages are asked for one after the other. */
  #last: { offset: number; value: JsonObject } | undefined;

  constructor(handle: fs.FileHandle, file: string, prefix: string) {
    this.#handle = handle;
    this.#file = file;
    this.#prefix = prefix;
  }

  async *entries(sink: Pick<Sink, 'unreadable'>): AsyncGenerator<Entry & { place: EntryPlace }> {
    for await (const entry of fileEntries(this.#file, this.#prefix, sink)) {
      yield { ...entry, place: { offset: entry.offsetBytes, length: entry.lengthBytes } };
    }
  }

  async load({ offset, length }: EntryPlace): Promise<JsonObject> {
    if (this.#last?.offset === offset) return this.#last.value;
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#handle.read(bytes, 0, length, offset).catch((error: unknown) => {
      throw systemError(error, 'read', this.#file);
    });
    if (bytesRead < length) throw changed(this.#file, offset);
    const value = objectOf(parseJson(bytes.toString('utf8')));
    if ('$set' in value || 'messages' in value) this.#last = { offset, value };
    return value;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The whole document is held in memory, as its one value would be anyway; it may be cut off anywhere. */
async function openDocument(handle: fs.FileHandle, file: string, prefix: string): Promise<GeminiSource> {
  let text: string;
  try {
    const { size } = await handle.stat();
    if (size > LINE_BYTES_MAX)
      throw new SessionError('IMPORT_REFUSED', `${file} is one JSON document of more than ${LINE_BYTES_MAX} bytes`, {
        op: 'import',
        path: file,
        hint: 'resume the session once with a newer client, which turns it into JSON Lines, and import that file',
      });
    text = await handle.readFile('utf8');
  } catch (error) {
    throw systemError(error, 'read', file);
  } finally {
    await handle.close();
  }
  const { start, end, elements } = messageSpans(text);
  const outside = `${text.slice(0, start)}${end === undefined ? ']}' : text.slice(end)}`;
  return {
    async *entries(sink) {
      const spans = [
        { offset: 0, length: 0, json: outside },
        ...elements.map((span) => ({ ...span, json: slice(text, span) })),
      ];
      for (const { json, ...place } of spans) {
        const value = parsedOrNone(json);
        const bytes = {
          offsetBytes: Buffer.byteLength(text.slice(0, place.offset)),
          lengthBytes: Buffer.byteLength(json),
        };
        const key = `${prefix}@${bytes.offsetBytes}`;
        if (value !== undefined) yield { value, key, line: 0, ...bytes, place };
        else await sink.unreadable({ id: key, reason: 'not valid JSON', path: file, ...bytes, text: json });
      }
    },
    load: async (place) => objectOf(parseJson(slice(text, place))),
    close: () => Promise.resolve(),
  };
}

function slice(text: string, { offset, length }: EntryPlace): string {
  return text.slice(offset, offset + length);
}

function parsedOrNone(json: string): JsonObject | undefined {
  try {
    const value = parseJson(json);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SessionError) return undefined;
    throw error;
  }
}

/** Where the elements of the top-level array `messages` lie. A last element that is cut off is one of them. */
function messageSpans(text: string): { start: number; end: number | undefined; elements: EntryPlace[] } {
  const elements: EntryPlace[] = [];
  const found = { start: text.length, end: undefined as number | undefined, elements };
  let depth = 0;
  let key = '';
  let elementAt = -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') {
      const at = i;
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (depth === 1) key = text.slice(at + 1, i);
    } else if (character === '{' || character === '[') {
      if (depth === 1 && key === 'messages' && character === '[') found.start = i + 1;
      else if (depth === 2 && found.start <= i && found.end === undefined) elementAt = i;
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
      if (depth === 2 && elementAt >= 0) elements.push({ offset: elementAt, length: i + 1 - elementAt });
      if (depth === 2) elementAt = -1;
      if (depth === 1 && found.start <= i) found.end ??= i;
    }
  }
  if (elementAt >= 0) elements.push({ offset: elementAt, length: text.length - elementAt });
  return found;
}

function changed(file: string, offsetBytes: number): SessionError {
  return new SessionError('STORE_UNREADABLE', `${path.basename(file)} became shorter while it was read`, {
    op: 'read',
    path: file,
    offsetBytes,
    hint: 'another process is changing the file; import it again',
  });
}
