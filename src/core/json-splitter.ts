// One large JSON document in pieces: goes into the containers it is told to and hands out what lies in them as JSON
// text, so that a document of gigabytes is read in the memory of its largest message. It knows where every value begins
// and ends, which a checksum needs; the values themselves are left to JSON.parse, which is exact and fast.

import { SessionError } from './errors.ts';
import type { LongString } from './json-capture.ts';
import { JsonCapture } from './json-capture.ts';

/** Containers to go into: objects by the keys of interest, `items` for an array whose items come one by one. */
export interface Descent {
  readonly [key: string]: Descent | 'items';
}

/** A value and where it stands. Items of an array have the path of the array. */
export interface Piece {
  path: readonly string[];
  offsetBytes: number;
  lengthBytes: number;
}

export interface SplitterHandlers {
  /** `bytes` is only valid during the call. */
  value(piece: Piece, bytes: Uint8Array): void;
  /** A value over VALUE_BYTES_MAX, passed over. */
  tooLong(piece: Piece): void;
  /** At the opening bracket of a container that is gone into, and behind its closing one. */
  enter?(path: readonly string[], offsetBytes: number): void;
  leave?(path: readonly string[], offsetBytes: number): void;
  /** Called for strings under the key `output` that do not fit into a chunk or two: outputs of tools have no limit. */
  longString?(): LongString;
}

const KEY_BYTES_MAX = 64 * 1024;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

type State = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'separator' | 'done';

interface Level {
  path: readonly string[];
  descent: Descent | 'items';
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class JsonSplitter {
  readonly #handlers: SplitterHandlers;
  readonly #capture: JsonCapture;
  readonly #root: Descent;
  readonly #levels: Level[] = [];
  #state: State = 'value';
  /** Path of the value that is about to begin. */
  #path: readonly string[] = [];
  /** Bytes of all chunks before the current one. */
  #before = 0;
  /** Where the value or key being captured begins; -1 when there is none. */
  #valueAt = -1;

  constructor(descent: Descent, handlers: SplitterHandlers) {
    this.#root = descent;
    this.#handlers = handlers;
    this.#capture = new JsonCapture(handlers.longString && (() => handlers.longString!()));
  }

  /** The chunk may be reused afterwards. Throws LOG_UNREADABLE where the bytes are no JSON document. */
  write(chunk: Uint8Array): void {
    let i = 0;
    while (i < chunk.length) i = this.#valueAt >= 0 ? this.#goOn(chunk, i) : this.#structure(chunk, i);
    if (this.#valueAt >= 0) this.#capture.hold(chunk);
    this.#capture.endChunk(chunk);
    this.#before += chunk.length;
  }

  /** Throws LOG_UNREADABLE when the document is not complete. */
  end(): void {
    if (this.#state !== 'done') throw this.#damaged('the document ends in the middle', this.#before);
  }

  /** One byte between values, or the first one of a value. Returns where to go on. */
  #structure(chunk: Uint8Array, i: number): number {
    const byte = chunk[i]!;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return i + 1;
    const at = this.#before + i;
    switch (this.#state) {
      case 'done':
        throw this.#damaged('there is more behind the document', at);
      case 'first-value':
      case 'value':
        if (byte === 0x5d && this.#state === 'first-value') return this.#close(i);
        return at < BYTE_ORDER_MARK.length && byte === BYTE_ORDER_MARK[at] ? i + 1 : this.#begin(chunk, i);
      case 'first-key':
      case 'key':
        if (byte === 0x7d && this.#state === 'first-key') return this.#close(i);
        if (byte !== 0x22) throw this.#damaged('a key was expected', at);
        this.#valueAt = at;
        return this.#capture.begin(chunk, i);
      case 'colon':
        if (byte !== 0x3a) throw this.#damaged('a colon was expected', at);
        this.#state = 'value';
        return i + 1;
      case 'separator': {
        const isArray = this.#levels.at(-1)!.descent === 'items';
        if (byte === (isArray ? 0x5d : 0x7d)) return this.#close(i);
        if (byte !== 0x2c) throw this.#damaged('a comma was expected', at);
        this.#state = isArray ? 'value' : 'key';
        return i + 1;
      }
    }
  }

  #begin(chunk: Uint8Array, i: number): number {
    const byte = chunk[i]!;
    const level = this.#levels.at(-1);
    const wanted = this.#descentInto(level);
    if (level?.descent === 'items') this.#path = level.path;
    if ((wanted === 'items' && byte === 0x5b) || (typeof wanted === 'object' && byte === 0x7b)) {
      this.#levels.push({ path: this.#path, descent: wanted });
      this.#state = wanted === 'items' ? 'first-value' : 'first-key';
      this.#handlers.enter?.(this.#path, this.#before + i);
      return i + 1;
    }
    this.#valueAt = this.#before + i;
    return this.#capture.begin(chunk, i);
  }

  #descentInto(level: Level | undefined): Descent | 'items' | undefined {
    if (level === undefined) return this.#root;
    const key = this.#path.at(-1)!;
    return level.descent !== 'items' && Object.hasOwn(level.descent, key) ? level.descent[key] : undefined;
  }

  #close(i: number): number {
    const { path } = this.#levels.pop()!;
    this.#state = this.#levels.length === 0 ? 'done' : 'separator';
    this.#handlers.leave?.(path, this.#before + i + 1);
    return i + 1;
  }

  /** Goes through a value to its end or that of the chunk. */
  #goOn(chunk: Uint8Array, from: number): number {
    const end = this.#capture.findEnd(chunk, from);
    if (end < 0) return chunk.length;
    const offsetBytes = this.#valueAt;
    const bytes = this.#capture.take(chunk, end);
    this.#valueAt = -1;
    if (this.#state === 'key' || this.#state === 'first-key') {
      this.#path = [...this.#levels.at(-1)!.path, this.#key(bytes, offsetBytes)];
      this.#state = 'colon';
      return end;
    }
    const piece = { path: this.#path, offsetBytes, lengthBytes: this.#before + end - offsetBytes };
    this.#state = this.#levels.length === 0 ? 'done' : 'separator';
    if (bytes === null) this.#handlers.tooLong(piece);
    else this.#handlers.value(piece, bytes);
    return end;
  }

  #key(bytes: Uint8Array | null, offsetBytes: number): string {
    if (bytes === null || bytes.length > KEY_BYTES_MAX) throw this.#damaged('a key is too long', offsetBytes);
    try {
      return JSON.parse(decoder.decode(bytes)) as string;
    } catch (cause) {
      throw this.#damaged('a key is not valid', offsetBytes, cause);
    }
  }

  #damaged(message: string, offsetBytes: number, cause?: unknown): SessionError {
    return new SessionError('LOG_UNREADABLE', `${message} (byte ${offsetBytes})`, { op: 'read', offsetBytes, cause });
  }
}
