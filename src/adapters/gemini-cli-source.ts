// A Gemini CLI session file as entries that can be read a second time by their place, because only its end tells which
// of the many versions of a message counts. Two forms: JSON Lines, and one JSON document of clients before 0.30.

import { promises as fs } from 'node:fs';
import path from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Sink } from './adapter.ts';
import { fileEntries } from './entry-reader.ts';
import type { Entry } from './entry-reader.ts';
import { objectOf } from './json-values.ts';
import type { JsonObject } from './json-values.ts';

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

const READ_AHEAD_BYTES = 256 * 1024;

/** True for the first bytes of a document: a line that holds nothing but its opening brace. */
export function isDocument(head: string): boolean {
  return /^\uFEFF?\s*\{\s*\n/.test(head) && !head.trimStart().startsWith('{"');
}

export async function openLines(file: string, prefix: string): Promise<GeminiSource> {
  return new LineSource(await openFile(file), file, prefix);
}

export function openFile(file: string): Promise<fs.FileHandle> {
  return fs.open(file, 'r').catch((error: unknown) => {
    throw systemError(error, 'read', file);
  });
}

class LineSource implements GeminiSource {
  readonly #handle: fs.FileHandle;
  readonly #file: string;
  readonly #prefix: string;
  /** The history is written again at every resume; its messages are asked for one after the other. */
  #last: { offset: number; value: JsonObject } | undefined;
  #window: Buffer = Buffer.alloc(0);
  #windowOffset = 0;

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
    const text = (await this.#bytesAt(offset, length)).toString('utf8');
    try {
      const value = objectOf(parseJson(text));
      if ('$set' in value || 'messages' in value) this.#last = { offset, value };
      return value;
    } catch (error) {
      if (error instanceof SyntaxError) throw changed(this.#file, offset); // It was JSON a moment ago.
      throw error;
    }
  }

  /** Reads ahead: messages are asked for nearly in order, and most are small. */
  async #bytesAt(offset: number, length: number): Promise<Buffer> {
    const from = offset - this.#windowOffset;
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    const bytes = Buffer.allocUnsafe(Math.max(length, READ_AHEAD_BYTES));
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, offset).catch((error: unknown) => {
      throw systemError(error, 'read', this.#file);
    });
    if (bytesRead < length) throw changed(this.#file, offset);
    if (length <= READ_AHEAD_BYTES) [this.#window, this.#windowOffset] = [bytes.subarray(0, bytesRead), offset];
    return bytes.subarray(0, length);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function changed(file: string, offsetBytes: number): SessionError {
  return new SessionError('STORE_UNREADABLE', `${path.basename(file)} changed while it was read`, {
    op: 'read',
    path: file,
    offsetBytes,
    hint: 'another process is changing the file; import it again',
  });
}
