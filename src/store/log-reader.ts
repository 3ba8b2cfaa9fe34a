// One session's log for reading: its files as one chain of frames, walked from either end, and its fold from the last
// snapshot on. Reads without a lock: what a writer appends meanwhile is simply not seen until `refresh`.

import { existsSync } from 'node:fs';
import type { Warning } from '../core/errors.ts';
import { SessionError, systemError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord, emptyFold, FOLD_VERSION, FOLDED_WHOLE } from '../core/fold.ts';
import type { LogRecord, Pointer, SessionRecord, SnapshotRecord } from '../core/record.ts';
import { BlobStore } from './blob-store.ts';
import { FLAG, frameVersion, FRAME_VERSION, NO_HASH } from './frame.ts';
import { readLines } from './frame-lines.ts';
import type { DamagedSpan, Link, Tail } from './log-chain.ts';
import { CHAIN_START, follows, linkOf, tailByWalking, tailFromEnd, walkChain } from './log-chain.ts';
import type { StoredFrame } from './log-file.ts';
import { LogFile } from './log-file.ts';
import type { StoreLayout } from './store-layout.ts';

export type Health = 'ok' | 'torn' | 'damaged' | 'unreadable';

/** A frame with the number of its part. */
export interface PlacedFrame {
  part: number;
  frame: StoredFrame;
}
export interface PlacedDamage extends DamagedSpan {
  part: number;
  path: string;
}
export type LogItem = PlacedFrame | { damage: PlacedDamage };

export class LogReader {
  readonly id: string;
  readonly blobs: BlobStore;
  /** First record of the last part; made up from the id where that frame is lost. */
  readonly session: SessionRecord;
  readonly #files: LogFile[];
  readonly #tails = new Map<number, Tail>();
  readonly #damage = new Map<string, PlacedDamage>();
  readonly #missingBlobs = new Map<string, Warning>();

