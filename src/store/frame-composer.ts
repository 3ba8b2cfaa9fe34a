// Records into frames: gives them ids and times, makes the active leaf explicit, moves what is too large into blobs,
// keeps the fold, and puts a snapshot in from time to time. Writes nothing: the log writer and the rewriter do.

import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord, FOLDED_WHOLE } from '../core/fold.ts';
import type { HeadRecord, LogRecord, MessageRecord, NewRecord, Pointer, ToolEndRecord } from '../core/record.ts';
import type { BlobStore } from './blob-store.ts';
import { encodeFrame, FLAG, frameHash, logMark, PAYLOAD_BYTES_MAX } from './frame.ts';
import { assertRecord, encodeLine, LINE_BYTES_MAX } from './frame-lines.ts';
import type { Link } from './log-chain.ts';

/** A snapshot costs its own size; written this many times more rarely, all of them stay a few per cent of the log. */
const SNAPSHOT_RATIO = 32;
const SNAPSHOT_DISTANCE_BYTES_MIN = 512 * 1024;
/** Larger values stay out of snapshots, which then name their record. */
const SLOT_BYTES_MAX = 16 * 1024;
/** Places of the newest messages are remembered, so that branches near the end need no search. */
const PLACES_MAX = 50_000;
const OUTPUT_END_BYTES = 2048;

export interface ComposerStart {
  fold: Fold;
  link: Link;
  /** Where the next frame will begin. */
  part: number;
  offset: number;
  /** Bytes back from there to where the frame before it in the same file begins; 0 when there is none. */
  prevBytes: number;
}

export interface ComposerOptions {
  blobs: BlobStore;
  clock: Clock;
  /** zlib level, 0 to 9. */
  level: number;
  /** Payload at which a frame is full: small for appends' latency, 64 KiB for a repacked log. */
  frameBytes?: number;
  /** Finds a message that is not among the newest; null when it is not in the log. */
  find(messageId: string): Pointer | null;
}

export class FrameComposer {
  readonly fold: Fold;
  epoch: number;
  readonly #options: ComposerOptions;
  readonly #places = new Map<string, Pointer>();
  readonly #frameBytes: number;
  readonly #log: number;
  #link: Link;
  #part: number;
  #offset: number;
  #prevBytes: number;
  #lines: Buffer[] = [];
  #lineBytes = 0;
  #flags = 0;
  #frames: Buffer[] = [];
  #readyBytes = 0;
  #sinceSnapshot = 0;
  #snapshotBytes = 0;

  constructor(start: ComposerStart, options: ComposerOptions) {
    this.fold = start.fold;
    this.epoch = start.fold.epoch;
    this.#link = start.link;
    // A log whose first frame is lost goes on under the mark that its frames have.
    this.#log = start.link.log ?? logMark(start.fold.session.generation);
    this.#part = start.part;
    this.#offset = start.offset;
    this.#prevBytes = start.prevBytes;
    this.#options = options;
    this.#frameBytes = options.frameBytes ?? PAYLOAD_BYTES_MAX;
  }

