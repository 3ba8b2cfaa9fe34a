// Whether the true successor of a frame is still to come in a file. Asked of every frame whose number jumps, and a file
// can be made of nothing else: what is behind is read once, whatever is asked of it.

import type { LogFile, StoredFrame } from './log-file.ts';

/** Bytes of a frame's `prev` that are enough to look it up by; what is found is compared whole. */
const KEY_BYTES = 6;

export class LaterFrames<Link extends { hash: Buffer }> {
  readonly #file: LogFile;
  readonly #next: (offset: number) => StoredFrame | null;
  readonly #follows: (link: Link, frame: StoredFrame) => boolean;
  /** Where the intact frames stand that name a predecessor, in their order. */
  #byPrev: Map<number, number[]> | null = null;
  /** The last answer: one link is asked about many times. */
  #known: { link: Link; lastOffset: number } | null = null;

  /** `next` finds the first intact frame at or behind a place. */
  constructor(
    file: LogFile,
    next: (offset: number) => StoredFrame | null,
    follows: (link: Link, frame: StoredFrame) => boolean,
  ) {
    this.#file = file;
    this.#next = next;
    this.#follows = follows;
  }

  /** True when the exact continuation of a link stands at `from` or behind. Later calls may not go back. */
  hold(link: Link, from: number): boolean {
    this.#byPrev ??= this.#read(from);
    if (this.#known?.link !== link) this.#known = { link, lastOffset: this.#lastOf(link, this.#byPrev) };
    return this.#known.lastOffset >= from;
  }

  #lastOf(link: Link, byPrev: ReadonlyMap<number, readonly number[]>): number {
    const offsets = byPrev.get(link.hash.readUIntBE(0, KEY_BYTES)) ?? [];
    return offsets.findLast((offset) => this.#follows(link, this.#file.frameAt(offset)!)) ?? -1;
  }

  #read(from: number): Map<number, number[]> {
    const byPrev = new Map<number, number[]>();
    for (let frame = this.#next(from); frame; frame = this.#next(frame.offset + frame.frameBytes)) {
      const key = frame.prev.readUIntBE(0, KEY_BYTES);
      const offsets = byPrev.get(key);
      if (offsets) offsets.push(frame.offset);
      else byPrev.set(key, [frame.offset]);
    }
    return byPrev;
  }
}
