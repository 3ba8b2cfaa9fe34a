// Appends to the audit log. Order: lock → line → sync → head. What is in a file is never changed; a file that is full
// is followed by one whose first line names its last mac, and beyond a bound the oldest are dropped, which is said too.

import { closeSync, constants, fdatasyncSync, rmSync } from 'node:fs';
import { systemError } from '../../core/errors.ts';
import { ensureDirectory, isThere, syncDirectory, writeFully } from '../durable-files.ts';
import { assertRealFolder, SAFE_FLAGS } from '../safe-file.ts';
import type { AuditPaths } from './audit-files.ts';
import { auditFileName, auditFileNames, auditPaths } from './audit-files.ts';
import type { AuditHead } from './audit-head.ts';
import { makeAuditHead, writeAuditHead } from './audit-head.ts';
import { makeAuditKey, readAuditKey } from './audit-key.ts';
import type { AuditLine, NewLine } from './audit-line.ts';
import { encodeAuditLine } from './audit-line.ts';
import { AuditLock } from './audit-lock.ts';
import type { AuditPlace } from './audit-place.ts';
import { auditPlace } from './audit-place.ts';
import { openPrivate } from '../private-file.ts';

export interface AuditLogOptions {
  /** Size at which a file is full. */
  fileBytesMax?: number;
  /** Files that are kept, the one that is written included. */
  filesMax?: number;
}

/** About 3,000 lines. */
const FILE_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 32;
const APPEND = constants.O_WRONLY | constants.O_APPEND | SAFE_FLAGS;

export class AuditLog {
  readonly #paths: AuditPaths;
  readonly #fileBytesMax: number;
  readonly #filesMax: number;
  #lock: AuditLock | null = null;
  #key: Buffer | null = null;

  constructor(stateDir: string, { fileBytesMax = FILE_BYTES_MAX, filesMax = FILES_MAX }: AuditLogOptions = {}) {
    this.#paths = auditPaths(stateDir);
    this.#fileBytesMax = fileBytesMax;
    this.#filesMax = filesMax;
  }

  /** Durable when it returns. `atIso` is the time of the lines that the log itself adds. Throws what writing throws. */
  append(lines: readonly NewLine[], atIso: string): void {
    try {
      this.#lock ??= this.#openLock();
      this.#lock.hold(() => this.#appendHeld(lines, atIso));
    } catch (error) {
      throw systemError(error, 'audit', this.#paths.directory);
    }
  }

  close(): void {
    this.#lock?.close();
    this.#lock = null;
  }

  #openLock(): AuditLock {
    ensureDirectory(this.#paths.directory);
    assertRealFolder(this.#paths.directory, 'audit');
    return new AuditLock(this.#paths.lock);
  }

  #appendHeld(lines: readonly NewLine[], at: string): void {
    const key = (this.#key ??= readAuditKey(this.#paths.key) ?? makeAuditKey(this.#paths.key));
    const place = auditPlace(this.#paths, key);
    const isFull = place.begins === null && place.head.bytes >= this.#fileBytesMax;
    let { head } = place;
    if (place.begins !== null || isFull) head = this.#beginFile(key, place, at);
    const recovered: NewLine[] = place.bytesCut > 0 ? [{ op: 'recovered', at, bytesCut: place.bytesCut }] : [];
    const written = this.#write(key, head, [...recovered, ...lines], APPEND);
    writeAuditHead(this.#paths.head, key, written);
  }

  /** The first line of a new file, durable with its name; then the files that are too many go. */
  #beginFile(key: Buffer, { head, begins }: AuditPlace, at: string): AuditHead {
    const names = auditFileNames(this.#paths);
    const gone = names.slice(0, Math.max(0, names.length + 1 - this.#filesMax));
    const kept = names[gone.length];
    const found = begins !== null && begins !== 'first' ? begins.found : undefined;
    const line: NewLine = {
      op: 'begin',
      at,
      prev: head.mac,
      ...(gone.length > 0 && { droppedThrough: kept === undefined ? head.seq : firstSeqOf(kept) - 1 }),
      ...(found !== undefined && { found }),
    };
    let seq = head.seq;
    // Only a log that was tampered with has a file of this name already: it is left as it is.
    while (isThere(this.#paths.file(auditFileName(seq + 1)))) seq++;
    const file = auditFileName(seq + 1);
    const begun = this.#write(
      key,
      { seq, mac: head.mac, file, bytes: 0 },
      [line],
      APPEND | constants.O_CREAT | constants.O_EXCL,
    );
    syncDirectory(this.#paths.directory);
    makeAuditHead(this.#paths.head, key, begun);
    for (const name of gone) rmSync(this.#paths.file(name), { force: true });
    return begun;
  }

  #write(key: Buffer, head: AuditHead, lines: readonly NewLine[], flags: number): AuditHead {
    let { seq, mac } = head;
    const texts = lines.map((line) => {
      const { at, op, ...rest } = line;
      const written = encodeAuditLine(key, mac, { seq: ++seq, at, op, ...rest } as AuditLine);
      mac = written.mac;
      return written.text;
    });
    const bytes = Buffer.from(texts.join(''));
    const path = this.#paths.file(head.file);
    const fd = openPrivate(path, flags);
    try {
      writeFully(fd, bytes);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    return { seq, mac, file: head.file, bytes: head.bytes + bytes.length };
  }
}

function firstSeqOf(name: string): number {
  return Number(/[0-9]+/.exec(name)![0]);
}
