// Redaction of bytes. Bytes that are no UTF-8 travel through the text as lone surrogates U+DC80 to U+DCFF (as Python's
// surrogateescape does) and come out as themselves: output of a program need not be text.

import type { TextStream } from './redaction-stream.ts';

const ESCAPE_BASE = 0xdc00;
const ESCAPED = /[\udc80-\udcff]/;
const FATAL = { fatal: true, ignoreBOM: true } as const;
const EMPTY = new Uint8Array(0);

export class ByteRedactionStream {
  readonly #text: TextStream;
  /** The beginning of a character whose rest has not come: at most three bytes. */
  #held: Uint8Array = EMPTY;

  constructor(text: TextStream) {
    this.#text = text;
  }

  write(chunk: Uint8Array): Uint8Array {
    const bytes = joined(this.#held, chunk);
    const whole = bytes.length - unfinishedBytes(bytes);
    // A copy: the piece may be a buffer that is read into again, and `slice` of a Buffer is no copy.
    this.#held = Uint8Array.from(bytes.subarray(whole));
    return encode(this.#text.write(decode(bytes.subarray(0, whole))));
  }

  /** See TextStream. */
  flushSafe(): Uint8Array {
    return encode(this.#text.flushSafe());
  }

  end(): Uint8Array {
    const rest = this.#text.write(decode(this.#held));
    this.#held = EMPTY;
    return encode(rest + this.#text.end());
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** How many bytes at the end begin a character that more bytes could finish. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', FATAL).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decodeEscaping(bytes);
  }
}

/** Slow and rare: valid stretches as text, every other byte as a surrogate. */
function decodeEscaping(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', FATAL);
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterBytes(bytes, at);
    text +=
      length === 0 ? String.fromCharCode(ESCAPE_BASE + bytes[at]!) : decoder.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** Length of the valid character at `at`; 0 when there is none. Table 3-7 of the Unicode standard. */
function characterBytes(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1]!;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  return (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f) ? 0 : length;
}

function encode(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!ESCAPED.test(text)) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  // By characters, so that the second half of a pair is not taken for an escaped byte.
  for (const part of text.split(/([\udc80-\udcff]+)/u)) {
    const isEscaped = part !== '' && /^[\udc80-\udcff]/u.test(part);
    parts.push(isEscaped ? Uint8Array.from(part, (unit) => unit.charCodeAt(0) - ESCAPE_BASE) : encoder.encode(part));
  }
  return parts.reduce(joined, EMPTY);
}
