// Turns the inside of a JSON string into text piece by piece, for strings too long to be parsed at once.

import { SessionError } from './errors.ts';

/** An escaped pair of surrogates: what must not be torn apart. */
const ESCAPE_BYTES_MAX = 12;
const HIGH_SURROGATE = /\\u[dD][89abAB][0-9a-fA-F]{2}$/;

export class JsonUnescaper {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #held: Uint8Array = new Uint8Array(0);

  /** The text so far decidable; '' when all of it must wait for what follows. Throws LOG_UNREADABLE. */
  write(escaped: Uint8Array): string {
    const bytes = new Uint8Array(this.#held.length + escaped.length);
    bytes.set(this.#held);
    bytes.set(escaped, this.#held.length);
    const cut = safeCut(bytes);
    this.#held = bytes.slice(cut);
    return this.#text(bytes.subarray(0, cut), true);
  }

  end(): string {
    return this.#text(this.#held, false);
  }

  #text(bytes: Uint8Array, stream: boolean): string {
    try {
      return JSON.parse(`"${this.#decoder.decode(bytes, { stream })}"`) as string;
    } catch (cause) {
      throw new SessionError('LOG_UNREADABLE', 'a long text is not valid JSON', { op: 'read', cause });
    }
  }
}

/** The last place that is in the middle of no escape and of no pair of them. */
function safeCut(bytes: Uint8Array): number {
  let cut = bytes.length;
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - ESCAPE_BYTES_MAX); at--) {
    if (bytes[at] === 0x5c && isEscapeStart(bytes, at)) cut = at;
  }
  const before = String.fromCharCode(...bytes.subarray(Math.max(0, cut - 6), cut));
  return HIGH_SURROGATE.test(before) && isEscapeStart(bytes, cut - 6) ? cut - 6 : cut;
}

/** True for a backslash that is not itself escaped. */
function isEscapeStart(bytes: Uint8Array, at: number): boolean {
  let first = at;
  while (first > 0 && bytes[first - 1] === 0x5c) first--;
  return (at - first) % 2 === 0;
}
