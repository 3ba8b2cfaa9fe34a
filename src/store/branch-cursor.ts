// A place in a log from which messages are looked for backwards. Jumps over other branches where a `head` record says
// how far, and round what is lost.

import { SessionError } from '../core/errors.ts';
import type { HeadRecord, LogRecord, MessageRecord, Pointer } from '../core/record.ts';
import type { BlobStore } from './blob-store.ts';
import type { CallResults } from './call-results.ts';
import { addEarlierResult, callsOf, ResultsOf, takeResults } from './call-results.ts';
import type { PlacedFrame } from './log-place.ts';
import { pointerTo } from './log-place.ts';
import type { LogReader } from './log-reader.ts';
import { callsAtHead } from './message-place.ts';

export interface WalkedMessage {
  message: MessageRecord;
  at: Pointer;
  results: CallResults;
  /** What it names: of a fork's past, the large parts of the session that holds it. */
  blobs: BlobStore;
}

/** Bytes of other branches that are looked through, behind a message that was jumped to, for results that came late. */
const RESULTS_BYTES_MAX = 4 * 1024 * 1024;

type Step = { record: LogRecord; placed: PlacedFrame } | 'damage';

export class BranchCursor {
  readonly #reader: LogReader;
  /** Results that were passed and whose message was not yet. */
  readonly #results: CallResults = new Map();
  #steps: Generator<Step>;

  constructor(reader: LogReader) {
    this.#reader = reader;
    this.#steps = stepsFrom(reader, reader.lastFrame());
  }

  /**
   * The message with this id, looked for from here backwards. Where it is among what is lost: the newest message in
   * front of the damage, the nearest that is known; null when there is none. Throws LOG_DAMAGED for a message that the
   * log never held.
   */
  find(messageId: string): WalkedMessage | null {
    let passedDamage = false;
    let beforeDamage: PlacedFrame | null = null;
    for (let step = this.#step(); step; step = this.#step()) {
      if (step === 'damage') {
        passedDamage = true;
        continue;
      }
      const { record, placed } = step;
      if (passedDamage) beforeDamage ??= placed;
      if (record.type === 'message') {
        if (record.id === messageId) return this.#take(record as MessageRecord, placed);
        this.#results.clear(); // They are of another branch, whatever ids their calls have.
      } else if (record.type === 'head') {
        const pointer = backFrom(record as HeadRecord, messageId, placed);
        if (pointer)
          return this.jump(pointer, messageId, record.id) ?? this.newestFrom(this.#reader.frameBefore(pointer));
        if ((record as HeadRecord).messageId !== messageId) this.#results.clear();
      } else addEarlierResult(this.#results, record);
    }
    if (passedDamage) return this.newestFrom(beforeDamage);
    throw new SessionError(
      'LOG_DAMAGED',
      `session ${this.#reader.id} names message ${messageId}, which it never held`,
      {
        op: 'read',
        path: this.#reader.path,
        hint: `roo session verify ${this.#reader.id}`,
      },
    );
  }

  /**
   * Goes on at a message whose frame is known; null, with the cursor where it was, when it is not there. `from` is the
   * head record of the jump: results behind that one were met on the way to it.
   */
  jump(pointer: Pointer, messageId: string, from?: string): WalkedMessage | null {
    const placed = this.#reader.findFrame(pointer);
    if (!placed) return null;
    const records = this.#reader.records(placed);
    const index = records.findLastIndex((record) => record.type === 'message' && record.id === messageId);
    if (index < 0) return null;
    const message = records[index] as MessageRecord;
    const results = this.#resultsBehind(placed, message, from);
    // Results that came after the branch was taken up again are the newer ones.
    for (const [callId, later] of takeResults(this.#results, message)) {
      const before = results.get(callId);
      results.set(callId, { end: later.end ?? before?.end ?? null, output: (before?.output ?? '') + later.output });
    }
    this.#steps = stepsFrom(this.#reader, placed, records.slice(0, index));
    return { message, at: pointerTo(placed), results, blobs: this.#reader.blobs };
  }

  /** The newest message in a frame or before it, of whatever branch; null when there is none. */
  newestFrom(placed: PlacedFrame | null): WalkedMessage | null {
    this.#steps = stepsFrom(this.#reader, placed);
    for (let step = this.#step(); step; step = this.#step()) {
      if (step === 'damage') continue;
      const message = step.record as MessageRecord;
      if (step.record.type !== 'message') addEarlierResult(this.#results, step.record);
      else return this.#take(message, step.placed);
    }
    return null;
  }

  #take(message: MessageRecord, placed: PlacedFrame): WalkedMessage {
    const results = takeResults(this.#results, message);
    return { message, at: pointerTo(placed), results, blobs: this.#reader.blobs };
  }

  /** Null at the beginning of the log. Not `for of`, which would end the generator when it is left. */
  #step(): Step | null {
    const next = this.#steps.next();
    return next.done ? null : next.value;
  }

  /** Results of a message's calls stand behind it; looks there until all are found or the branch goes on. */
  #resultsBehind(from: PlacedFrame, message: MessageRecord, until: string | undefined): CallResults {
    const behind = new ResultsOf(message, (head) => callsAtHead(this.#reader, head));
    if (callsOf(message).length === 0) return behind.results;
    let reached = false;
    let elsewhereBytes = 0;
    for (const item of this.#reader.forwards(pointerTo(from))) {
      if ('damage' in item) continue;
      for (const record of this.#reader.records(item)) {
        if (!reached) reached = record.type === 'message' && record.id === message.id;
        else if (record.id === until) return behind.results;
        else if (record.type === 'message' && record.parentId === message.id) return behind.results;
        else behind.add(record);
        if (behind.isComplete) return behind.results;
      }
      if (behind.isElsewhere) elsewhereBytes += item.frame.frameBytes;
      if (elsewhereBytes > RESULTS_BYTES_MAX) return behind.results;
    }
    return behind.results;
  }
}

/** Records from a frame back to the first, newest first; of that frame `last` only, when it is given. */
function* stepsFrom(reader: LogReader, from: PlacedFrame | null, last?: LogRecord[]): Generator<Step> {
  if (!from) return;
  for (const item of reader.backwards(from)) {
    if ('damage' in item) {
      yield 'damage';
      continue;
    }
    const records = item === from && last ? last : reader.records(item);
    for (let i = records.length - 1; i >= 0; i--) yield { record: records[i]!, placed: item };
  }
}

/** Where a head record says that the branch goes on, if that is in an earlier frame. */
function backFrom({ messageId, pointer }: HeadRecord, wanted: string, placed: PlacedFrame): Pointer | null {
  return messageId === wanted && pointer !== null && pointer.seq < placed.frame.seq ? pointer : null;
}
