// The large parts of what is imported, on their way into files of their own: without the secrets in them, and so under
// other names than the source has for them. In a dry run they go nowhere.

import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { SessionError, systemError } from '../../../core/errors.ts';
import type { BlobRef, LogRecord, Part } from '../../../core/record.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import type { BlobTarget } from '../../../store/format1-long-texts.ts';
import { outputEnds } from '../../../store/record-spill.ts';
import type { OutputFilter } from '../agent/output-recorder.ts';

type Writer = ReturnType<BlobTarget['writer']>;

/** Types that name blobs; any may be spilled. */
const NAMING: ReadonlySet<string> = new Set(['message', 'tool-end', 'quarantine']);

/** A record as far as it names blobs. */
interface Naming {
  blob?: BlobRef;
  parts?: Part[];
}

export class ImportBlobs implements BlobTarget {
  readonly #store: BlobStore | null;
  readonly #newFilter: () => OutputFilter | null;
  /** By the hash that the source names it by, what was kept of a blob that is not as it came. */
  readonly #kept = new Map<string, BlobRef>();

  constructor(store: BlobStore | null, newFilter: () => OutputFilter | null) {
    this.#store = store;
    this.#newFilter = newFilter;
  }

  has(ref: BlobRef): boolean {
    return this.#kept.has(ref.hash) || (this.#store?.has(ref) ?? false);
  }

  writer(): Writer {
    const writer = this.#store?.writer() ?? new NoWriter();
    const filter = this.#newFilter();
    return filter ? new FilteringWriter(writer, filter) : writer;
  }

  read(ref: BlobRef): Buffer {
    return this.#store?.read(ref) ?? Buffer.alloc(0);
  }

  /** A place for the bytes of one blob; null when they are here already. */
  begin(ref: BlobRef): BlobIntake | null {
    return this.has(ref) ? null : new BlobIntake(this.writer(), ref, (kept) => void this.#kept.set(ref.hash, kept));
  }

  /** The record with the blobs by the names that they have here. */
  renamedIn(record: LogRecord): LogRecord {
    const here = (ref: BlobRef): BlobRef => this.#kept.get(ref.hash) ?? ref;
    const { blob, parts }: Naming = NAMING.has(record.type) ? (record as Naming) : {};
    const { spilled } = record;
    const named: LogRecord = {
      ...record,
      ...(blob && { blob: here(blob) }),
      ...(spilled && { spilled: here(spilled) }),
      ...(parts && {
        parts: parts.map((part) => ('blob' in part && part.blob ? { ...part, blob: here(part.blob) } : part)),
      }),
    };
    // Its ends were cut from the output as it came, in the middle of a secret perhaps.
    const isCut = named.type === 'tool-end' && blob !== undefined && this.#store?.has(here(blob)) === true;
    return isCut ? { ...named, ...outputEnds(this.#store!.ends(here(blob))) } : named;
  }

  /** Copies a range of a file. Throws what reading and writing throw. */
  async copy(path: string, offsetBytes: number, lengthBytes: number): Promise<BlobRef | undefined> {
    if (lengthBytes === 0) return undefined;
    const writer = this.writer();
    try {
      const range = { start: offsetBytes, end: offsetBytes + lengthBytes - 1 };
      for await (const chunk of createReadStream(path, range)) writer.write(chunk as Buffer);
      return writer.finish();
    } catch (error) {
      writer.abandon();
      throw systemError(error, 'read', path);
    }
  }
}

/** Takes the bytes of one blob and sees that they are what they are said to be. */
export class BlobIntake {
  readonly ref: BlobRef;
  readonly #writer: Writer;
  readonly #keptAs: (kept: BlobRef) => void;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(writer: Writer, ref: BlobRef, keptAs: (kept: BlobRef) => void) {
    this.#writer = writer;
    this.ref = ref;
    this.#keptAs = keptAs;
  }

  /** Bytes so far: where the next piece belongs. */
  get bytes(): number {
    return this.#bytes;
  }

  write(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.ref.bytes) return;
    this.#hash.update(bytes);
    this.#writer.write(bytes);
  }

  /** Throws BLOB_DAMAGED when the bytes have another hash; what they are is then kept under that one. */
  finish(): void {
    if (this.#bytes !== this.ref.bytes) {
      this.abandon();
      throw damaged(this.ref);
    }
    const kept = this.#writer.finish();
    if (this.#hash.digest('hex') !== this.ref.hash) throw damaged(this.ref);
    if (kept.hash !== this.ref.hash) this.#keptAs(kept);
  }

  abandon(): void {
    this.#writer.abandon();
  }
}

/** Keeps secrets out of what is written. */
class FilteringWriter implements Writer {
  readonly #writer: Writer;
  /** Null for a picture: chance makes a secret of some bytes in it, and it would be none any more. */
  #filter: OutputFilter | null;
  #isBegun = false;

  constructor(writer: Writer, filter: OutputFilter) {
    this.#writer = writer;
    this.#filter = filter;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isBegun && isPicture(bytes)) this.#filter = null;
    this.#isBegun = true;
    this.#writer.write(this.#filter?.write(bytes) ?? bytes);
  }

  finish(): BlobRef {
    if (this.#filter) this.#writer.write(this.#filter.end());
    return this.#writer.finish();
  }

  abandon(): void {
    this.#writer.abandon();
  }
}

/** PNG, JPEG, GIF and WebP, by their first bytes. */
function isPicture(bytes: Uint8Array): boolean {
  return /^(?:\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF[^]{4}WEBP)/.test(
    Buffer.from(bytes.subarray(0, 16)).toString('latin1'),
  );
}

/** Only counts, and names what it counted. */
class NoWriter implements Writer {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  finish(): BlobRef {
    return { hash: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  abandon(): void {
    this.#bytes = 0;
  }
}

function damaged(ref: BlobRef): SessionError {
  const message = `a part of ${ref.bytes} bytes is not what it is said to be`;
  return new SessionError('BLOB_DAMAGED', message, { op: 'import' });
}
