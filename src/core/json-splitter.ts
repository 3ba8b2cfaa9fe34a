// One large JSON document in pieces: goes into the containers it is told to and hands out what lies in them as JSON
// text, so that a document of gigabytes is read in the memory of its largest message. Brackets and strings are followed
// byte by byte, which also tells where a value begins and ends (a checksum needs that); the pieces themselves are left
// to JSON.parse, which is exact and fast.

import { SessionError } from './errors.ts';

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

/** Takes the text of one very long string as JSON escapes it, and says what is to stand in its place. */
export interface LongString {
  write(escaped: Uint8Array): void;
  end(): string;
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

/** A value longer than this is not held in memory. */
export const VALUE_BYTES_MAX: number = 64 * 1024 * 1024;
const KEY_BYTES_MAX = 64 * 1024;
const LONG_STRING_BYTES_MIN = 1024 * 1024;
/** Looked at for the key before a colon; holds `"output"` and some white space. */
const TAIL_BYTES = 16;
const OUTPUT_KEY = new TextEncoder().encode('"output"');

type State = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'separator' | 'done';

interface Level {
  path: readonly string[];
  descent: Descent | 'items';
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class JsonSplitter {
  readonly #handlers: SplitterHandlers;
  readonly #root: Descent;
  readonly #levels: Level[] = [];
  #state: State = 'value';
  /** Path of the value that is about to begin. */
  #path: readonly string[] = [];
  /** Bytes of all chunks before the current one. */
  #before = 0;

  // The value being captured, -1 when there is none.
  #valueAt = -1;
  #what: 'scalar' | 'string' | 'container' = 'scalar';
  #isKey = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #parts: Uint8Array[] = [];
  #heldBytes = 0;
  /** Where in the current chunk the bytes not yet held begin. */
  #sliceFrom = 0;

  // The string in it that may be diverted.
  #afterOutputKey = false;
  #candidate = false;
  #textFrom = 0;
  #textParts: Uint8Array[] | null = null;
  #textBytes = 0;
  #long: LongString | null = null;
  #tail = new Uint8Array(TAIL_BYTES);

  constructor(descent: Descent, handlers: SplitterHandlers) {
    this.#root = descent;
    this.#handlers = handlers;
  }

  /** The chunk may be reused afterwards. Throws LOG_UNREADABLE where the bytes are no JSON document. */
  write(chunk: Uint8Array): void {
    let i = 0;
    while (i < chunk.length) i = this.#valueAt >= 0 ? this.#capture(chunk, i) : this.#structure(chunk, i);
    if (this.#valueAt >= 0) this.#hold(chunk);
    this.#keepTail(chunk);
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
    if (this.#state === 'done') throw this.#damaged('there is more behind the document', at);
    if (at < 3 && byte === [0xef, 0xbb, 0xbf][at]) return i + 1; // A byte order mark.
    switch (this.#state) {
      case 'first-value':
      case 'value':
        if (byte === 0x5d && this.#state === 'first-value') return this.#close(i);
        return this.#begin(chunk, i);
      case 'first-key':
      case 'key':
        if (byte === 0x7d && this.#state === 'first-key') return this.#close(i);
        if (byte !== 0x22) throw this.#damaged('a key was expected', at);
        this.#startCapture(i, 'string', true);
        return i + 1;
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
    const path = level?.descent === 'items' ? level.path : this.#path;
    const wanted = this.#descentInto(level);
    if ((wanted === 'items' && byte === 0x5b) || (typeof wanted === 'object' && byte === 0x7b)) {
      this.#levels.push({ path, descent: wanted });
      this.#state = wanted === 'items' ? 'first-value' : 'first-key';
      this.#handlers.enter?.(path, this.#before + i);
      return i + 1;
    }
    this.#path = path;
    if (byte === 0x7b || byte === 0x5b) this.#startCapture(i, 'container', false);
    else this.#startCapture(i, byte === 0x22 ? 'string' : 'scalar', false);
    return this.#what === 'container' ? i : i + 1;
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

  #startCapture(i: number, what: 'scalar' | 'string' | 'container', isKey: boolean): void {
    this.#valueAt = this.#before + i;
    this.#what = what;
    this.#isKey = isKey;
    this.#depth = 0;
    this.#inString = what === 'string';
    this.#escaped = false;
    this.#parts = [];
    this.#heldBytes = 0;
    this.#sliceFrom = i;
    this.#afterOutputKey = false;
    this.#candidate = false;
  }

  /** Goes through a captured value to its end or that of the chunk. */
  #capture(chunk: Uint8Array, from: number): number {
    let i = from;
    for (; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 0x5c) this.#escaped = true;
        else if (byte === 0x22) {
          this.#inString = false;
          if (this.#textParts) this.#endText(chunk, i);
          this.#candidate = false;
          if (this.#depth === 0) return this.#finish(chunk, i + 1);
        }
      } else if (byte === 0x22) {
        this.#inString = true;
        this.#candidate = this.#afterOutputKey;
        this.#afterOutputKey = false;
        this.#textFrom = i;
      } else if (this.#what === 'scalar') {
        if (byte === 0x2c || byte === 0x5d || byte === 0x7d || byte <= 0x20) return this.#finish(chunk, i);
      } else if (byte === 0x7b || byte === 0x5b) {
        this.#depth++;
        this.#afterOutputKey = false;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (--this.#depth === 0) return this.#finish(chunk, i + 1);
      } else if (byte === 0x3a) this.#afterOutputKey = this.#isOutputKeyBefore(chunk, i);
      else if (byte === 0x2c) this.#afterOutputKey = false;
    }
    return i;
  }

  #finish(chunk: Uint8Array, end: number): number {
    const offsetBytes = this.#valueAt;
    const piece = { path: this.#path, offsetBytes, lengthBytes: this.#before + end - offsetBytes };
    this.#valueAt = -1;
    const rest = chunk.subarray(this.#sliceFrom, end);
    const isTooLong = this.#heldBytes + rest.length > VALUE_BYTES_MAX;
    const bytes = this.#parts.length === 0 || isTooLong ? rest : concat([...this.#parts, rest]);
    this.#parts = [];
    if (this.#isKey) {
      this.#path = [...this.#levels.at(-1)!.path, this.#key(bytes, offsetBytes)];
      this.#state = 'colon';
      return end;
    }
    this.#state = this.#levels.length === 0 ? 'done' : 'separator';
    if (isTooLong) this.#handlers.tooLong(piece);
    else this.#handlers.value(piece, bytes);
    return end;
  }

  #key(bytes: Uint8Array, offsetBytes: number): string {
    if (bytes.length > KEY_BYTES_MAX) throw this.#damaged('a key is too long', offsetBytes);
    try {
      return JSON.parse(decoder.decode(bytes)) as string;
    } catch (cause) {
      throw this.#damaged('a key is not valid', offsetBytes, cause);
    }
  }

  /** Keeps a copy of what the chunk holds of the value; of one that is too long nothing is kept. */
  #hold(chunk: Uint8Array): void {
    if (this.#inString && this.#candidate && this.#handlers.longString && !this.#isKey) {
      this.#holdText(chunk);
      return;
    }
    this.#keepPart(copied(chunk, this.#sliceFrom));
    this.#sliceFrom = 0;
  }

  #keepPart(part: Uint8Array): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > VALUE_BYTES_MAX) this.#parts = [];
    else this.#parts.push(part);
  }

  /** The same for a string that may become a long one: its text is kept apart, or goes where long strings go. */
  #holdText(chunk: Uint8Array): void {
    if (!this.#textParts) {
      this.#keepPart(copied(chunk, this.#sliceFrom, this.#textFrom));
      this.#textParts = [];
      this.#textBytes = 0;
      this.#textFrom++;
    }
    const text = copied(chunk, this.#textFrom);
    this.#textBytes += text.length;
    if (this.#long) this.#long.write(text);
    else this.#textParts.push(text);
    if (!this.#long && this.#textBytes > LONG_STRING_BYTES_MIN) {
      this.#long = this.#handlers.longString!();
      for (const part of this.#textParts.splice(0)) this.#long.write(part);
    }
    this.#textFrom = 0;
    this.#sliceFrom = 0;
  }

  #endText(chunk: Uint8Array, quoteAt: number): void {
    const rest = chunk.subarray(this.#textFrom, quoteAt);
    if (this.#long) {
      this.#long.write(rest);
      this.#keepPart(encoder.encode(JSON.stringify(this.#long.end())));
    } else this.#keepPart(concat([Uint8Array.of(0x22), ...this.#textParts!, rest, Uint8Array.of(0x22)]));
    this.#long = null;
    this.#textParts = null;
    this.#sliceFrom = quoteAt + 1;
  }

  #isOutputKeyBefore(chunk: Uint8Array, colonAt: number): boolean {
    const byteAt = (at: number): number | undefined => (at >= 0 ? chunk[at] : this.#tail[TAIL_BYTES + at]);
    let at = colonAt - 1;
    while (byteAt(at) === 0x20 || byteAt(at) === 0x0a) at--;
    return OUTPUT_KEY.every((byte, index) => byteAt(at - OUTPUT_KEY.length + 1 + index) === byte);
  }

  #keepTail(chunk: Uint8Array): void {
    const tail = new Uint8Array(TAIL_BYTES);
    tail.set(this.#tail.subarray(Math.min(chunk.length, TAIL_BYTES)));
    const end = chunk.subarray(Math.max(0, chunk.length - TAIL_BYTES));
    tail.set(end, TAIL_BYTES - end.length);
    this.#tail = tail;
  }

  #damaged(message: string, offsetBytes: number, cause?: unknown): SessionError {
    return new SessionError('LOG_UNREADABLE', `${message} (byte ${offsetBytes})`, { op: 'read', offsetBytes, cause });
  }
}

/** `slice` of a Buffer would be a view, and the next chunk may be read into the same memory. */
function copied(chunk: Uint8Array, from: number, to = chunk.length): Uint8Array {
  return new Uint8Array(chunk.subarray(from, to));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
