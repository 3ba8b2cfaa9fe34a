// Streams a text file line by line with the place of every line, so that damage in one line costs that line only.
// node:readline would join a torn line to its neighbour, decode bad bytes silently and hold a line of any length.

import { promises as fs } from 'node:fs';
import { systemError } from '../core/errors.ts';

/** Longer lines are not held in memory; they are reported with their place. */
export const LINE_BYTES_MAX: number = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

interface Place {
  /** Counted from 1. */
  line: number;
  offsetBytes: number;
  /** Without the line break. */
  lengthBytes: number;
}
export interface Line extends Place {
  text: string;
  /** False for a last line without a line break: the writer may have died in it. */
  finished: boolean;
}
/** Bytes that are no line of text. They stay where they are: the importer copies them from the file. */
export interface DamagedLine extends Place {
  damage: string;
}

/**
 * The lines of a file in order. Blank lines are skipped, `\r\n` and a byte order mark are taken off. A run of NUL
 * bytes, as power loss leaves them, is a damaged line of its own, whatever text stands before and after it.
 * The file is closed when the iteration ends or is broken off. Throws STORE_UNREADABLE.
 */
export async function* readLines(path: string): AsyncGenerator<Line | DamagedLine> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(path, 'r');
  } catch (error) {
    throw systemError(error, 'read', path);
  }
  try {
    const pending = new PendingLine();
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let offsetBytes = 0; ;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, offsetBytes).catch((error: unknown) => {
        throw systemError(error, 'read', path);
      });
      if (bytesRead === 0) break;
      let start = 0;
      for (let end: number; (end = buffer.indexOf(0x0a, start)) >= 0 && end < bytesRead; start = end + 1) {
        pending.add(buffer.subarray(start, end));
        yield* pending.take(true);
      }
      // Copied, because the next chunk is read into the same buffer.
      pending.add(Buffer.from(buffer.subarray(start, bytesRead)));
      offsetBytes += bytesRead;
    }
    yield* pending.take(false);
  } finally {
    await handle.close();
  }
}

/** The line being gathered from chunks. */
class PendingLine {
  #line = 1;
  #offsetBytes = 0;
  #lengthBytes = 0;
  #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.#lengthBytes += piece.length;
    if (this.#lengthBytes <= LINE_BYTES_MAX) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  *take(finished: boolean): Generator<Line | DamagedLine> {
    const place = { line: this.#line, offsetBytes: this.#offsetBytes, lengthBytes: this.#lengthBytes };
    const pieces = this.#pieces;
    this.#line++;
    this.#offsetBytes += this.#lengthBytes + 1;
    this.#lengthBytes = 0;
    this.#pieces = [];
    if (place.lengthBytes > LINE_BYTES_MAX) {
      yield { ...place, damage: `longer than ${LINE_BYTES_MAX} bytes` };
      return;
    }
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    yield* linesOf(bytes, place, finished);
  }
}

/** Splits off runs of NUL bytes; JSON text never holds one, so nothing readable is cut apart. */
function* linesOf(bytes: Buffer, place: Place, finished: boolean): Generator<Line | DamagedLine> {
  for (let start = 0; start < bytes.length;) {
    const zeroAt = bytes.indexOf(0, start);
    const end = zeroAt < 0 ? bytes.length : zeroAt;
    const text = textLine(bytes.subarray(start, end), place, start, finished || end < bytes.length);
    if (text !== undefined) yield text;
    start = end;
    while (start < bytes.length && bytes[start] === 0) start++;
    if (start > end)
      yield { line: place.line, offsetBytes: place.offsetBytes + end, lengthBytes: start - end, damage: 'NUL bytes' };
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textLine(bytes: Buffer, place: Place, startBytes: number, finished: boolean): Line | DamagedLine | undefined {
  let from = 0;
  let to = bytes.length;
  if (place.offsetBytes + startBytes === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
  if (to > from && bytes[to - 1] === 0x0d) to--;
  const at = { line: place.line, offsetBytes: place.offsetBytes + startBytes + from, lengthBytes: to - from };
  try {
    const text = decoder.decode(bytes.subarray(from, to));
    return text.trim() === '' ? undefined : { ...at, text, finished };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ...at, damage: finished ? 'not valid UTF-8' : 'cut off in the middle of a character' };
  }
}
