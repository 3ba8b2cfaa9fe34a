// Keeps the messages of a log a tree: parents are in the log before their children, and where a branch goes on is said
// by a `head` record with the place, so that walking back need not read what lies between.

import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import type { HeadRecord, LogRecord, MessageRecord, NewRecord, Pointer } from '../core/record.ts';
import { assertRecord } from './frame-lines.ts';

/** Places of the newest messages are remembered, so that branches near the end need no search. */
const PLACES_MAX = 50_000;

export class MessageTree {
  readonly #fold: Fold;
  readonly #clock: Clock;
  readonly #find: (messageId: string) => Pointer | null;
  readonly #places = new Map<string, Pointer>();

  /** `fold` is that of the log as it grows; `find` looks for what is not remembered. */
  constructor(fold: Fold, clock: Clock, find: (messageId: string) => Pointer | null) {
    this.#fold = fold;
    this.#clock = clock;
    this.#find = find;
  }

  /**
   * Ids, times and parents; a `head` record in front of every message that does not simply continue. Throws
   * RECORD_INVALID and PARENT_NOT_DURABLE.
   */
  complete(records: readonly NewRecord[]): LogRecord[] {
    const complete: LogRecord[] = [];
    const added = new Set<string>();
    let head = this.#fold.head.messageId;
    for (const given of records) {
      const { type, id = this.#clock.recordId(), at = isoTime(this.#clock.now()), ...fields } = given;
      const record = { type, id, at, ...fields } as LogRecord;
      if (record.type === 'head') {
        const wanted = assertRecord({ ...record, pointer: null }) as HeadRecord;
        complete.push({ ...wanted, pointer: this.#place(wanted.messageId, added) });
        head = wanted.messageId;
      } else if (record.type === 'message') {
        const { parentId = head } = record as Partial<MessageRecord>;
        const message = assertRecord({ ...record, parentId }) as MessageRecord;
        if (parentId !== head) complete.push(this.#headAt(parentId, message.at, added));
        complete.push(message);
        added.add(id);
        head = id;
      } else complete.push(assertRecord(record));
    }
    return complete;
  }

  /** Messages of the same call get their place only while they are added: now is the time to name it. */
  withPointer(head: HeadRecord): HeadRecord {
    if (head.messageId === null || head.pointer !== null) return head;
    return { ...head, pointer: this.#places.get(head.messageId) ?? null };
  }

  remember(messageId: string, at: Pointer): void {
    this.#places.set(messageId, at);
    if (this.#places.size > PLACES_MAX) this.#places.delete(this.#places.keys().next().value!);
  }

  /** Where one of the newest messages stands. Throws a TypeError for one that is no longer remembered. */
  placeOf(messageId: string): Pointer {
    const place = this.#places.get(messageId);
    if (!place) throw new TypeError(`message ${messageId} is not among the newest`);
    return place;
  }

  #headAt(messageId: string | null, at: string, added: ReadonlySet<string>): HeadRecord {
    return { type: 'head', id: this.#clock.recordId(), at, messageId, pointer: this.#place(messageId, added) };
  }

  /** The frame of a message that is to become the leaf; null for one of the same call, see `withPointer`. */
  #place(messageId: string | null, added: ReadonlySet<string>): Pointer | null {
    if (messageId === null || added.has(messageId)) return null;
    const { head } = this.#fold;
    const known = this.#places.get(messageId) ?? (head.messageId === messageId ? head.pointer : null);
    const place = known ?? this.#find(messageId);
    if (place) return place;
    throw new SessionError('PARENT_NOT_DURABLE', `message ${messageId} is not in the log`, {
      op: 'append',
      hint: 'append the parent first, and wait until it is acknowledged',
    });
  }
}
