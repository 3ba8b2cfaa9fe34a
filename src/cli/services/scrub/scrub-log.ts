// A session's log that may hold secrets: read whole to tell what is in it, and written anew without them. What nothing
// was found in is not written again, so that scrubbing twice changes nothing.

import type { Clock } from '../../../core/clock.ts';
import { SessionError } from '../../../core/errors.ts';
import type { Fold } from '../../../core/fold.ts';
import { isReadOnly, readOnlyError } from '../../../core/read-only.ts';
import type { Found } from '../../../core/redaction/redactor.ts';
import type { BlobRef, LogRecord, NewRecord, SessionRecord, ToolEndRecord } from '../../../core/record.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import { bytesOf, wholeRecord } from '../../../store/blob-transfer.ts';
import { convertLog } from '../../../store/log-convert.ts';
import { LogReader } from '../../../store/log-reader.ts';
import { blobsOf } from '../../../store/log-verify.ts';
import { assertWritable } from '../../../store/log-warnings.ts';
import type { StoreLayout } from '../../../store/store-layout.ts';
import type { MachineRedactor } from '../../../workspace/secrets/machine-redactor.ts';
import { redactRecords } from '../record-redaction.ts';
import type { ScrubTally } from './scrub-tally.ts';

export interface LogLook {
  /** Ids of records, and names of large parts, in which something was found. */
  records: ReadonlySet<string>;
  found: ReadonlySet<string>;
  /** Names of all large parts that it names. */
  named: ReadonlySet<string>;
  /** Large parts that are missing or damaged, and where they should be. */
  lost: ReadonlyMap<string, string>;
  hasPictures: boolean;
  /** Fields of the first record without what was found in them. */
  session: Partial<SessionRecord>;
  fold: Fold;
  blobs: BlobStore;
  /** Files of the log, and of another one under the names of its later parts. */
  parts: string[];
  leftovers: string[];
}

/**
 * Reads all of a log and counts what is found. Throws LOG_DAMAGED, SESSION_READ_ONLY and FORMAT_NEWER for a session that
 * cannot be written anew.
 */
export async function lookThroughLog(
  layout: StoreLayout,
  id: string,
  redactor: MachineRedactor,
  tally: ScrubTally,
): Promise<LogLook> {
  const reader = LogReader.open(layout, id);
  try {
    assertWritable(reader);
    const fold = reader.fold();
    if (isReadOnly(fold)) throw readOnlyError(id);
    const look = new Look(reader, redactor, tally);
    await look.all();
    const { records, found, named, lost, hasPictures } = look;
    const { blobs, leftovers } = reader;
    const parts = Array.from({ length: reader.parts }, (_, index) => reader.file(index + 1).path);
    return { records, found, named, lost, hasPictures, session: look.session, fold, blobs, parts, leftovers };
  } finally {
    reader.close();
  }
}

export interface ScrubLogOptions {
  clock: Clock;
  level: number;
  redactor: MachineRedactor;
}

/** Writes a log anew without what a look found in it. The caller holds its lock. */
export async function scrubLog(
  layout: StoreLayout,
  id: string,
  look: LogLook,
  options: ScrubLogOptions,
): Promise<void> {
  const { clock, level, redactor } = options;
  const { blobs, records, found, lost, session } = look;
  await convertLog(layout, id, {
    clock,
    level,
    to: blobs,
    session,
    change: (record) =>
      records.has(record.id) ? withoutSecrets(record, lost, redactor, () => undefined) : (record as NewRecord),
    filter: ({ hash }) => (found.has(hash) ? redactor.byteStream() : null),
    // The look told of them, and what names them goes on doing so.
    onFault: () => undefined,
  });
}

/** A record as it may stand. Both ends of an output are left to whoever has its bytes: a secret may be cut in them. */
function withoutSecrets(
  record: LogRecord,
  lost: ReadonlyMap<string, string>,
  redactor: MachineRedactor,
  report: (found: readonly Found[]) => void,
): NewRecord {
  const redacted = (one: LogRecord): NewRecord => redactRecords([one as NewRecord], redactor, report)[0]!;
  const { blob, head, tail, ...rest } = record as ToolEndRecord;
  if (!blob || head === undefined || lost.has(blob.hash)) return redacted(record);
  return { ...redacted(rest), blob, head, ...(tail !== undefined && { tail }) } as NewRecord;
}

function hasPicture(record: LogRecord): boolean {
  const { parts } = record as { parts?: unknown };
  return Array.isArray(parts) && parts.some((part: { type?: unknown } | null) => part?.type === 'image');
}

class Look {
  readonly records = new Set<string>();
  readonly found = new Set<string>();
  readonly named = new Set<string>();
  readonly lost = new Map<string, string>();
  hasPictures = false;
  session: Partial<SessionRecord> = {};
  readonly #seen = new Set<string>();
  readonly #reader: LogReader;
  readonly #redactor: MachineRedactor;
  readonly #tally: ScrubTally;

  constructor(reader: LogReader, redactor: MachineRedactor, tally: ScrubTally) {
    this.#reader = reader;
    this.#redactor = redactor;
    this.#tally = tally;
  }

  async all(): Promise<void> {
    this.#lookAtSession();
    for (const item of this.#reader.forwards()) {
      if ('damage' in item) {
        if (item.damage.reason !== 'torn') throw this.#damaged();
        continue;
      }
      for (const record of this.#reader.records(item)) {
        for (const { hash } of blobsOf(record)) this.named.add(hash);
        // First records are looked at above; snapshots are made anew.
        if (record.type !== 'session' && record.type !== 'snapshot') await this.#lookAt(record);
      }
    }
    // Lines that are no records are known only now.
    if (this.#reader.health === 'damaged') throw this.#damaged();
  }

  #lookAtSession(): void {
    const { project, origin } = this.#reader.session;
    const { value, found } = this.#redactor.redactJson({ project, origin });
    if (found.length === 0) return;
    this.#tally.add(found);
    this.records.add(this.#reader.session.id);
    this.session = value as Pick<SessionRecord, 'project' | 'origin'>;
  }

  async #lookAt(record: LogRecord): Promise<void> {
    const { blobs } = this.#reader;
    const whole = wholeRecord({ record, blobs });
    if (!whole && record.spilled) this.lost.set(record.spilled.hash, blobs.path(record.spilled));
    for (const { hash } of blobsOf(whole ?? record)) this.named.add(hash);
    this.hasPictures ||= hasPicture(whole ?? record);
    for (const ref of bytesOf(whole ?? record)) await this.#lookAtBytes(ref);
    withoutSecrets(whole ?? record, this.lost, this.#redactor, (found) => {
      this.records.add(record.id);
      this.#tally.add(found);
    });
  }

  async #lookAtBytes(ref: BlobRef): Promise<void> {
    if (this.#seen.has(ref.hash)) return;
    this.#seen.add(ref.hash);
    const { blobs } = this.#reader;
    if (!blobs.has(ref) || !blobs.isWhole(ref)) {
      this.lost.set(ref.hash, blobs.path(ref));
      return;
    }
    const filter = this.#redactor.byteStream((found) => {
      this.#tally.add([found]);
      this.found.add(ref.hash);
    });
    for await (const piece of blobs.stream(ref)) filter.write(piece as Buffer);
    filter.end();
  }

  #damaged(): SessionError {
    const { id, path } = this.#reader;
    return new SessionError('LOG_DAMAGED', `session ${id} is damaged; nothing was taken out of it`, {
      op: 'scrub',
      path,
      hint: `roo session repair ${id}, and scrub it again`,
    });
  }
}
