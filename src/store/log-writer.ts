// The one writer of a session's log. What is appended while a sync runs goes into the next frame together; nothing is
// acknowledged before it is synced and the file at the log's path is still the one that was written to.

import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { emptyFold } from '../core/fold.ts';
import type { EpochRecord, LogRecord, NewRecord, SessionRecord } from '../core/record.ts';
import { writeAnchor } from './anchor.ts';
import { AppendFile, endsWriting, poisonedError } from './append-file.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import type { BlobStore } from './blob-store.ts';
import { FLAG } from './frame.ts';
import { FrameComposer } from './frame-composer.ts';
import { CHAIN_START } from './log-chain.ts';
import { finderOf, openEnd } from './log-end.ts';
import { partPaths } from './log-parts.ts';
import type { SessionLock } from './session-lock.ts';
import { sessionBlobs } from './session-blobs.ts';
import type { StoreLayout } from './store-layout.ts';

export interface WriterOptions {
  clock: Clock;
  /** Who writes, for the epoch record. */
  writer: EpochRecord['writer'];
  /** zlib level; 0 where `compressionEnabled` is off. */
  level: number;
  /** Size at which the log goes on in a next part; Infinity for imports. */
  partBytesMax: number;
  /** Why records may not be appended to the session as it stands; null when they may. Asked before each append. */
  refusal?(fold: Fold, records: readonly NewRecord[]): SessionError | null;
  /** Told once, when something of this writer is durable. Must not throw. */
  begun?(): void;
  /** Every record goes through it before it is written: where secrets are taken out. */
  door?: (records: readonly NewRecord[]) => Promise<NewRecord[]>;
  /** Payload at which a frame is full; as large as allowed when absent. */
  frameBytes?: number;
  /** Of a new session that is to be encrypted; of one that is there, its log says so. */
  cipher?: SessionCipher | null;
  /** What must be durable before the first frame. Called before each batch until one is durable. */
  prepare?(): Promise<void>;
}

interface Pending {
  records: readonly NewRecord[];
  /** They went through the door. */
  passed: boolean;
  resolve(written: LogRecord[]): void;
  reject(error: unknown): void;
}

/** What is to be written next, and the file it goes to; null while there is none. */
interface Place {
  composer: FrameComposer;
  file: AppendFile | null;
}

const FLUSH_BYTES_MAX = 8 * 1024 * 1024;
const ANCHOR_EVERY_MS = 1000;

export class LogWriter {
  readonly id: string;
  /** Torn bytes that were cut off when the log was opened, kept in this file; null when it ended cleanly. */
  readonly tornPath: string | null;
  readonly #layout: StoreLayout;
  #options: WriterOptions;
  readonly #lock: SessionLock;
  /** The record that a new log begins with; null for a log that was there. */
  #first: SessionRecord | null;
  #isFirstPassed = false;
  #composer: FrameComposer;
  #file: AppendFile | null;
  #queue: Pending[] = [];
  #draining: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  /** The epoch record is composed. */
  #begun = false;
  /** Something of this writer is durable, the epoch record with it. */
  #dirty = false;
  #failed: SessionError | null = null;
  #anchoredMs = 0;

  /** A writer for a session that is not there yet; its file is made by the first append. Takes over the lock. */
  static create(layout: StoreLayout, session: SessionRecord, options: WriterOptions, lock: SessionLock): LogWriter {
    const place = placeOfNew(layout, session, options);
    return new LogWriter(layout, session.sessionId, options, lock, place, null, session);
  }

  /**
   * Opens a log for appending: cuts a torn tail (its bytes are kept), refuses a newer format, and goes on behind
   * damage without touching it. Takes over the lock, also when it throws.
   */
  static open(layout: StoreLayout, id: string, options: WriterOptions, lock: SessionLock): LogWriter {
    try {
      const end = openEnd(layout, id, options);
      return new LogWriter(layout, id, options, lock, end, end.tornPath, null);
    } catch (error) {
      lock.release();
      throw systemError(error, 'open', layout.logPath(id));
    }
  }

  private constructor(
    layout: StoreLayout,
    id: string,
    options: WriterOptions,
    lock: SessionLock,
    { composer, file }: Place,
    tornPath: string | null,
    first: SessionRecord | null,
  ) {
    this.#layout = layout;
    this.id = id;
    this.#options = options;
    this.#lock = lock;
    this.#composer = composer;
    this.#file = file;
    this.tornPath = tornPath;
    this.#first = first;
  }

