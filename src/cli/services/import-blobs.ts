// The large parts of what is imported, on their way into files of their own. In a dry run they go nowhere.

import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { SessionError, systemError } from '../../core/errors.ts';
import type { BlobRef } from '../../core/record.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { BlobTarget } from '../../store/format1-long-texts.ts';

type Writer = ReturnType<BlobTarget['writer']>;

export class ImportBlobs implements BlobTarget {
  readonly #store: BlobStore | null;

  constructor(store: BlobStore | null) {
    this.#store = store;
  }

  has(ref: BlobRef): boolean {
    return this.#store?.has(ref) ?? false;
  }

  writer(): Writer {
    return this.#store?.writer() ?? new NoWriter();
  }

  read(ref: BlobRef): Buffer {
    return this.#store?.read(ref) ?? Buffer.alloc(0);
  }

  /** A place for the bytes of one blob; null when they are here already. */
  begin(ref: BlobRef): BlobIntake | null {
    return this.has(ref) ? null : new BlobIntake(this.writer(), ref);
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
  #bytes = 0;

  constructor(writer: Writer, ref: BlobRef) {
    this.#writer = writer;
    this.ref = ref;
  }

  /** Bytes so far: where the next piece belongs. */
  get bytes(): number {
    return this.#bytes;
  }

  write(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= this.ref.bytes) this.#writer.write(bytes);
  }

  /** Throws BLOB_DAMAGED when the bytes have another hash; what they are is then kept under that one. */
  finish(): void {
    if (this.#bytes !== this.ref.bytes) {
      this.abandon();
      throw damaged(this.ref);
    }
    if (this.#writer.finish().hash !== this.ref.hash) throw damaged(this.ref);
  }

  abandon(): void {
    this.#writer.abandon();
  }
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
