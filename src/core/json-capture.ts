// One JSON value out of a stream of bytes, gathered to its end without being understood: brackets and strings are
// followed, nothing else. A long output in it is diverted, a value that is too long is passed over.

/** Takes the text of one very long string as JSON escapes it, and says what is to stand in its place. */
export interface LongString {
  write(escaped: Uint8Array): void;
  end(): string;
}

/** A value longer than this is not held in memory. */
export const VALUE_BYTES_MAX: number = 64 * 1024 * 1024;
const LONG_STRING_BYTES_MIN = 1024 * 1024;
/** Looked at for the key before a colon; holds `"output"` and some white space. */
const TAIL_BYTES = 16;

const encoder = new TextEncoder();
const OUTPUT_KEY = encoder.encode('"output"');
const QUOTE = Uint8Array.of(0x22);

export class JsonCapture {
  readonly #divert: (() => LongString) | undefined;
  #what: 'scalar' | 'string' | 'container' = 'scalar';
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
  #tail: Uint8Array = new Uint8Array(TAIL_BYTES);

  /** `divert` is asked for strings under the key `output` that do not fit into a chunk or two. */
  constructor(divert: (() => LongString) | undefined) {
    this.#divert = divert;
  }

  /** Begins at the first byte of a value. Returns where to go on. */
  begin(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    this.#what = byte === 0x7b || byte === 0x5b ? 'container' : byte === 0x22 ? 'string' : 'scalar';
    this.#depth = 0;
    this.#inString = this.#what === 'string';
    this.#escaped = false;
    this.#parts = [];
    this.#heldBytes = 0;
    this.#sliceFrom = at;
    this.#afterOutputKey = false;
    this.#candidate = false;
    return this.#what === 'container' ? at : at + 1;
  }

  /** The end of the value in this chunk, or -1 when it goes on in the next one. */
  findEnd(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 0x5c) this.#escaped = true;
        else if (byte === 0x22) {
          this.#inString = false;
          if (this.#textParts) this.#endText(chunk, i);
          this.#candidate = false;
          if (this.#depth === 0) return i + 1;
        }
      } else if (byte === 0x22) {
        this.#inString = true;
        this.#candidate = this.#afterOutputKey && this.#divert !== undefined;
        this.#afterOutputKey = false;
        this.#textFrom = i;
      } else if (this.#what === 'scalar') {
        if (byte === 0x2c || byte === 0x5d || byte === 0x7d || byte <= 0x20) return i;
      } else if (byte === 0x7b || byte === 0x5b) {
        this.#depth++;
        this.#afterOutputKey = false;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (--this.#depth === 0) return i + 1;
      } else if (byte === 0x3a) this.#afterOutputKey = this.#isOutputKeyBefore(chunk, i);
      else if (byte === 0x2c) this.#afterOutputKey = false;
    }
    return -1;
  }

  /** The bytes of a value that ends here, valid as long as the chunk; null when they were too many to hold. */
  take(chunk: Uint8Array, end: number): Uint8Array | null {
    const rest = chunk.subarray(this.#sliceFrom, end);
    const parts = this.#parts;
    this.#parts = [];
    if (this.#heldBytes + rest.length > VALUE_BYTES_MAX) return null;
    return parts.length === 0 ? rest : concat([...parts, rest]);
  }

  /** Keeps what a chunk holds of a value that goes on in the next one. */
  hold(chunk: Uint8Array): void {
    if (this.#inString && this.#candidate) this.#holdText(chunk);
    else this.#keep(copied(chunk, this.#sliceFrom));
    this.#sliceFrom = 0;
  }

  /** To be told of the end of every chunk, captured or not: a key may stand in one and its value in the next. */
  endChunk(chunk: Uint8Array): void {
    const tail = new Uint8Array(TAIL_BYTES);
    tail.set(this.#tail.subarray(Math.min(chunk.length, TAIL_BYTES)));
    const end = chunk.subarray(Math.max(0, chunk.length - TAIL_BYTES));
    tail.set(end, TAIL_BYTES - end.length);
    this.#tail = tail;
  }

  /** Of a value that is too long nothing is kept. */
  #keep(part: Uint8Array): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > VALUE_BYTES_MAX) this.#parts = [];
    else this.#parts.push(part);
  }

  /** A string that may become a long one is kept apart, until it is known to be one. */
  #holdText(chunk: Uint8Array): void {
    if (!this.#textParts) {
      this.#keep(copied(chunk, this.#sliceFrom, this.#textFrom));
      this.#textParts = [];
      this.#textBytes = 0;
      this.#textFrom++;
    }
    const text = copied(chunk, this.#textFrom);
    this.#textFrom = 0;
    this.#textBytes += text.length;
    if (this.#long) this.#long.write(text);
    else this.#textParts.push(text);
    if (this.#long || this.#textBytes <= LONG_STRING_BYTES_MIN) return;
    this.#long = this.#divert!();
    for (const part of this.#textParts.splice(0)) this.#long.write(part);
  }

  #endText(chunk: Uint8Array, quoteAt: number): void {
    const rest = chunk.subarray(this.#textFrom, quoteAt);
    if (this.#long) {
      this.#long.write(rest);
      this.#keep(encoder.encode(JSON.stringify(this.#long.end())));
    } else this.#keep(concat([QUOTE, ...this.#textParts!, rest, QUOTE]));
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