  /** Where the frame stands that the next record goes into. */
  get at(): Pointer {
    return { part: this.#part, offset: this.#offset, seq: this.#link.seq + 1 };
  }

  /** True when enough was written since the last snapshot. */
  get wantsSnapshot(): boolean {
    return this.#sinceSnapshot >= Math.max(SNAPSHOT_DISTANCE_BYTES_MIN, SNAPSHOT_RATIO * this.#snapshotBytes);
  }

  /**
   * Adds records as a whole or, when one of them is not valid, not at all. Returns them as they will stand in the log.
   * Throws RECORD_INVALID, RECORD_TOO_DEEP, PARENT_NOT_DURABLE, or what storing a blob throws.
   */
  add(records: readonly NewRecord[]): LogRecord[] {
    const complete = this.#complete(records);
    const encoded = complete.map((record) => this.#encode(record));
    for (const [index, record] of complete.entries()) {
      let { line, stub } = encoded[index]!;
      if (this.#lineBytes > 0 && this.#lineBytes + line.length > this.#frameBytes) this.seal();
      if (record.type === 'head') line = encodeLine((stub = this.#withPointer(record as HeadRecord)));
      this.#lines.push(line);
      this.#lineBytes += line.length;
      applyRecord(this.fold, this.#foldable(record, stub), this.at);
      if (record.type === 'message') this.#remember(record.id, this.at);
      if (this.#lines.length === 0xffff) this.seal();
    }
    return complete;
  }

  /** Ends the frame under construction. */
  seal(): void {
    if (this.#lines.length === 0) return;
    const frame = encodeFrame({
      flags: this.#flags,
      lines: this.#lines.length,
      prevBytes: this.#prevBytes,
      seq: this.#link.seq + 1,
      epoch: this.epoch,
      prev: this.#link.hash,
      log: this.#log,
      payload: Buffer.concat(this.#lines, this.#lineBytes),
      level: this.#options.level,
    });
    this.#frames.push(frame);
    this.#readyBytes += frame.length;
    this.#link = { hash: frameHash(frame), seq: this.#link.seq + 1, epoch: this.epoch, log: this.#log };
    this.#offset += frame.length;
    this.#prevBytes = frame.length;
    this.#sinceSnapshot += frame.length;
    if (this.#flags & FLAG.snapshot) {
      this.#sinceSnapshot = 0;
      this.#snapshotBytes = frame.length;
    }
    this.#lines = [];
    this.#lineBytes = 0;
    this.#flags = 0;
  }

  /** Marks the frame under construction: `FLAG.epoch` or `FLAG.close`. */
  flag(flag: number): void {
    this.#flags |= flag;
  }

  /** Puts the fold into the frame under construction and ends it. */
  snapshot(): void {
    const fold = { ...this.fold, context: slim(this.fold.context), files: slim(this.fold.files) };
    const record = {
      type: 'snapshot',
      id: this.#options.clock.recordId(),
      at: isoTime(this.#options.clock.now()),
      fold,
    };
    let line = encodeLine(record);
    if (line.length > LINE_BYTES_MAX) line = encodeLine({ ...this.#options.blobs.spill(record), fold: null });
    if (this.#lineBytes + line.length > PAYLOAD_BYTES_MAX) this.seal();
    this.#lines.push(line);
    this.#lineBytes += line.length;
    this.flag(FLAG.snapshot);
    this.seal();
  }

  /** Goes on at the beginning of a new part: a new file whose chain continues this one. */
  nextPart(): void {
    this.seal();
    this.#part++;
    this.#offset = 0;
    this.#prevBytes = 0;
  }

  /** Bytes of the frames that were ended and not yet taken. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** The bytes of all frames ended since the last call. */
  take(): Buffer {
    const bytes = Buffer.concat(this.#frames, this.#readyBytes);
    this.#frames = [];
    this.#readyBytes = 0;
    return bytes;
  }

  /** Where one of the newest messages stands. Throws a TypeError for one that is no longer remembered. */
  placeOf(messageId: string): Pointer {
    const place = this.#places.get(messageId);
    if (!place) throw new TypeError(`message ${messageId} is not among the newest`);
    return place;
  }

  /** Ids, times and parents; a `head` record in front of every message that does not simply continue. */
  #complete(records: readonly NewRecord[]): LogRecord[] {
    const { clock } = this.#options;
    const complete: LogRecord[] = [];
    const added = new Set<string>();
    let head = this.fold.head.messageId;
    for (const given of records) {
      const { type, id = clock.recordId(), at = isoTime(clock.now()), ...fields } = given;
      const record = assertRecord({ type, id, at, ...fields });
      if (record.type === 'head') {
        const wanted = record as HeadRecord;
        complete.push({ ...wanted, pointer: this.#place(wanted.messageId, added) });
        head = wanted.messageId;
        continue;
      }
      if (record.type === 'message') {
        const message = {
          ...record,
          parentId: (record as MessageRecord).parentId === undefined ? head : record.parentId,
        } as MessageRecord;
        if (!Array.isArray(message.parts) || typeof message.role !== 'string') {
          throw new SessionError('RECORD_INVALID', 'a message needs a role and parts', { op: 'append' });
        }
        if (message.parentId !== head) {
          const pointer = this.#place(message.parentId, added);
          complete.push({
            type: 'head',
            id: clock.recordId(),
            at: message.at,
            messageId: message.parentId,
            pointer,
          } as HeadRecord);
        }
        added.add(message.id);
        head = message.id;
        complete.push(message);
        continue;
      }
      complete.push(record);
    }
    return complete;
  }

  /** The frame of a message that is to become the leaf; null for one of the same call, see #withPointer. */
  #place(messageId: string | null, added: ReadonlySet<string>): Pointer | null {
    if (messageId === null || added.has(messageId)) return null;
    const known =
      this.#places.get(messageId) ?? (this.fold.head.messageId === messageId ? this.fold.head.pointer : null);
    const place = known ?? this.#options.find(messageId);
    if (place) return place;
    throw new SessionError('PARENT_NOT_DURABLE', `message ${messageId} is not in the log`, {
      op: 'append',
      hint: 'append the parent first, and wait until it is acknowledged',
    });
  }

  #encode(record: LogRecord): { line: Buffer; stub: LogRecord } {
    const { blobs } = this.#options;
    let stub = record;
    let line = encodeLine(stub);
    if (line.length > LINE_BYTES_MAX && record.type === 'tool-end') {
      stub = spillOutput(record as ToolEndRecord, blobs);
      line = encodeLine(stub);
    }
    if (line.length > LINE_BYTES_MAX) {
      stub = blobs.spill(stub);
      line = encodeLine(stub);
    }
    if (line.length <= PAYLOAD_BYTES_MAX) return { line, stub };
    throw new SessionError('RECORD_TOO_LARGE', `a ${record.type} record is ${line.length} bytes long`, {
      op: 'append',
    });
  }

  /** Of state the fold needs the whole value, also where a rewrite passes the line of a spilled one. */
  #foldable(record: LogRecord, stub: LogRecord): LogRecord {
    if (!FOLDED_WHOLE.has(record.type)) return stub;
    const { blobs } = this.#options;
    return record.spilled && blobs.has(record.spilled) ? blobs.unspill(record) : record;
  }

  #remember(messageId: string, at: Pointer): void {
    this.#places.set(messageId, at);
    if (this.#places.size > PLACES_MAX) this.#places.delete(this.#places.keys().next().value!);
  }

  /** Messages of the same call get their place only while they are added. */
  #withPointer(head: HeadRecord): HeadRecord {
    if (head.messageId === null || head.pointer !== null) return head;
    return { ...head, pointer: this.#places.get(head.messageId)! };
  }
}

/** A long output becomes a blob of its own bytes, so that tools can read it without knowing records. */
function spillOutput(record: ToolEndRecord, blobs: BlobStore): ToolEndRecord {
  const { output, ...rest } = record;
  const bytes = Buffer.from(output ?? '');
  if (bytes.length <= OUTPUT_END_BYTES * 2) return record;
  return { ...rest, ...outputEnds(bytes), blob: blobs.put(bytes) };
}

/** First and last 2 KiB of an output, cut at characters. */
export function outputEnds(bytes: Buffer): { head: string; tail: string } {
  const decoder = new TextDecoder();
  const start = decoder.decode(bytes.subarray(0, OUTPUT_END_BYTES), { stream: true });
  let from = Math.max(0, bytes.length - OUTPUT_END_BYTES);
  while (from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from++;
  return { head: start, tail: bytes.subarray(from).toString('utf8') };
}

function slim<T>(slot: { value?: T; at?: Pointer }): { value?: T; at?: Pointer } {
  if (slot.at === undefined || slot.value === undefined) return slot;
  return JSON.stringify(slot.value).length > SLOT_BYTES_MAX ? { at: slot.at } : slot;
}
