// Some lines out of a file of any size, from chunks: what is outside the window is never held.

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

export interface WindowLimits {
  /** Counted from 1. */
  firstLine: number;
  linesMax: number;
  bytesMax: number;
  /** Of one line; the rest of it is left out and counted. */
  lineBytesMax: number;
}

export class LineWindow {
  readonly lines: string[] = [];
  /** Number of the line that is being read. */
  line = 1;
  /** The last line of the window ended with a line break. */
  endsWithBreak = false;
  /** Bytes that were no UTF-8 are shown as U+FFFD. */
  hasBrokenText = false;
  /** More follows after the window. */
  isFull = false;
  readonly #limits: WindowLimits;
  #bytes = 0;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #lineBytes = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** False when the window is full and no more is wanted. */
  take(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#isBehindLast()) {
        this.isFull = true;
        return false;
      }
      const found = chunk.indexOf(NEWLINE, at);
      const end = found < 0 ? chunk.length : found;
      this.#keep(chunk.subarray(at, end));
      at = end + 1;
      if (found >= 0) this.#finishLine(true);
      if (this.isFull) return false;
    }
    return true;
  }

  /** After the last chunk: a last line without a break counts as well. */
  end(): void {
    if (this.#lineBytes > 0 && !this.isFull) this.#finishLine(false);
  }

  #isBehindLast(): boolean {
    return this.line >= this.#limits.firstLine + this.#limits.linesMax;
  }

  #keep(bytes: Buffer): void {
    this.#lineBytes += bytes.length;
    if (this.line < this.#limits.firstLine) return;
    const kept = bytes.subarray(0, this.#limits.lineBytesMax - this.#keptBytes);
    if (kept.length === 0) return;
    this.#kept.push(kept);
    this.#keptBytes += kept.length;
  }

  #finishLine(hasBreak: boolean): void {
    if (this.line >= this.#limits.firstLine) {
      if (this.lines.length > 0 && this.#bytes + this.#keptBytes > this.#limits.bytesMax) {
        this.isFull = true;
        return;
      }
      this.lines.push(this.#text());
      this.#bytes += this.#keptBytes + 1;
      this.endsWithBreak = hasBreak;
    }
    this.line += 1;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#lineBytes = 0;
  }

  #text(): string {
    const bytes = Buffer.concat(this.#kept);
    const cut = this.#lineBytes - bytes.length;
    // Asked to go on, the decoder keeps back half a character at the cut.
    const text = new TextDecoder('utf-8', { ignoreBOM: this.line > 1 }).decode(bytes, { stream: cut > 0 });
    if (text.includes('\ufffd')) this.hasBrokenText = true;
    if (cut > 0) return `${text} … [${cut} more bytes in this line]`;
    return bytes.at(-1) === CARRIAGE_RETURN ? text.slice(0, -1) : text;
  }
}
