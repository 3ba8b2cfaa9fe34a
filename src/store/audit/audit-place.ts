// Where the audit log goes on. Usually where the head says; after a crash behind the lines it did not come to name; and
// where the log is not as it was left, in a new file that says so, so that the next line does not cover the traces.

import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, readSync } from 'node:fs';
import { systemError } from '../../core/errors.ts';
import { isMissing, openSafely, readSafely } from '../safe-file.ts';
import type { AuditPaths } from './audit-files.ts';
import { auditFileNames } from './audit-files.ts';
import type { AuditHead } from './audit-head.ts';
import { readAuditHead } from './audit-head.ts';
import { decodeAuditLine, NO_MAC } from './audit-line.ts';
import { openPrivate } from '../private-file.ts';

/** The end of the log as far as it can be vouched for, and what a new file must say when it cannot. */
export interface AuditPlace {
  head: AuditHead;
  /** A new file begins: because there is none yet, or for this reason. */
  begins: null | 'first' | { found: string };
  /** Bytes of half a line that a crash left and that were cut off. */
  bytesCut: number;
}

const NOTHING: AuditHead = { seq: 0, mac: NO_MAC, file: '', bytes: 0 };

/** The caller holds the lock. */
export function auditPlace(paths: AuditPaths, key: Buffer): AuditPlace {
  const head = readAuditHead(paths.head, key);
  if (head === 'none' || head === 'foreign') {
    const names = auditFileNames(paths);
    if (head === 'none' && names.length === 0) return { head: NOTHING, begins: 'first', bytesCut: 0 };
    const found = head === 'none' ? 'the head is gone' : 'the head was not written with this key';
    return { head: lastKnown(paths, names), begins: { found }, bytesCut: 0 };
  }
  return behindHead(paths, key, head);
}

function behindHead(paths: AuditPaths, key: Buffer, head: AuditHead): AuditPlace {
  const path = paths.file(head.file);
  let fd: number;
  try {
    fd = openSafely(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { head, begins: { found: `${head.file} is gone` }, bytesCut: 0 };
  }
  try {
    const { size } = fstatSync(fd);
    if (size === head.bytes) return { head, begins: null, bytesCut: 0 };
    if (size < head.bytes) return { head, begins: { found: `${head.file} was cut` }, bytesCut: 0 };
    const bytes = Buffer.alloc(size - head.bytes);
    const count = readSync(fd, bytes, 0, bytes.length, head.bytes);
    return takenIn(path, key, head, bytes.subarray(0, count));
  } catch (error) {
    throw systemError(error, 'read', path);
  } finally {
    closeSync(fd);
  }
}

/** Lines behind the head are a crash's when the key made them; half a line at the end is cut off. */
function takenIn(path: string, key: Buffer, head: AuditHead, bytes: Buffer): AuditPlace {
  const end = bytes.lastIndexOf(0x0a) + 1;
  let at = head;
  for (const text of bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)) {
    const read = decodeAuditLine(text);
    if (!read?.follows(key, at.mac)) {
      return { head: at, begins: { found: `${head.file} has lines that this log did not write` }, bytesCut: 0 };
    }
    at = { ...at, seq: read.line.seq, mac: read.mac, bytes: at.bytes + Buffer.byteLength(text) + 1 };
  }
  if (end < bytes.length) cut(path, at.bytes);
  return { head: at, begins: null, bytesCut: bytes.length - end };
}

function cut(path: string, bytes: number): void {
  const fd = openPrivate(path, constants.O_WRONLY);
  try {
    ftruncateSync(fd, bytes);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The last line that can be read, whoever wrote it: numbers go on behind it. */
function lastKnown(paths: AuditPaths, names: readonly string[]): AuditHead {
  const file = names.at(-1);
  if (file === undefined) return NOTHING;
  const bytes = readSafely(paths.file(file)) ?? Buffer.alloc(0);
  const lines = bytes.toString('utf8').split('\n');
  const last = lines.map(decodeAuditLine).findLast((read) => read !== null);
  const firstSeq = Number(/[0-9]+/.exec(file)![0]);
  return { seq: Math.max(last?.line.seq ?? 0, firstSeq), mac: last?.mac ?? NO_MAC, file, bytes: bytes.length };
}
