// A document of format 1, the story's SessionFile, read from a stream: its messages one by one as they come, all else as
// the header, which is complete only at the end because keys may stand in any order. Also takes a bare Session, as
// programs write it that leave the envelope out.

import { SessionError } from './errors.ts';
import { parseJson } from './json.ts';
import type { LongString } from './json-capture.ts';
import { VALUE_BYTES_MAX } from './json-capture.ts';
import type { Piece } from './json-splitter.ts';
import { JsonSplitter } from './json-splitter.ts';
import type { LooseObject } from './loose-values.ts';
import { isLooseObject, looseText } from './loose-values.ts';

export interface Format1Header {
  /** Of the envelope; undefined for a bare Session. */
  version: string | undefined;
  /** As it stands in the document; undefined when there is none. */
  checksum: string | undefined;
  /** The Session; of `history` all but the messages. */
  session: LooseObject;
}

export interface Format1Handlers {
  message(value: unknown, index: number): void;
  /** A message that is no JSON, nested too deeply, or longer than VALUE_BYTES_MAX (then without text). */
  unreadable(entry: { index: number; reason: string; offsetBytes: number; lengthBytes: number; text?: string }): void;
  /** The bytes of the `session` value in order, for the checksum. */
  sessionBytes?(bytes: Uint8Array): void;
  longString?(): LongString;
}

const HISTORY = { messages: 'items' } as const;
const DESCENT = { session: { history: HISTORY }, history: HISTORY } as const;
/** What lies beside the messages is held whole. */
const HEADER_BYTES_MAX = VALUE_BYTES_MAX;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Format1Parser {
  readonly #handlers: Format1Handlers;
  readonly #splitter: JsonSplitter;
  readonly #envelope = new Map<string, unknown>();
  readonly #session = new Map<string, unknown>();
  readonly #history = new Map<string, unknown>();
  readonly #entered = new Set<string>();
  #index = 0;
  #headerBytes = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkAt = 0;
  /** Where in the chunk the bytes of the session begin; -1 outside of it. */
  #sessionFrom = -1;

  constructor(handlers: Format1Handlers) {
    this.#handlers = handlers;
    this.#splitter = new JsonSplitter(DESCENT, {
      value: (piece, bytes) => this.#value(piece, bytes),
      tooLong: (piece) => this.#tooLong(piece),
      enter: (path, offsetBytes) => this.#enter(path, offsetBytes),
      leave: (path, offsetBytes) => this.#leave(path, offsetBytes),
      ...(handlers.longString && { longString: () => handlers.longString!() }),
    });
  }

  /** Throws LOG_UNREADABLE for what is no JSON, RECORD_INVALID for a document that says a thing twice. */
  write(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#splitter.write(chunk);
    if (this.#sessionFrom >= 0) {
      this.#handlers.sessionBytes?.(chunk.subarray(this.#sessionFrom));
      this.#sessionFrom = 0;
    }
    this.#chunkAt += chunk.length;
  }

  /** Throws LOG_UNREADABLE for a document cut short, FORMAT_UNKNOWN for one that holds no session. */
  end(): Format1Header {
    this.#splitter.end();
    if (!this.#looksRight()) {
      throw new SessionError('FORMAT_UNKNOWN', 'the document holds no session', { op: 'read' });
    }
    const history = Object.fromEntries(this.#history);
    const isBare = !this.#entered.has('session');
    const fields = isBare ? this.#envelope : this.#session;
    return {
      version: isBare ? undefined : versionOf(this.#envelope.get('version')),
      checksum: isBare ? undefined : looseText(this.#envelope.get('checksum')),
      session: Object.fromEntries([...fields, ['history', history]]),
    };
  }

  /** True when a beginning of the document, already written, is one of a session. */
  get looksRight(): boolean {
    return this.#looksRight();
  }

  #looksRight(): boolean {
    if (this.#entered.has('session')) return true;
    const has = (key: string): boolean => this.#envelope.has(key);
    return this.#entered.has('history') || (has('id') && has('metadata') && isLooseObject(this.#envelope.get('state')));
  }

  #value({ path, offsetBytes, lengthBytes }: Piece, bytes: Uint8Array): void {
    const isMessage = path.at(-1) === 'messages' && this.#entered.has(path.join(' '));
    let text: string | undefined;
    let value: unknown;
    try {
      text = decoder.decode(bytes);
      value = parseJson(text);
    } catch (error) {
      if (!isMessage) throw unreadableValue(path, offsetBytes, error);
      const place = { index: this.#index++, offsetBytes, lengthBytes };
      const reason = error instanceof SessionError ? error.message : 'not valid JSON';
      this.#handlers.unreadable({ ...place, reason, ...(text !== undefined && { text }) });
      return;
    }
    if (isMessage) {
      this.#handlers.message(value, this.#index++);
      return;
    }
    this.#headerBytes += lengthBytes;
    if (this.#headerBytes > HEADER_BYTES_MAX) throw tooLarge(offsetBytes);
    const key = path.at(-1) ?? '';
    if (path.at(-2) === 'history') this.#history.set(key, value);
    else if (path.length === 2) this.#session.set(key, value);
    else this.#envelope.set(key, value);
  }

  #tooLong({ path, offsetBytes, lengthBytes }: Piece): void {
    if (path.at(-1) !== 'messages') throw tooLarge(offsetBytes);
    const reason = `longer than ${VALUE_BYTES_MAX} bytes`;
    this.#handlers.unreadable({ index: this.#index++, reason, offsetBytes, lengthBytes });
  }

  #enter(path: readonly string[], offsetBytes: number): void {
    const name = path.join(' ');
    // Two of them would make the checksum, and what is imported, a matter of which one a reader takes.
    if (this.#entered.has(name)) {
      const details = { op: 'read', offsetBytes };
      throw new SessionError('RECORD_INVALID', `the document has ${path.join('.')} twice`, details);
    }
    this.#entered.add(name);
    if (name === 'session') this.#sessionFrom = offsetBytes - this.#chunkAt;
  }

  #leave(path: readonly string[], offsetBytes: number): void {
    if (path.join(' ') !== 'session') return;
    this.#handlers.sessionBytes?.(this.#chunk.subarray(this.#sessionFrom, offsetBytes - this.#chunkAt));
    this.#sessionFrom = -1;
  }
}

function versionOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : looseText(value);
}

function unreadableValue(path: readonly string[], offsetBytes: number, cause: unknown): SessionError {
  if (cause instanceof SessionError) return cause;
  const details = { op: 'read', offsetBytes, cause };
  return new SessionError('LOG_UNREADABLE', `${path.join('.') || 'the document'} is not valid JSON`, details);
}

function tooLarge(offsetBytes: number): SessionError {
  const message = `beside the messages the document holds more than ${HEADER_BYTES_MAX} bytes`;
  return new SessionError('IMPORT_REFUSED', message, { op: 'read', offsetBytes });
}

/** True when a text begins as a document of format 1 does; the text may be cut off anywhere. */
export function beginsAsFormat1(head: string): boolean {
  const parser = new Format1Parser({ message: () => undefined, unreadable: () => undefined });
  try {
    parser.write(new TextEncoder().encode(head));
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return false;
  }
  return parser.looksRight;
}
