// Large parts on their way into another store, or through a filter: copied in pieces, whatever their size, and durable
// before the record is written that names them there. The store they come from is left as it is.

import { SessionError } from '../core/errors.ts';
import type { BlobRef, LogRecord, NewRecord, Part, ToolEndRecord } from '../core/record.ts';
import type { BlobStore } from './blob-store.ts';
import type { BlobWriter } from './blob-writer.ts';
import { blobsOf } from './log-verify.ts';
import { outputEnds } from './record-spill.ts';

/** What bytes pass on the way. It may hold back what it cannot judge yet. */
export interface ByteFilter {
  write(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** A large part that cannot be taken along. */
export interface BlobFault {
  ref: BlobRef;
  path: string;
  reason: 'missing' | 'damaged';
}

export interface TransferOptions {
  to: BlobStore;
  /** For the bytes of an output, or of an entry set aside; null for those that stay as they are. Images always do. */
  filter?: (ref: BlobRef) => ByteFilter | null;
  /** Told once of each part that cannot be taken along: what names it goes on doing so. Absent: it is refused. */
  onFault?: (fault: BlobFault) => void;
}

/** A record, and the store with the large parts that it names. */
export interface StoredRecord {
  record: LogRecord;
  blobs: BlobStore;
}

/** The whole record behind a line; null where its large part is missing or not what it was. */
export function wholeRecord({ record, blobs }: StoredRecord): LogRecord | null {
  try {
    return blobs.unspill(record);
  } catch (error) {
    if (error instanceof SessionError && (error.code === 'BLOB_MISSING' || error.code === 'BLOB_DAMAGED')) return null;
    throw error;
  }
}

export class BlobTransfer {
  readonly #options: TransferOptions;
  /** By the names in the old store, apart for what is filtered and what is not; null for a fault. */
  readonly #moved = new Map<string, BlobRef | null>();

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** Copies what the whole record names. Throws BLOB_MISSING and BLOB_DAMAGED where faults are refused. */
  async take({ record, blobs }: StoredRecord): Promise<void> {
    const whole = wholeRecord({ record, blobs });
    if (!whole && record.spilled) this.#fault(record.spilled, blobs);
    const { filter } = this.#options;
    for (const ref of imagesOf(whole ?? record)) await this.#takeOne('image', ref, blobs, null);
    for (const ref of bytesOf(whole ?? record)) await this.#takeOne('bytes', ref, blobs, filter?.(ref) ?? null);
  }

  /** Copies what a crash left of a call's output, through a filter when one is given. */
  async takePartial(callId: string, from: BlobStore, filter: ByteFilter | null): Promise<void> {
    const { to } = this.#options;
    const name = to.partialName(callId);
    const stream = to.partialPath(callId) !== from.partialPath(callId) || filter ? from.partialStream(callId) : null;
    if (name !== null && stream) (await copied(stream, to, filter)).leaveAs(name);
  }

  /** The record with the names that its large parts have in the new store. What it names must have been taken. */
  moved(record: NewRecord): NewRecord {
    let moved = record;
    const { blob } = record as { blob?: BlobRef };
    const found = blob && this.#moved.get(keyOf('bytes', blob));
    if (found) {
      const ends = (record as ToolEndRecord).head === undefined ? {} : outputEnds(this.#options.to.ends(found));
      moved = { ...moved, blob: found, ...ends } as NewRecord;
    }
    const { parts } = record as { parts?: unknown };
    if (!Array.isArray(parts) || imagesOf(record as LogRecord).length === 0) return moved;
    return { ...moved, parts: (parts as Part[]).map((part) => this.#movedPart(part)) } as NewRecord;
  }

  #movedPart(part: Part): Part {
    const { blob } = part as { blob?: BlobRef };
    const found = blob && this.#moved.get(keyOf('image', blob));
    return found ? ({ ...part, blob: found } as Part) : part;
  }

  async #takeOne(kind: Kind, ref: BlobRef, from: BlobStore, filter: ByteFilter | null): Promise<void> {
    const key = keyOf(kind, ref);
    if (!this.#moved.has(key)) this.#moved.set(key, await this.#copy(ref, from, filter));
  }

  async #copy(ref: BlobRef, from: BlobStore, filter: ByteFilter | null): Promise<BlobRef | null> {
    const { to } = this.#options;
    if (!filter && to.namesLike(from) && to.has(ref)) return ref;
    if (!from.has(ref) || !from.isWhole(ref)) return this.#fault(ref, from);
    return (await copied(from.stream(ref), to, filter)).finish();
  }

  #fault(ref: BlobRef, from: BlobStore): null {
    const key = keyOf('fault', ref);
    if (this.#moved.has(key)) return null;
    this.#moved.set(key, null);
    const path = from.path(ref);
    const fault = { ref, path, reason: from.has(ref) ? 'damaged' : 'missing' } as const;
    if (this.#options.onFault) this.#options.onFault(fault);
    else throw faultError(fault);
    return null;
  }
}

/** Copies in pieces; the caller ends the writer. */
async function copied(from: NodeJS.ReadableStream, to: BlobStore, filter: ByteFilter | null): Promise<BlobWriter> {
  const writer = to.writer();
  try {
    for await (const piece of from) writer.write(filter?.write(piece as Buffer) ?? (piece as Buffer));
    if (filter) writer.write(filter.end());
    return writer;
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

function faultError({ ref, path, reason }: BlobFault): SessionError {
  const [code, message] =
    reason === 'missing'
      ? (['BLOB_MISSING', `a part of ${ref.bytes} bytes is not there`] as const)
      : (['BLOB_DAMAGED', `${path} is not what it was written as`] as const);
  const hint = 'restore the file from a backup; nothing was changed';
  return new SessionError(code, message, { op: 'rewrite', path, hint });
}

type Kind = 'image' | 'bytes' | 'fault';

function keyOf(kind: Kind, { hash }: BlobRef): string {
  return `${kind} ${hash}`;
}

/** What a whole record names beside its pictures: the bytes of an output, or of an entry that was set aside. */
export function bytesOf(record: LogRecord): BlobRef[] {
  const { type, id, at, blob } = record as LogRecord & { blob?: unknown };
  return [...blobsOf({ type, id, at, blob })];
}

function imagesOf(record: LogRecord): BlobRef[] {
  const { type, id, at, parts } = record as LogRecord & { parts?: unknown };
  return [...blobsOf({ type, id, at, parts })];
}
