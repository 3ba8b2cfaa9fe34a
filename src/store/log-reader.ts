// One session's log for reading: its files as one chain of frames, walked from either end. Reads without a lock: what a
// writer appends meanwhile is not seen by a reader that is open.

import type { Warning } from '../core/errors.ts';
import { SessionError, systemError, warningOf } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import type { LogRecord, Pointer, SessionRecord } from '../core/record.ts';
import { assertSessionId } from '../core/session-file-name.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import type { BlobStore } from './blob-store.ts';
import type { Anchor } from './anchor.ts';
import { anchorDamage, isExchanged, readAnchor } from './anchor.ts';
import { FLAG, frameVersion, FRAME_VERSION, NO_HASH, openFrame } from './frame.ts';
import { readLines } from './frame-lines.ts';
import type { DamagedSpan, Link, Tail, WalkedChain } from './log-chain.ts';
import { CHAIN_START, follows, lastAtMost, linkOf, tailFromEnd, walkChain, walkWhole } from './log-chain.ts';
import type { StoredFrame } from './log-file.ts';
import { LogFile } from './log-file.ts';
import { foldLog } from './log-fold.ts';
import type { Health } from './log-findings.ts';
import { LogFindings } from './log-findings.ts';
import { dropLeftovers, firstFrame, identify } from './log-identity.ts';
import { countParts } from './log-parts.ts';
import type { LogItem, PlacedDamage, PlacedFrame } from './log-place.ts';
import { isNewer, keyChangedWarning, lockedError, newerFormat, unsealedError, wrongKeyError } from './log-warnings.ts';
import { sessionBlobs } from './session-blobs.ts';
import type { StoreLayout } from './store-layout.ts';

const NONE = { records: [], faults: [] };

export class LogReader {
  readonly id: string;
  readonly blobs: BlobStore;
  /** First record of the log, or of a later part where that is lost; made up from the id where all of them are. */
  readonly session: SessionRecord;
  /** Files under the names of later parts that are of another log: left over by a rewrite that was cut short. */
  readonly leftovers: string[];
  /** What an encrypted log is sealed with; null for one that anybody can read. */
  readonly cipher: SessionCipher | null;
  readonly #files: LogFile[];
  readonly #mark: number | null;
  readonly #anchor: Anchor | null;
  readonly #tails = new Map<number, Tail>();
  readonly #chains = new Map<number, WalkedChain>();
  readonly #findings = new LogFindings();

