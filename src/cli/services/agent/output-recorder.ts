// A command's output on its way to disk: a short one becomes part of the call's end; what takes long is recorded piece
// by piece, so that a crash keeps it; what grows large goes into a file of its own and is never whole in memory.

import type { ToolEndRecord, ToolOutputRecord } from '../../../core/record.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import type { BlobWriter } from '../../../store/blob-writer.ts';
import { outputEnds } from '../../../store/record-spill.ts';

/** Output that came this long ago is on disk, in milliseconds. */
const RECORD_AFTER_MS = 500;
const INLINE_BYTES_MAX = 256 * 1024;

export type RecordedOutput = Pick<ToolEndRecord, 'output' | 'blob' | 'head' | 'tail'>;

/** What output passes before it is kept. It may hold back what it cannot judge yet. */
export interface OutputFilter {
  write(bytes: Uint8Array): Uint8Array;
  /** What may be kept now, for output that has waited long enough. */
  flushSafe(): Uint8Array;
  end(): Uint8Array;
}

export class OutputRecorder {
  readonly #callId: string;
  readonly #append: (record: Pick<ToolOutputRecord, 'type' | 'callId' | 'text'>) => Promise<unknown>;
  readonly #blobs: BlobStore;
  readonly #filter: OutputFilter | null;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** All bytes while they are few. */
  #bytes: Buffer[] = [];
  #byteCount = 0;
  #unrecorded = '';
  #hasPieces = false;
  #timer: NodeJS.Timeout | null = null;
  #blob: BlobWriter | null = null;
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    callId: string,
    blobs: BlobStore,
    append: (record: Pick<ToolOutputRecord, 'type' | 'callId' | 'text'>) => Promise<unknown>,
    filter: OutputFilter | null = null,
  ) {
    this.#filter = filter;
    this.#callId = callId;
    this.#blobs = blobs;
    this.#append = append;
  }

  /** Takes a piece. Resolves when the recorder can take the next one; rejects when this or an earlier one is not kept. */
  take(bytes: Buffer): Promise<unknown> {
    try {
      this.#add(this.#filter?.write(bytes) ?? bytes);
    } catch (error) {
      this.#then(() => Promise.reject(error));
    }
    this.#timer ??= setTimeout(() => this.#record(), RECORD_AFTER_MS).unref();
    return this.#work;
  }

  /** Ends the output and gives what the call's end says of it. Blob bytes are durable then. */
  async finish(): Promise<RecordedOutput> {
    clearTimeout(this.#timer ?? undefined);
    if (this.#filter) this.#add(this.#filter.end());
    if (this.#hasPieces && !this.#blob) this.#record();
    await this.#work;
    if (!this.#blob && this.#isText()) {
      // Pieces that were recorded are the output; the end does not repeat them.
      return this.#hasPieces ? {} : { output: Buffer.concat(this.#bytes).toString('utf8') };
    }
    if (!this.#blob) this.#moveToBlob();
    const blob = this.#blob!.finish();
    return { blob, ...outputEnds(this.#blobs.ends(blob)) };
  }

  #add(given: Uint8Array): void {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    this.#byteCount += bytes.length;
    if (this.#blob) {
      this.#blob.write(bytes);
      return;
    }
    this.#bytes.push(bytes);
    this.#unrecorded += this.#decoder.decode(bytes, { stream: true });
    if (this.#byteCount > INLINE_BYTES_MAX) this.#moveToBlob();
  }

  #record(): void {
    if (this.#timer && this.#filter) this.#add(this.#filter.flushSafe());
    this.#timer = null;
    if (this.#blob) {
      const blob = this.#blob;
      this.#then(() => blob.sync());
      return;
    }
    const text = this.#unrecorded;
    if (text === '') return;
    this.#unrecorded = '';
    this.#hasPieces = true;
    this.#then(() => this.#append({ type: 'tool-output', callId: this.#callId, text }));
  }

  /** One after the other. A failure is told by the next `take` and by `finish`. */
  #then(work: () => Promise<unknown>): void {
    this.#work = this.#work.then(work);
    this.#work.catch(() => undefined);
  }

  #moveToBlob(): void {
    this.#blob = this.#openBlob();
    for (const bytes of this.#bytes) this.#blob.write(bytes);
    this.#bytes = [];
    this.#unrecorded = '';
  }

  /** Under the call's name, by which what a crash leaves is found; an earlier call of the same id may have left some. */
  #openBlob(): BlobWriter {
    const isTaken = this.#blobs.partialPath(this.#callId) !== null;
    return this.#blobs.writer((isTaken ? null : this.#blobs.partialName(this.#callId)) ?? undefined);
  }

  /** Text in a line must come back byte for byte: anything that is no UTF-8 is kept as a blob. */
  #isText(): boolean {
    const bytes = Buffer.concat(this.#bytes);
    return Buffer.from(bytes.toString('utf8')).equals(bytes);
  }
}
