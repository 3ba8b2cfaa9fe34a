// The head of the audit log: number and mac of its last line, and where it ends, in a file of their own. Without it a
// log that is cut at a line end would look whole. Sealed with the key, so that cutting both takes the key.

import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { overwrite, syncDirectory } from '../durable-files.ts';
import { readSafely, SAFE_FLAGS } from '../safe-file.ts';
import { isSame, macOf } from './audit-line.ts';
import { openPrivate } from '../private-file.ts';

export interface AuditHead {
  seq: number;
  mac: string;
  /** Name of the file that the last line is in, and its size behind that line. */
  file: string;
  bytes: number;
}

/** Longer than any head: it is written in place, over the one before. */
const HEAD_BYTES = 384;
const CONTEXT = 'roo audit head';

/** The head; `none` when there is no file, `foreign` when it was not written with this key. */
export function readAuditHead(path: string, key: Buffer): AuditHead | 'none' | 'foreign' {
  const text = readSafely(path)?.toString('utf8');
  return text === undefined ? 'none' : (parse(text, key) ?? 'foreign');
}

/**
 * Written after the lines are durable, and not synced: after a power cut it may be older than they are, never newer.
 * The next writer then finds lines behind it that only the key could make, and takes them in.
 */
export function writeAuditHead(path: string, key: Buffer, head: AuditHead): void {
  const body = JSON.stringify(head);
  const text = JSON.stringify({ ...head, seal: macOf(key, CONTEXT, body) });
  const bytes = Buffer.from(`${text.padEnd(HEAD_BYTES - 1)}\n`);
  const fd = openPrivate(path, constants.O_WRONLY);
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(fd);
  }
}

/** The first head, durable with its name: an empty one after a power cut would hide that a log was there. */
export function makeAuditHead(path: string, key: Buffer, head: AuditHead): void {
  overwrite(path, Buffer.alloc(0));
  writeAuditHead(path, key, head);
  const fd = openSync(path, constants.O_RDONLY | SAFE_FLAGS);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(dirname(path));
}

function parse(text: string, key: Buffer): AuditHead | null {
  try {
    const { seal, ...head } = JSON.parse(text) as AuditHead & { seal?: unknown };
    return typeof seal === 'string' && isSame(seal, macOf(key, CONTEXT, JSON.stringify(head))) ? head : null;
  } catch (error) {
    // Also for `null`, which has nothing to take apart.
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
