// Redacts text that comes in pieces, by cutting it where no secret can be cut. Whole texts go through the same cuts in
// one piece, so a stream finds what the whole text would have given, however it was chunked.

import { openSecretEnd } from './open-secret.ts';
import type { CutRules } from './segments.ts';
import { HELD_CHARACTERS_MAX, forcedCut, lastSafeCut, liveCut } from './segments.ts';
import type { Span } from './span.ts';

export interface TextStream {
  /** What is safe to hand on now; '' when all of it must wait. At most 64 KiB are held back. */
  write(chunk: string): string;
  /**
   * For live output that has waited long enough: also what stands before the last white space of an unfinished line,
   * unless a name or a secret is open there. After it the stream may differ from the whole text, never by a secret.
   */
  flushSafe(): string;
  /** The rest. */
  end(): string;
}

/** What a stream needs of the engine. */
export interface SpanRules extends CutRules {
  spans(text: string): Span[];
  /** Puts placeholders in these places. */
  replace(text: string, spans: readonly Span[]): string;
}

export class RedactionStream implements TextStream {
  readonly #rules: SpanRules;
  #held = '';
  /** Cuts up to here were looked at and are not safe; what follows cannot change that. */
  #searchedTo = 0;
  /** The same for cuts inside an unfinished line. */
  #liveSearchedTo = 0;
  /** Rule of the secret that goes on after the last cut: one longer than what may be held. */
  #openRule: string | undefined;

  constructor(rules: SpanRules) {
    this.#rules = rules;
  }

  write(chunk: string): string {
    this.#held += chunk;
    const forced = this.#forced();
    // Only a line break makes a cut: a line that comes byte by byte is not looked at byte by byte.
    if (this.#openRule !== undefined || (forced === '' && !chunk.includes('\n'))) return forced;
    const cut = lastSafeCut(this.#held, this.#searchedTo, this.#held.length, this.#rules);
    this.#searchedTo = this.#held.lastIndexOf('\n') + 1;
    return cut < 0 ? forced : forced + this.#take(cut);
  }

  flushSafe(): string {
    // Only white space makes a cut here.
    if (this.#openRule !== undefined || !/\s/.test(this.#held.slice(this.#liveSearchedTo))) return '';
    const cut = liveCut(this.#held, this.#rules.spans(this.#held), this.#rules);
    this.#liveSearchedTo = this.#held.length;
    return cut < 0 ? '' : this.#take(cut);
  }

  end(): string {
    let redacted = this.#forced();
    if (this.#openRule !== undefined) redacted += this.#takeOpen(this.#held, this.#openRule);
    return redacted + this.#take(this.#held.length);
  }

  /** A whole text at once: no cut is looked for unless it is too long to be treated in one. */
  endWith(text: string): string {
    this.#held += text;
    return this.end();
  }

  /** All that is too long to be held: safe cuts where they are near enough, forced ones elsewhere. */
  #forced(): string {
    let redacted = '';
    while (this.#held.length >= HELD_CHARACTERS_MAX) {
      if (this.#openRule !== undefined) {
        redacted += this.#takeOpen(this.#held.slice(0, HELD_CHARACTERS_MAX), this.#openRule);
        continue;
      }
      const safe = this.#farthestSafeCut();
      redacted += safe > 0 ? this.#take(safe) : this.#takeForced();
    }
    return redacted;
  }

  /** Through safe cuts none of which is too far from the next; 0 when the first is too far already. */
  #farthestSafeCut(): number {
    let reached = 0;
    while (this.#held.length - reached >= HELD_CHARACTERS_MAX) {
      const window = this.#held.slice(reached, reached + HELD_CHARACTERS_MAX);
      const cut = lastSafeCut(window, 0, window.length, this.#rules);
      if (cut < 0) break;
      reached += cut;
    }
    return reached;
  }

  #takeForced(): string {
    const window = this.#held.slice(0, HELD_CHARACTERS_MAX);
    const spans = this.#rules.spans(window);
    const cut = forcedCut(window, spans);
    this.#openRule = spans.find(({ start, end }) => start < cut && end >= window.length)?.rule;
    return this.#take(
      cut,
      spans.filter(({ start }) => start < cut),
    );
  }

  /** The part of an open secret that is in `window`, which the text begins with. */
  #takeOpen(window: string, rule: string): string {
    const end = openSecretEnd(window, rule);
    this.#openRule = end === window.length ? rule : undefined;
    return end === 0 ? '' : this.#take(end, [{ start: 0, end, rule }]);
  }

  #take(end: number, spans?: readonly Span[]): string {
    const part = this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    this.#searchedTo = 0;
    this.#liveSearchedTo = 0;
    return this.#rules.replace(part, spans ?? this.#rules.spans(part));
  }
}