  /**
   * Opens a session's log. Throws SESSION_NOT_FOUND when there is no file, LOG_UNREADABLE when it holds no frame,
   * FORMAT_NEWER when it was written by a later major version, SESSION_ENCRYPTED when its key is not at hand. The caller
   * closes.
   */
  static open(layout: StoreLayout, id: string): LogReader {
    assertSessionId(id, 'open');
    const parts = countParts(layout, id);
    if (parts === 0) {
      throw new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`, {
        op: 'open',
        path: layout.logPath(id),
        hint: 'roo session list --all shows the sessions there are',
      });
    }
    const cipher = layout.keys?.cipherOf(id) ?? null;
    // Before the log: its writer moves the anchor behind it.
    const anchor = cipher && readAnchor(layout, id, cipher);
    const files: LogFile[] = [];
    try {
      for (let part = 1; part <= parts; part++) files.push(new LogFile(layout.logPath(id, part), layout.trust));
      return new LogReader(layout, id, files, cipher, anchor);
    } catch (error) {
      for (const file of files) file.close();
      throw systemError(error, 'open', layout.logPath(id));
    }
  }

  private constructor(
    layout: StoreLayout,
    id: string,
    files: LogFile[],
    cipher: SessionCipher | null,
    anchor: Anchor | 'other' | null,
  ) {
    this.id = id;
    this.#files = files;
    const first = firstFrame(files);
    const isEncrypted = first !== null && (first.flags & FLAG.encrypted) !== 0;
    if (isEncrypted && !cipher) throw lockedError(id, this.path);
    this.cipher = isEncrypted ? cipher : null;
    this.#mark = first?.log ?? null;
    if (this.cipher) this.#assertKey(first!);
    this.leftovers = dropLeftovers(files, this.#mark);
    this.session = identify(id, files, this.#frames(), this.cipher?.frames ?? null);
    assertSessionId(this.session.family, 'open');
    this.#anchor = isEncrypted && anchor !== 'other' ? anchor : null;
    if (isEncrypted && anchor === 'other') this.warn('key', keyChangedWarning(id, this.path));
    this.blobs = sessionBlobs(layout, id, this.session.family, this.cipher);
    for (const { path, openToOthers } of files) if (openToOthers) this.warn(`modes of ${path}`, openToOthers);
    if (isNewer(this.session)) this.warn('format', warningOf(newerFormat(this.path)));
    if (!isEncrypted && layout.keys?.isSealed(id)) this.warn('seal', warningOf(unsealedError(id, this.path)));
    this.#checkEnd();
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

  /** What is known so far of health: opening looks at the end only, `forwards` at everything. */
  get health(): Health {
    return this.#findings.health;
  }

  get damage(): PlacedDamage[] {
    return this.#findings.damage;
  }

  /** True for an encrypted log that does not reach as far as it did on this machine. */
  get isCut(): boolean {
    return this.#anchor !== null && anchorDamage(this.#anchor, this.session, this.lastFrame()?.frame ?? null) !== null;
  }

  get warnings(): Warning[] {
    return this.#findings.warnings(this.id);
  }

  /** Reports what was read around; once for each `about`. */
  warn(about: string, warning: Warning): void {
    this.#findings.warn(about, warning);
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
    const quick = tailFromEnd(file, this.#mark, () => this.#linkBefore(part));
    const tail = quick === 'unsure' ? this.#chain(part) : quick;
    if (tail.endBytes < file.size) {
      const lengthBytes = file.size - tail.endBytes;
      this.#note(part, { offsetBytes: tail.endBytes, lengthBytes, reason: 'torn', framesMissing: 0 });
    }
    this.#tails.set(part, tail);
    return tail;
  }

  /** Last frame of the whole log. */
  lastFrame(): PlacedFrame | null {
    return this.#lastUpTo(this.parts);
  }

  /** The intact frame at a place; throws LOG_DAMAGED when it is lost. */
  frameAt(at: Pointer): PlacedFrame {
    const placed = this.findFrame(at);
    if (placed) return placed;
    throw new SessionError('LOG_DAMAGED', `frame ${at.seq} of session ${this.id} is not where it should be`, {
      op: 'read',
      path: this.#files[at.part - 1]?.path ?? this.path,
      offsetBytes: at.offset,
      hint: `roo session verify ${this.id}`,
    });
  }

  /** As `frameAt`, and null when it is lost. Finds a frame by its number where damage has moved it. */
  findFrame({ part, offset, seq }: Pointer): PlacedFrame | null {
    const file = this.#files[part - 1];
    if (!file) return null;
    const frame = file.frameAt(offset, 'backwards');
    if (frame?.seq === seq && frame.log === this.#mark) return { part, frame };
    const { offsets, seqs } = this.#chain(part);
    const index = lastAtMost(seqs, seq);
    return seqs[index] === seq ? { part, frame: file.frameAt(offsets[index]!)! } : null;
  }

  /** Last frame of the chain that was written before a place; null when there is none. */
  frameBefore({ part, seq }: Pointer): PlacedFrame | null {
    if (part > this.parts) return this.lastFrame();
    const { offsets, seqs } = this.#chain(part);
    const index = lastAtMost(seqs, seq - 1);
    return index < 0 ? this.#lastUpTo(part - 1) : { part, frame: this.file(part).frameAt(offsets[index]!)! };
  }

  /** Frames from the given one (included) back to the first, with the damage between them. */
  *backwards(from: PlacedFrame | null = this.lastFrame()): Generator<LogItem> {
    let current = from;
    while (current) {
      yield current;
      const { damage, previous } = this.#before(current);
      if (damage) yield { damage };
      current = previous;
    }
  }

  /** Frames from a place (the beginning when null) to the end, with all damage; after it, `health` is known in full. */
  *forwards(from: Pointer | null = null): Generator<LogItem> {
    let exchanged: DamagedSpan | null = null;
    for (let part = from?.part ?? 1; part <= this.parts; part++) {
      const file = this.file(part);
      const isStart = from?.part === part;
      const first = isStart ? file.frameAt(from.offset) : null;
      const offset = isStart ? from.offset : 0;
      // In the middle the link before is what the frame there says of it; where that frame is lost, only its number is
      // known, and the walk goes on at the next frame that may follow.
      const middle = first
        ? { hash: first.prev, seq: first.seq - 1, epoch: first.epoch, log: this.#mark }
        : { hash: NO_HASH, seq: (from?.seq ?? 0) - 1, epoch: 0, log: this.#mark };
      for (const item of walkChain(file, offset, isStart ? middle : this.#linkBefore(part))) {
        if ('frame' in item && this.#anchor && isExchanged(this.#anchor, item.frame)) {
          exchanged = { offsetBytes: this.tail().endBytes, lengthBytes: 0, reason: 'damaged', framesMissing: 1 };
        }
        yield 'frame' in item ? { part, frame: item.frame } : { damage: this.#note(part, item.damage) };
      }
    }
    const cut = this.#checkEnd() ?? (exchanged && this.#note(this.parts, exchanged));
    if (cut) yield { damage: cut };
  }

  /**
   * The records of a frame. A line that is none, which only a faulty writer leaves in an intact frame, is reported and
   * left out, and so is a frame that is not sealed as those of its log are. Throws FORMAT_NEWER.
   */
  records({ part, frame }: PlacedFrame): LogRecord[] {
    const { path } = this.file(part);
    if (frameVersion(frame.bytes) > FRAME_VERSION) throw newerFormat(path);
    const isSealed = (frame.flags & FLAG.encrypted) !== 0;
    const isForged = isSealed !== (this.cipher !== null);
    const { records, faults } = isForged ? NONE : readLines(frame, path, this.cipher?.frames ?? null);
    if (isForged || faults.length > 0) {
      const { offset: offsetBytes, frameBytes: lengthBytes } = frame;
      this.#note(part, { offsetBytes, lengthBytes, reason: 'damaged', framesMissing: 0 });
    }
    return records;
  }

  /** The state after all records; what had to be read around on the way is among the warnings. */
  fold(): Fold {
    return foldLog(this);
  }

  *#frames(): Generator<PlacedFrame['frame']> {
    for (const item of this.forwards()) if ('frame' in item) yield item.frame;
  }

  #linkBefore(part: number): Link {
    const placed = this.#lastUpTo(part - 1);
    return placed ? linkOf(placed.frame) : { ...CHAIN_START, log: this.#mark };
  }

  #lastUpTo(part: number): PlacedFrame | null {
    for (let at = part; at >= 1; at--) {
      const { last } = this.tail(at);
      if (last) return { part: at, frame: last };
    }
    return null;
  }

  /** The frame in front of one, and what lies between the two. */
  #before({ part, frame }: PlacedFrame): { previous: PlacedFrame | null; damage: PlacedDamage | null } {
    const file = this.file(part);
    if (frame.offset === 0) {
      const previous = this.#lastUpTo(part - 1);
      const link = previous ? linkOf(previous.frame) : CHAIN_START;
      if (follows(link, frame)) return { previous, damage: null };
    } else if (frame.prevBytes > 0) {
      const near = file.frameAt(frame.offset - frame.prevBytes, 'backwards');
      if (near && follows(linkOf(near), frame)) {
        const offsetBytes = near.offset + near.frameBytes;
        const lengthBytes = frame.offset - offsetBytes;
        const span: DamagedSpan = { offsetBytes, lengthBytes, reason: 'foreign', framesMissing: 0 };
        return { previous: { part, frame: near }, damage: lengthBytes > 0 ? this.#note(part, span) : null };
      }
    }
    // Something is lost or was put in between. What, only reading the file from its beginning tells.
    // By number, not by place: this may be a copy of a frame that stands in front of it.
    const { offsets, seqs } = this.#chain(part);
    const index = lastAtMost(seqs, frame.seq - 1);
    const near = index < 0 ? null : file.frameAt(offsets[index]!, 'backwards')!;
    return {
      previous: near ? { part, frame: near } : this.#lastUpTo(part - 1),
      damage: this.#findings.at(part, near ? near.offset + near.frameBytes : 0),
    };
  }

  /** A part's chain as read from its beginning. */
  #chain(part: number): WalkedChain {
    const known = this.#chains.get(part);
    if (known) return known;
    const chain = walkWhole(this.file(part), this.#linkBefore(part));
    for (const span of chain.damage) this.#note(part, span);
    this.#chains.set(part, chain);
    return chain;
  }

  /** Throws where the key opens neither the first frame nor the last: what is written with it would be for somebody else. */
  #assertKey(first: StoredFrame): void {
    const opens = (frame: StoredFrame | undefined): boolean =>
      frame !== undefined && openFrame(frame.bytes, frame, this.cipher!.frames) !== null;
    if (!opens(first) && !opens(this.lastFrame()?.frame)) throw wrongKeyError(this.id, this.path);
  }

  /** Whether an encrypted log still reaches as far as it did when it was written or read here last. */
  #checkEnd(): PlacedDamage | null {
    if (!this.#anchor) return null;
    const span = anchorDamage(this.#anchor, this.session, this.lastFrame()?.frame ?? null);
    return span && this.#note(this.parts, { ...span, offsetBytes: this.tail().endBytes });
  }

  #note(part: number, span: DamagedSpan): PlacedDamage {
    return this.#findings.note(part, this.file(part).path, span);
  }
}
