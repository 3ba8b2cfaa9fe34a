// A session as the exporters get it: one value in which what may be large is not there yet but streams in.

/** A text of any length, in pieces of whole characters. */
export class StreamedText {
  readonly pieces: () => AsyncIterable<string>;

  constructor(pieces: () => AsyncIterable<string>) {
    this.pieces = pieces;
  }
}

/** A list of any length, item by item. Can be read once. */
export class StreamedList {
  readonly items: AsyncIterable<unknown>;

  constructor(items: AsyncIterable<unknown>) {
    this.items = items;
  }
}

/** Objects and arrays of JSON values, with StreamedText and StreamedList among them. */
export type StreamedValue = unknown;

export function isStreamed(value: unknown): value is StreamedText | StreamedList {
  return value instanceof StreamedText || value instanceof StreamedList;
}

/** True when something in the value streams. */
export function holdsStreamed(value: StreamedValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isStreamed(value) || Object.values(value).some(holdsStreamed);
}

const CHUNK_CHARACTERS = 64 * 1024;

/** Small pieces joined, so that whoever writes them is not called for every comma. */
export async function* joined(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held: string[] = [];
  let characters = 0;
  for await (const piece of pieces) {
    held.push(piece);
    characters += piece.length;
    if (characters < CHUNK_CHARACTERS) continue;
    yield held.join('');
    held = [];
    characters = 0;
  }
  if (characters > 0) yield held.join('');
}
