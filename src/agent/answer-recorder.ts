// An answer on its way to disk while it streams: what was shown is recorded at most half a second later, in pieces, so
// that the cost stays that of what is new. When the answer is done, its message holds the whole.

import type { NewRecord, PartialRecord } from '../core/record.ts';

const RECORD_AFTER_MS = 500;
const PIECE_CHARACTERS_MAX = 64 * 1024;

type Append = (record: NewRecord) => Promise<unknown>;

/** What an answer's text passes before its pieces are kept: a secret must not come through in two halves. */
export interface TextFilter {
  write(text: string): string;
  /** What may be kept now, of text that has waited long enough. */
  flushSafe(): string;
}

export class AnswerRecorder {
  readonly messageId: string;
  readonly #parentId: string | null;
  readonly #append: Append;
  readonly #newFilter: () => TextFilter | null;
  /** Text and thinking are each a text of their own. */
  readonly #filters = new Map<PartialRecord['kind'], TextFilter | null>();
  #pieces: { kind: PartialRecord['kind']; text: string }[] = [];
  #waitingCharacters = 0;
  #timer: NodeJS.Timeout | null = null;
  #work: Promise<unknown> = Promise.resolve();

  constructor(messageId: string, parentId: string | null, append: Append, newFilter: () => TextFilter | null) {
    this.messageId = messageId;
    this.#parentId = parentId;
    this.#append = append;
    this.#newFilter = newFilter;
  }

  /** Takes a piece. The promise resolves when the next may come, and rejects when one could not be recorded. */
  take(kind: PartialRecord['kind'], text: string): Promise<unknown> {
    const last = this.#pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else this.#pieces.push({ kind, text });
    this.#waitingCharacters += text.length;
    if (this.#waitingCharacters >= PIECE_CHARACTERS_MAX) return this.#record();
    this.#timer ??= setTimeout(() => void this.#record().catch(ignoreUntilEnd), RECORD_AFTER_MS);
    return Promise.resolve();
  }

  /** Stops recording pieces: the message is about to be written. Rejects when a piece could not be recorded. */
  async end(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    await this.#work;
  }

  #record(): Promise<unknown> {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waitingCharacters = 0;
    this.#work = this.#work.then(async () => {
      for (const { kind, text: given } of pieces) {
        const text = this.#passed(kind, given);
        // What is held back comes with the next piece, or with the message that holds the whole.
        if (text === '') continue;
        await this.#append({ type: 'partial', messageId: this.messageId, parentId: this.#parentId, kind, text });
      }
    });
    return this.#work;
  }

  #passed(kind: PartialRecord['kind'], text: string): string {
    const filter = this.#filters.get(kind) ?? this.#newFilter();
    this.#filters.set(kind, filter);
    return filter ? filter.write(text) + filter.flushSafe() : text;
  }
}

/** The failure stays in the chain of work, and `end` or the next piece tells it. */
function ignoreUntilEnd(): void {}
