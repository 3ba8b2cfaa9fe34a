// Records into frames: moves what is too large into blobs, keeps the fold, and puts a snapshot in from time to time.
// Writes nothing: the log writer and the rewriter do.

import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord, FOLDED_WHOLE } from '../core/fold.ts';
import { parseJson, stringifyJson } from '../core/json.ts';
import type { HeadRecord, LogRecord, NewRecord, Pointer } from '../core/record.ts';
import type { FrameSealer } from '../crypto/frame-seal.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import type { Anchor } from './anchor.ts';
import type { BlobStore } from './blob-store.ts';
import { encodeFrame, FLAG, fitsSealed, frameHash, logMark, PAYLOAD_BYTES_MAX, SEALED_BYTES_MAX } from './frame.ts';
import { encodeLine, LINE_BYTES_MAX } from './frame-lines.ts';
import type { Link } from './log-chain.ts';
import { MessageTree } from './message-tree.ts';
import { encodeRecord, tooLarge } from './record-spill.ts';

/** A snapshot costs its own size; written this many times more rarely, all of them stay a few per cent of the log. */
const SNAPSHOT_RATIO = 32;
const SNAPSHOT_DISTANCE_BYTES_MIN = 512 * 1024;
/** Larger values stay out of snapshots, which then name their record. */
const SLOT_BYTES_MAX = 16 * 1024;

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
  /** Of an encrypted log; null, or absent, for one that anybody can read. */
  cipher?: SessionCipher | null;
  /** Payload at which a frame is full: small for appends' latency, 64 KiB for a repacked log. */
  frameBytes?: number;
  /** Finds a message that is not among the newest; null when it is not in the log. */
  find(messageId: string): Pointer | null;
}

export class FrameComposer {
  readonly fold: Fold;
  epoch: number;
  readonly #options: ComposerOptions;
  readonly #tree: MessageTree;
  readonly #frameBytes: number;
  /** What a frame holds at most, as `frameBytes` is what one holds as a rule. */
  readonly #payloadBytesMax: number;
  readonly #sealer: FrameSealer | null;
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
    this.#tree = new MessageTree(start.fold, options.clock, options.find);
    this.#sealer = options.cipher?.frameSealer() ?? null;
    this.#payloadBytesMax = this.#sealer ? SEALED_BYTES_MAX : PAYLOAD_BYTES_MAX;
    this.#frameBytes = Math.min(options.frameBytes ?? PAYLOAD_BYTES_MAX, this.#payloadBytesMax);
  }

  get blobs(): BlobStore {
    return this.#options.blobs;
  }

  /** Of an encrypted log. */
  get cipher(): SessionCipher | null {
    return this.#options.cipher ?? null;
  }

  /** How far the log has come with the last frame that was ended. */
  get anchor(): Anchor {
    const { rewrites = 0 } = this.fold.session;
    return { log: this.#log, rewrites, seq: this.#link.seq, hash: this.#link.hash.toString('hex') };
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
    const complete = this.#tree.complete(records);
    const encoded = complete.map((record) => this.#encode(record));
    for (const [index, record] of complete.entries()) {
      let { line, stub } = encoded[index]!;
      if (record.type === 'head') {
        complete[index] = stub = this.#tree.withPointer(record as HeadRecord);
        line = encodeLine(stub);
      }
      if (this.#lineBytes > 0 && this.#lineBytes + line.length > this.#frameBytes) this.seal();
      this.#lines.push(line);
      this.#lineBytes += line.length;
      applyRecord(this.fold, this.#foldable(record, stub), this.at);
      if (record.type === 'message') this.#tree.remember(record.id, this.at);
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
      sealer: this.#sealer,
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
    if (line.length > LINE_BYTES_MAX) {
      const spilled = this.#options.blobs.put(line.subarray(0, -1));
      line = encodeLine({ ...record, fold: null, spilled });
    }
    if (this.#lineBytes + line.length > this.#payloadBytesMax) this.seal();
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
    return this.#tree.placeOf(messageId);
  }

  #encode(record: LogRecord): { line: Buffer; stub: LogRecord } {
    const encoded = encodeRecord(record, this.#options.blobs);
    if (this.#sealer && !fitsSealed(encoded.line, this.#options.level)) throw tooLarge(record, encoded.line.length);
    return encoded;
  }

  /**
   * What the fold is to know of a record: exactly what a reader will know of it. Of messages that is the line; values
   * the fold keeps are taken as JSON gives them back, so that no caller can change them behind the log.
   */
  #foldable(record: LogRecord, stub: LogRecord): LogRecord {
    if (!FOLDED_WHOLE.has(record.type) && record.type !== 'checkpoint' && record.type !== 'session') return stub;
    const { blobs } = this.#options;
    // A rewrite passes the line of a record that was spilled.
    if (record.spilled && blobs.has(record.spilled)) return blobs.unspill(record);
    return parseJson(stringifyJson(record)) as LogRecord;
  }
}

function slim<T>(slot: { value?: T; at?: Pointer }): { value?: T; at?: Pointer } {
  if (slot.at === undefined || slot.value === undefined) return slot;
  return JSON.stringify(slot.value).length > SLOT_BYTES_MAX ? { at: slot.at } : slot;
}