  /**
   * Opens a session's log. Throws SESSION_NOT_FOUND when there is no file, LOG_UNREADABLE when it holds no frame,
   * FORMAT_NEWER when it was written by a later major version. The caller closes.
   */
  static open(layout: StoreLayout, id: string): LogReader {
    const paths = partPaths(layout, id);
    if (paths.length === 0) {
      throw new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`, {
        op: 'open',
        path: layout.logPath(id),
        hint: 'roo session list --all shows the sessions there are',
      });
    }
    const files: LogFile[] = [];
    try {
      for (const path of paths) files.push(new LogFile(path));
      return new LogReader(layout, id, files);
    } catch (error) {
      for (const file of files) file.close();
      throw systemError(error, 'open', paths[0]!);
    }
  }

  private constructor(layout: StoreLayout, id: string, files: LogFile[]) {
    this.id = id;
    this.#files = files;
    this.session = this.#firstRecord();
    // A part left over by a rewrite that was cut short is of an older generation and no part of this log.
    while (files.length > 1 && this.#firstRecordOf(files.length)?.generation !== this.session.generation)
      files.pop()!.close();
    this.blobs = new BlobStore(layout.blobDir(this.session.family));
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  get parts(): number {
    return this.#files.length;
  }

  get path(): string {
    return this.#files[0]!.path;
  }

  get sizeBytes(): number {
    return this.#files.reduce((sum, file) => sum + file.size, 0);
  }

  get bytesRead(): number {
    return this.#files.reduce((sum, file) => sum + file.bytesRead, 0);
  }

  /** What is known so far of health: opening looks at the end only, `walk` at everything. */
  get health(): Health {
    if (this.damage.some((span) => span.reason !== 'torn')) return 'damaged';
    return this.damage.length > 0 ? 'torn' : 'ok';
  }

  get damage(): PlacedDamage[] {
    return [...this.#damage.values()];
  }

  get warnings(): Warning[] {
    return [...this.damage.map((span) => damageWarning(this.id, span)), ...this.#missingBlobs.values()];
  }

  /** The file of a part, for the few who must know it: the writer and `verify`. */
  file(part: number): LogFile {
    return this.#files[part - 1]!;
  }

  /** End of a part's chain. Found from its end; by reading it whole only where that is not sure. */
  tail(part: number = this.parts): Tail {
    const known = this.#tails.get(part);
    if (known) return known;
    const file = this.file(part);
    const quick = tailFromEnd(file, () => this.#linkBefore(part));
    const tail = quick === 'unsure' ? this.#tailByWalking(part) : quick;
    if (tail.endBytes < file.size) {
      const lengthBytes = file.size - tail.endBytes;
      this.#note(part, { offsetBytes: tail.endBytes, lengthBytes, reason: 'torn', framesMissing: 0 });
    }
    this.#tails.set(part, tail);
    return tail;
  }

  /** Last frame of the whole log. */
  lastFrame(): PlacedFrame | null {
    for (let part = this.parts; part >= 1; part--) {
      const { last } = this.tail(part);
      if (last) return { part, frame: last };
    }
    return null;
  }

  /** The intact frame at a place; throws LOG_DAMAGED when there is none. */
  frameAt(at: Pointer): PlacedFrame {
    const frame = at.part <= this.parts ? this.file(at.part).frameAt(at.offset, 'backwards') : null;
    if (frame?.seq === at.seq) return { part: at.part, frame };
    throw new SessionError('LOG_DAMAGED', `frame ${at.seq} of session ${this.id} is not where it should be`, {
      op: 'read',
      path: this.path,
      offsetBytes: at.offset,
      hint: `roo session verify ${this.id}`,
    });
  }

  /** Frames from the given one (included) back to the first, with the damage between them. */
  *backwards(from: PlacedFrame | null = this.lastFrame()): Generator<LogItem> {
    let current = from;
    while (current) {
      yield current;
      const { part, frame }: PlacedFrame = current;
      if (frame.prevBytes === 0 && frame.offset === 0) {
        const last: StoredFrame | null = part > 1 ? this.tail(part - 1).last : null;
        current = last && { part: part - 1, frame: last };
        continue;
      }
      const file = this.file(part);
      const near = frame.prevBytes === 0 ? null : file.frameAt(frame.offset - frame.prevBytes, 'backwards');
      if (near && follows(linkOf(near), frame)) {
        current = { part, frame: near };
        continue;
      }
      const far = file.previousIntact(frame.offset);
      const endBytes = far ? far.offset + far.frameBytes : 0;
      const framesMissing = Math.max(0, frame.seq - (far?.seq ?? -1) - 1);
      const span = {
        offsetBytes: endBytes,
        lengthBytes: frame.offset - endBytes,
        reason: 'damaged' as const,
        framesMissing,
      };
      yield { damage: this.#note(part, span) };
      current = far && { part, frame: far };
    }
  }

  /** Frames from a place (the beginning when null) to the end, with all damage; after it, `health` is known in full. */
  *forwards(from: Pointer | null = null): Generator<LogItem> {
    for (let part = from?.part ?? 1; part <= this.parts; part++) {
      const file = this.file(part);
      const isStart = from?.part === part;
      const first = isStart ? file.frameAt(from.offset) : null;
      const offset = isStart ? from.offset : 0;
      // In the middle the link before is what the frame there says of it; where that frame is lost, only its number is
      // known, and the walk goes on at the next frame that may follow.
      const middle = first
        ? { hash: first.prev, seq: first.seq - 1, epoch: first.epoch }
        : { hash: NO_HASH, seq: (from?.seq ?? 0) - 1, epoch: 0 };
      const before = isStart ? middle : this.#linkBefore(part);
      for (const item of walkChain(file, offset, before)) {
        yield 'frame' in item ? { part, frame: item.frame } : { damage: this.#note(part, item.damage) };
      }
    }
  }

  /** The records of a frame. Throws LOG_DAMAGED where an intact frame holds what is no JSON: a faulty writer. */
  records(placed: PlacedFrame): LogRecord[] {
    if (frameVersion(placed.frame.bytes) > FRAME_VERSION) throw newerFormat(this.path);
    if (placed.frame.flags & FLAG.encrypted) {
      throw new SessionError('SESSION_ENCRYPTED', `session ${this.id} is encrypted`, { op: 'read', path: this.path });
    }
    return readLines(placed.frame, this.file(placed.part).path);
  }

  /**
   * The state after all records. Starts at the last usable snapshot, so its cost is that of what came since; where the
   * snapshot left a large value out, the value is read from its record.
   */
  fold(): Fold {
    const since: PlacedFrame[] = [];
    let fold: Fold | null = null;
    for (const item of this.backwards()) {
      if ('damage' in item) continue;
      if (item.frame.flags & FLAG.snapshot) fold = this.#snapshotIn(item);
      if (fold) break;
      since.push(item);
    }
    fold ??= emptyFold(this.session);
    fold.session = this.session;
    for (const placed of since.toReversed()) {
      const at = pointerTo(placed);
      for (const record of this.records(placed)) applyRecord(fold, this.#foldable(record, placed), at);
    }
    this.#fillSlots(fold);
    return fold;
  }

  /** A record as the fold needs it: state that was spilled is fetched, of messages the line is enough. */
  #foldable(record: LogRecord, placed: PlacedFrame): LogRecord {
    const { spilled } = record;
    if (!spilled || !FOLDED_WHOLE.has(record.type)) return record;
    if (this.blobs.has(spilled)) return this.blobs.unspill(record);
    this.#missingBlobs.set(spilled.hash, {
      code: 'BLOB_MISSING',
      message: `session ${this.id}: a ${record.type} record of ${spilled.bytes} bytes is not there; what its line holds stands for it`,
      path: this.blobs.path(spilled),
      offsetBytes: placed.frame.offset,
    });
    return record;
  }

  /** The fold that a snapshot frame holds; null when it is of another fold version or its blob is gone. */
  #snapshotIn(placed: PlacedFrame): Fold | null {
    const record = this.records(placed).find((each): each is SnapshotRecord => each.type === 'snapshot');
    if (record?.spilled && !this.blobs.has(record.spilled)) return null; // Derived: an earlier snapshot serves as well.
    const whole = record && (this.blobs.unspill(record) as SnapshotRecord);
    const fold = whole?.fold as Fold | undefined;
    return fold?.version === FOLD_VERSION ? fold : null;
  }

  #fillSlots(fold: Fold): void {
    for (const slot of ['context', 'files'] as const) {
      const at = fold[slot].at;
      if (!at || fold[slot].value !== undefined) continue;
      const record = this.records(this.frameAt(at)).findLast((each) => each.type === slot);
      const whole = record && this.blobs.unspill(record);
      if (whole) fold[slot].value = (whole as never as Record<typeof slot, never>)[slot];
    }
  }

  #firstRecord(): SessionRecord {
    const own = this.#firstRecordOf(1);
    if (own) {
      if (own.format > 2) throw newerFormat(this.path);
      return own;
    }
    // The first frame is lost: the last snapshot knows whose log this is, if there is one.
    const frame = this.file(1).nextIntact(0);
    if (!frame) {
      throw new SessionError('LOG_UNREADABLE', `${this.path} holds nothing that can be read as a session log`, {
        op: 'open',
        path: this.path,
        offsetBytes: 0,
        hint: `the file was left as it is; roo session import can read other formats`,
      });
    }
    this.#note(1, { offsetBytes: 0, lengthBytes: frame.offset, reason: 'damaged', framesMissing: frame.seq });
    for (const item of walkChain(this.file(1), frame.offset, {
      ...linkOf(frame),
      hash: frame.prev,
      seq: frame.seq - 1,
    })) {
      if (!('frame' in item) || !(item.frame.flags & FLAG.snapshot)) continue;
      const snapshot = readLines(item.frame, this.path).find((each) => each.type === 'snapshot') as
        | SnapshotRecord
        | undefined;
      const fold = snapshot?.fold as Fold | undefined;
      if (fold?.version === FOLD_VERSION) return fold.session;
    }
    return orphanSession(this.id);
  }

  #firstRecordOf(part: number): SessionRecord | null {
    const frame = this.file(part).frameAt(0);
    if (!frame) return null;
    if (frameVersion(frame.bytes) > FRAME_VERSION) throw newerFormat(this.path);
    if (frame.flags & FLAG.encrypted) return null;
    const record = readLines(frame, this.path)[0];
    return record?.type === 'session' ? (record as SessionRecord) : null;
  }

  #linkBefore(part: number): Link {
    if (part === 1) return CHAIN_START;
    const { last } = this.tail(part - 1);
    return last ? linkOf(last) : CHAIN_START;
  }

  #tailByWalking(part: number): Tail {
    const { damage, ...tail } = tailByWalking(this.file(part), this.#linkBefore(part));
    for (const span of damage) this.#note(part, span);
    return tail;
  }

  #note(part: number, span: DamagedSpan): PlacedDamage {
    const placed = { ...span, part, path: this.file(part).path };
    this.#damage.set(`${part}:${span.offsetBytes}`, placed);
    return placed;
  }
}

export function pointerTo({ part, frame }: PlacedFrame): Pointer {
  return { part, offset: frame.offset, seq: frame.seq };
}

/** The files of a session in order; the empty list when there is none. */
export function partPaths(layout: StoreLayout, id: string): string[] {
  const paths: string[] = [];
  for (let part = 1; existsSync(layout.logPath(id, part)); part++) paths.push(layout.logPath(id, part));
  return paths;
}

function damageWarning(id: string, span: PlacedDamage): Warning {
  const place = { path: span.path, offsetBytes: span.offsetBytes };
  if (span.reason === 'torn') {
    const message = `session ${id} ends in ${span.lengthBytes} bytes of an unfinished frame; they will be kept beside it`;
    return { code: 'LOG_TORN', message, ...place };
  }
  const lost =
    span.reason === 'foreign' ? 'that are not of this session' : `unreadable, ${span.framesMissing} frames missing`;
  const message = `session ${id}: ${span.lengthBytes} bytes ${lost}; everything else was read`;
  return { code: 'LOG_DAMAGED', message, ...place, hint: `roo session repair ${id}` };
}

function newerFormat(path: string): SessionError {
  return new SessionError('FORMAT_NEWER', `${path} was written by a newer version of roo`, {
    op: 'open',
    path,
    hint: 'upgrade roo: npm i -g roo-cli@latest',
  });
}

/** Identity for a log whose first frame is lost and that has no snapshot: enough to read the rest. */
function orphanSession(id: string): SessionRecord {
  const at = new Date(0).toISOString();
  const origin = { kind: 'human' as const, agent: 'roo' };
  return {
    type: 'session',
    id,
    at,
    format: 2,
    sessionId: id,
    generation: '',
    part: 1,
    family: id,
    project: { path: '' },
    origin,
  };
}