  /** The state after all that was handed to `append` and not refused; it may be ahead of the disk by a sync. */
  get fold(): Fold {
    return this.#composer.fold;
  }

  get blobs(): BlobStore {
    return this.#composer.blobs;
  }

  /**
   * Has a session that nothing was written of yet encrypted from its first byte. Answers false, and does nothing, when
   * something was.
   */
  sealFromStart(sealing: Required<Pick<WriterOptions, 'cipher' | 'prepare'>>): boolean {
    if (this.#begun || this.#dirty || this.#draining || this.#file) return false;
    this.#first = { ...this.fold.session, encryptedSince: 'beginning' };
    this.#options = { ...this.#options, ...sealing };
    ({ composer: this.#composer } = this.#beginning());
    return true;
  }

  get isEncrypted(): boolean {
    return this.#composer.cipher !== null;
  }

  /**
   * Adds records and resolves, with the records as they stand in the log, when they would survive a power cut. Rejects
   * when they are not in the log: RECORD_* and PARENT_NOT_DURABLE for these records alone, STORE_FULL with the writer
   * still usable, LOG_CHANGED and LOG_POISONED with the writer at its end.
   */
  append(records: readonly NewRecord[]): Promise<LogRecord[]> {
    const closed = this.#failed ?? (this.#closing ? this.#closedError() : null);
    const refused = closed ?? this.#options.refusal?.(this.fold, records) ?? null;
    if (refused) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, passed: this.#options.door === undefined, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /**
   * Waits for what is on its way, writes the closing frame if anything was appended, and gives the lock back. Rejects
   * when that frame could not be written; what was acknowledged is in the log all the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    try {
      await this.#draining;
      if (!this.#dirty || this.#failed) return;
      this.#composer.add([{ type: 'close' }]);
      this.#composer.flag(FLAG.close);
      this.#composer.snapshot();
      await this.#flush();
      this.#anchor('now');
    } finally {
      this.#failed ??= this.#closedError();
      this.#file?.close();
      this.#lock.release();
    }
  }

  async #drain(): Promise<void> {
    // One turn later, so that what the same tick appends shares a frame and a sync.
    await undefined;
    while (this.#queue.length > 0) {
      let batch: { pending: Pending; written: LogRecord[] }[] = [];
      try {
        if (!this.#dirty) await this.#options.prepare?.();
        await this.#passDoor();
        // What came since the last of them passed is still at the door.
        if (this.#queue[0]?.passed !== true) continue;
        this.#begin();
        batch = this.#compose();
        if (batch.length > 0) await this.#flush();
        for (const { pending, written } of batch) pending.resolve(written);
      } catch (error) {
        const failure = this.#startAgain(error);
        for (const { pending } of batch) pending.reject(failure);
        // Nothing was composed, or nothing can be written any more: those that wait would fare the same.
        if (batch.length === 0 || this.#failed) for (const pending of this.#queue.splice(0)) pending.reject(failure);
      }
    }
    // Here and not in a `finally`: between the last look at the queue and this line nothing else can run.
    this.#draining = null;
  }

  /** Lets what waits through the door, also what comes meanwhile. What the door refuses is refused alone. */
  async #passDoor(): Promise<void> {
    await this.#passFirst();
    for (let next = this.#atDoor(); next; next = this.#atDoor()) {
      try {
        next.records = await this.#options.door!(next.records);
        next.passed = true;
      } catch (error) {
        this.#queue.splice(this.#queue.indexOf(next), 1);
        next.reject(error);
      }
    }
  }

  /** What a new log begins with names a folder, and a file that it was imported from. */
  async #passFirst(): Promise<void> {
    const { door } = this.#options;
    if (!door || !this.#first || this.#isFirstPassed) return;
    [this.#first] = (await door([this.#first])) as [SessionRecord];
    this.#isFirstPassed = true;
    ({ composer: this.#composer, file: this.#file } = this.#beginning());
  }

  #atDoor(): Pending | undefined {
    return this.#queue.find(({ passed }) => !passed);
  }

  /** What comes before the first append of this writer, or of a new part. */
  #begin(): void {
    const { clock, writer, partBytesMax } = this.#options;
    const composer = this.#composer;
    const isFull = this.#file !== null && this.#file.endBytes >= partBytesMax;
    if (isFull && composer.at.part === this.#file!.part) composer.nextPart();
    const isNewPart = composer.at.offset === 0;
    if (this.#begun && !isNewPart) return;
    // A log that was not closed may have grown long since its last snapshot, by a few frames a crash.
    const wantsSnapshot = isFull || (!this.#begun && !isNewPart && !composer.fold.closed);
    if (isNewPart) {
      const { session } = composer.fold;
      const { part } = composer.at;
      composer.add([part === 1 ? session : { ...session, id: clock.recordId(), at: isoTime(clock.now()), part }]);
    }
    if (!this.#begun) {
      composer.epoch = composer.fold.epoch + 1;
      composer.add([{ type: 'epoch', epoch: composer.epoch, writer }]);
      composer.flag(FLAG.epoch);
    }
    if (wantsSnapshot) composer.snapshot();
    composer.seal();
    this.#begun = true;
  }

  /** Moves appends that passed the door into frames; those that are not valid are refused one by one. */
  #compose(): { pending: Pending; written: LogRecord[] }[] {
    const batch: { pending: Pending; written: LogRecord[] }[] = [];
    for (let bytes = 0; this.#queue[0]?.passed && bytes < FLUSH_BYTES_MAX;) {
      const pending = this.#queue.shift()!;
      const before = this.#composer.at.offset;
      try {
        batch.push({ pending, written: this.#composer.add(pending.records) });
      } catch (error) {
        pending.reject(error);
      }
      bytes += Math.max(this.#composer.at.offset - before, 1024);
    }
    return batch;
  }

  async #flush(): Promise<void> {
    const composer = this.#composer;
    composer.seal();
    if (composer.wantsSnapshot) composer.snapshot();
    const { part } = composer.at;
    if (this.#file?.part !== part) {
      this.#file?.close();
      this.#file = AppendFile.create(this.#layout.logPath(this.id, part), part);
    }
    await this.#file.append(composer.take());
    if (!this.#dirty) this.#options.begun?.();
    this.#anchor(this.#dirty ? 'sometimes' : 'now');
    this.#dirty = true;
  }

  /** Of an encrypted log, says how far it has come: at its beginning, at its end, and about once a second between. */
  #anchor(when: 'now' | 'sometimes'): void {
    const { cipher } = this.#composer;
    if (!cipher) return;
    const nowMs = this.#options.clock.now();
    if (when === 'sometimes' && nowMs - this.#anchoredMs < ANCHOR_EVERY_MS) return;
    this.#anchoredMs = nowMs;
    writeAnchor(this.#layout, this.id, cipher, this.#composer.anchor);
  }

  /** Where this writer began: again when the first of what it composed could not be written. */
  #beginning(): Place {
    if (this.#first) return placeOfNew(this.#layout, this.#first, this.#options);
    return openEnd(this.#layout, this.id, this.#options);
  }

  /** After a failure: back to the end of what is durable, where that is known. Returns what to reject with. */
  #startAgain(error: unknown): SessionError {
    const failure = systemError(error, 'append to', this.#layout.logPath(this.id, this.#composer.at.part));
    try {
      if (endsWriting(failure)) return (this.#failed = failure);
      if (this.#file?.endBytes === 0) this.#file.remove();
      this.#file?.close();
      const place = this.#dirty ? openEnd(this.#layout, this.id, this.#options) : this.#beginning();
      ({ composer: this.#composer, file: this.#file } = place);
      this.#begun = this.#dirty;
      return failure;
    } catch (cause) {
      return (this.#failed = poisonedError(this.#layout.logPath(this.id), 'could not be brought back in order', cause));
    }
  }

  #closedError(): SessionError {
    const path = this.#layout.logPath(this.id);
    return new SessionError('LOG_CHANGED', 'the writer was closed', { op: 'append', path });
  }
}

/** Where a session begins that is not there yet; its file is made by the first append. */
function placeOfNew(layout: StoreLayout, session: SessionRecord, options: WriterOptions): Place {
  const { sessionId, family } = session;
  const blobs = sessionBlobs(layout, sessionId, family, options.cipher ?? null);
  const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
  const find = finderOf(layout, sessionId, session);
  return { composer: new FrameComposer(start, { ...options, blobs, find }), file: null };
}

/** True when a session has a file, readable or not. */
export function logExists(layout: StoreLayout, id: string): boolean {
  return partPaths(layout, id).length > 0;
}
