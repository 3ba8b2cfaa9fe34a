// The one writer of a session's log. What is appended while a sync runs goes into the next frame together; nothing is
// acknowledged before it is synced and the file at the log's path is still the one that was written to.

import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import { SessionError, systemError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { emptyFold } from '../core/fold.ts';
import type { EpochRecord, LogRecord, NewRecord, SessionRecord } from '../core/record.ts';
import { BlobStore } from './blob-store.ts';
import { ensureDirectory, syncDirectory, writeFully } from './durable-files.ts';
import { FLAG } from './frame.ts';
import { FrameComposer } from './frame-composer.ts';
import { CHAIN_START, linkOf } from './log-chain.ts';
import { partPaths } from './log-parts.ts';
import { LogReader } from './log-reader.ts';
import { cutTornTail } from './log-recover.ts';
import { findMessage } from './message-walk.ts';
import type { SessionLock } from './session-lock.ts';
import type { StoreLayout } from './store-layout.ts';
import { FILE_MODE } from './store-layout.ts';

export interface WriterOptions {
  clock: Clock;
  /** Who writes, for the epoch record. */
  writer: EpochRecord['writer'];
  /** zlib level; 0 where `compressionEnabled` is off. */
  level: number;
  /** Size at which the log goes on in a next part; Infinity for imports. */
  partBytesMax: number;
  /** Payload at which a frame is full; as large as allowed when absent. */
  frameBytes?: number;
}

interface Pending {
  records: readonly NewRecord[];
  resolve(written: LogRecord[]): void;
  reject(error: unknown): void;
}

const FLUSH_BYTES_MAX = 8 * 1024 * 1024;
const syncData = promisify(fdatasync);

export class LogWriter {
  readonly id: string;
  readonly blobs: BlobStore;
  /** Torn bytes that were cut off when the log was opened, kept in this file; null when it ended cleanly. */
  readonly tornPath: string | null;
  readonly #layout: StoreLayout;
  readonly #options: WriterOptions;
  readonly #lock: SessionLock;
  #composer: FrameComposer;
  #path: string;
  #fd: number;
  /** End of the last frame that is durable, in the current part. */
  #endBytes: number;
  #queue: Pending[] = [];
  #draining: Promise<void> | null = null;
  #begun = false;
  #dirty = false;
  #failed: SessionError | null = null;

  /** A writer for a session that is not there yet; its file is made by the first append. Takes over the lock. */
  static create(layout: StoreLayout, session: SessionRecord, options: WriterOptions, lock: SessionLock): LogWriter {
    const blobs = new BlobStore(layout.blobDir(session.family));
    const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
    const composer = new FrameComposer(start, { ...options, blobs, find: () => null });
    return new LogWriter(layout, session.sessionId, options, lock, composer, blobs, -1, null);
  }

  /**
   * Opens a log for appending: cuts a torn tail (its bytes are kept), refuses a newer format, and goes on behind
   * damage without touching it. Takes over the lock, also when it throws.
   */
  static open(layout: StoreLayout, id: string, options: WriterOptions, lock: SessionLock): LogWriter {
    let reader: LogReader | undefined;
    let fd = -1;
    try {
      reader = LogReader.open(layout, id);
      const { part, path, endBytes, tornPath } = recover(reader);
      const composer = composerAtEnd(layout, reader, options);
      fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0));
      const writer = new LogWriter(layout, id, options, lock, composer, reader.blobs, fd, tornPath);
      writer.#path = layout.logPath(id, part);
      writer.#endBytes = endBytes;
      return writer;
    } catch (error) {
      if (fd >= 0) closeSync(fd);
      lock.release();
      throw systemError(error, 'open', layout.logPath(id));
    } finally {
      reader?.close();
    }
  }

  private constructor(
    layout: StoreLayout,
    id: string,
    options: WriterOptions,
    lock: SessionLock,
    composer: FrameComposer,
    blobs: BlobStore,
    fd: number,
    tornPath: string | null,
  ) {
    this.#layout = layout;
    this.id = id;
    this.#options = options;
    this.#lock = lock;
    this.#composer = composer;
    this.blobs = blobs;
    this.#fd = fd;
    this.tornPath = tornPath;
    this.#path = layout.logPath(id);
    this.#endBytes = 0;
  }

  /** The state after all that was handed to `append` and not refused; it may be ahead of the disk by a sync. */
  get fold(): Fold {
    return this.#composer.fold;
  }

  /**
   * Adds records and resolves, with the records as they stand in the log, when they would survive a power cut. Rejects
   * when they are not in the log: RECORD_* and PARENT_NOT_DURABLE for these records alone, STORE_FULL with the writer
   * still usable, LOG_CHANGED and LOG_POISONED with the writer at its end.
   */
  append(records: readonly NewRecord[]): Promise<LogRecord[]> {
    if (this.#failed) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Waits for what is on its way, writes the closing frame if anything was appended, and gives the lock back. */
  async close(): Promise<void> {
    try {
      await this.#draining;
      if (this.#dirty && !this.#failed) await this.#writeClose();
    } finally {
      this.#failed ??= new SessionError('LOG_CHANGED', 'the writer was closed', { op: 'append', path: this.#path });
      if (this.#fd >= 0) closeSync(this.#fd);
      this.#fd = -1;
      this.#lock.release();
    }
  }

  async #drain(): Promise<void> {
    // One turn later, so that what the same tick appends shares a frame and a sync.
    await undefined;
    while (this.#queue.length > 0) {
      const batch = this.#compose();
      if (batch.length === 0) continue;
      try {
        await this.#flush();
        for (const { pending, written } of batch) pending.resolve(written);
      } catch (error) {
        for (const { pending } of batch) pending.reject(error);
        if (this.#failed) for (const pending of this.#queue.splice(0)) pending.reject(error);
      }
    }
    // Here and not in a `finally`: between the last look at the queue and this line nothing else can run.
    this.#draining = null;
  }

  /** Moves waiting appends into frames; those that are not valid are refused one by one. */
  #compose(): { pending: Pending; written: LogRecord[] }[] {
    const batch: { pending: Pending; written: LogRecord[] }[] = [];
    let bytes = 0;
    try {
      this.#begin();
    } catch (error) {
      for (const pending of this.#queue.splice(0)) pending.reject(error);
      return batch;
    }
    while (this.#queue.length > 0 && bytes < FLUSH_BYTES_MAX) {
      const pending = this.#queue.shift()!;
      const before = this.#composer.at.offset;
      try {
        batch.push({ pending, written: this.#composer.add(pending.records) });
      } catch (error) {
        pending.reject(error);
      }
      bytes += Math.max(this.#composer.at.offset - before, 1024);
    }
    this.#composer.seal();
    if (this.#composer.wantsSnapshot) this.#composer.snapshot();
    return batch;
  }

  /** What comes before the first append of this writer, or of a new part. */
  #begin(): void {
    const { clock, writer, partBytesMax } = this.#options;
    const isNew = this.#fd < 0;
    const isFull = !isNew && this.#endBytes >= partBytesMax;
    if (this.#begun && !isNew && !isFull) return;
    const composer = this.#composer;
    if (isFull) {
      closeSync(this.#fd);
      this.#fd = -1;
      composer.nextPart();
      this.#path = this.#layout.logPath(this.id, composer.at.part);
    }
    if (this.#fd < 0) {
      this.#fd = this.#createFile();
      this.#endBytes = 0;
      composer.add([
        { ...composer.fold.session, id: clock.recordId(), at: isoTime(clock.now()), part: composer.at.part },
      ]);
    }
    if (!this.#begun) {
      composer.epoch = composer.fold.epoch + 1;
      composer.add([{ type: 'epoch', epoch: composer.epoch, writer }]);
      composer.flag(FLAG.epoch);
    }
    if (isFull) composer.snapshot();
    composer.seal();
    this.#begun = true;
  }

  #createFile(): number {
    ensureDirectory(dirname(this.#path));
    try {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
      return openSync(this.#path, flags, FILE_MODE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw systemError(error, 'create', this.#path);
      throw new SessionError('SESSION_EXISTS', `${this.#path} is already there`, {
        op: 'create',
        path: this.#path,
        cause: error,
      });
    }
  }

  async #flush(): Promise<void> {
    const bytes = this.#composer.take();
    this.#assertUnchanged(this.#endBytes);
    try {
      writeFully(this.#fd, bytes);
    } catch (error) {
      throw this.#undo(systemError(error, 'append to', this.#path));
    }
    try {
      if (this.#endBytes === 0) {
        fsyncSync(this.#fd);
        syncDirectory(dirname(this.#path));
      } else await syncData(this.#fd);
    } catch (error) {
      // After a failed sync the kernel may call lost pages clean: only reading the disk again tells what is there.
      this.#failed = new SessionError('LOG_POISONED', `${this.#path} could not be synced`, {
        op: 'sync',
        path: this.#path,
        cause: error,
        hint: 'check the disk; open the session again to see what it holds',
      });
      throw this.#failed;
    }
    this.#assertUnchanged(this.#endBytes + bytes.length);
    this.#endBytes += bytes.length;
    this.#dirty = true;
  }

  /** Throws LOG_CHANGED when the file is not as this writer left it: somebody else wrote, cut or replaced it. */
  #assertUnchanged(expectedBytes: number): void {
    const open = fstatSync(this.#fd);
    let there: { ino: number; dev: number } | null = null;
    try {
      there = statSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError(error, 'look at', this.#path);
    }
    if (open.size === expectedBytes && there?.ino === open.ino && there.dev === open.dev) return;
    const what = there === null ? 'was removed' : there.ino === open.ino ? 'was changed' : 'was replaced';
    this.#failed = new SessionError('LOG_CHANGED', `${this.#path} ${what} by somebody else while it was written`, {
      op: 'append',
      path: this.#path,
      offsetBytes: expectedBytes,
      hint: 'nothing that was acknowledged before is lost from the file as it was; open the session again',
    });
    throw this.#failed;
  }

  /** Takes back what a full disk let through of a frame, so that the log ends in a whole one, and stays usable. */
  #undo(error: SessionError): SessionError {
    try {
      ftruncateSync(this.#fd, this.#endBytes);
      fdatasyncSync(this.#fd);
      if (this.#endBytes === 0) return this.#fail(error); // Nothing durable to go on from: the file is new and empty.
      const reader = LogReader.open(this.#layout, this.id);
      try {
        this.#composer = composerAtEnd(this.#layout, reader, this.#options);
      } finally {
        reader.close();
      }
      this.#begun = this.#dirty;
      return error;
    } catch (cause) {
      const details = { op: 'undo', path: this.#path, cause };
      return this.#fail(new SessionError('LOG_POISONED', `${this.#path} could not be brought back in order`, details));
    }
  }

  #fail(error: SessionError): SessionError {
    this.#failed = error;
    return error;
  }

  async #writeClose(): Promise<void> {
    this.#composer.add([{ type: 'close' }]);
    this.#composer.flag(FLAG.close);
    this.#composer.snapshot();
    await this.#flush();
  }
}

/** Cuts the torn tail of the last part, if any. */
function recover(reader: LogReader): { part: number; path: string; endBytes: number; tornPath: string | null } {
  const part = reader.parts;
  const { path, size } = reader.file(part);
  const { endBytes } = reader.tail(part);
  const tornPath = endBytes < size ? cutTornTail(path, endBytes) : null;
  if (tornPath !== null) reader.file(part).refresh();
  return { part, path, endBytes, tornPath };
}

function composerAtEnd(layout: StoreLayout, reader: LogReader, options: WriterOptions): FrameComposer {
  const last = reader.lastFrame();
  const { last: lastInPart, endBytes } = reader.tail();
  const distance = lastInPart ? endBytes - lastInPart.offset : 0;
  const start = {
    fold: reader.fold(),
    link: last ? linkOf(last.frame) : CHAIN_START,
    part: reader.parts,
    offset: endBytes,
    // Over whatever lies between: the chain stays walkable from its end. A distance that has no room is left out.
    prevBytes: distance > 0xffffffff ? 0 : distance,
  };
  const find = (messageId: string): ReturnType<typeof findMessage> => {
    const again = LogReader.open(layout, reader.id);
    try {
      return findMessage(again, messageId);
    } finally {
      again.close();
    }
  };
  return new FrameComposer(start, { ...options, blobs: reader.blobs, find });
}

/** True when a session has a file, readable or not. */
export function logExists(layout: StoreLayout, id: string): boolean {
  return partPaths(layout, id).length > 0;
}
