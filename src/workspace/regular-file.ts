// Opens only what can be read to an end. A project may hold pipes, sockets and devices, by accident or by malice, and
// reading one of them hangs, never ends, or does something to the machine.

import { closeSync, constants, fstatSync, openSync, promises as fs, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
/** Not blocking: should a pipe have come in a file's place meanwhile, opening it would wait for a writer. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** `kind` is what was found instead, with its article: `a folder`, `a pipe`. */
export class NotARegularFile extends Error {
  readonly kind: string;

  constructor(path: string, kind: string) {
    super(`${path} is ${kind}`);
    this.name = 'NotARegularFile';
    this.kind = kind;
  }
}

/**
 * For reading, behind all links. Throws `NotARegularFile`, or what the system says. The caller closes.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  // Asked before opening too, because opening some devices is already an act: a tape rewinds, a watchdog starts.
  requireRegular(await fs.stat(path), path);
  const file = await fs.open(path, OPEN_FLAGS);
  try {
    requireRegular(await file.stat(), path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What is not a regular file is thrown as `NotARegularFile`. */
export function requireRegular(stats: Stats, path: string): void {
  if (!stats.isFile()) throw new NotARegularFile(path, kindOf(stats));
}

/** Up to `bytesMax` bytes from the file's position. Sizes are not believed: files of /proc have the size 0. */
export async function readUpTo(file: FileHandle, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let left = bytesMax; left > 0;) {
    const chunk = Buffer.allocUnsafe(Math.min(left, CHUNK_BYTES));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
}

/** The whole file; null when it is larger than `bytesMax`. Throws as `openRegularFile`. */
export async function readWhole(path: string, bytesMax: number): Promise<Buffer | null> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > bytesMax) return null;
    // One byte more than it should have: when that is missing, this was all, and a second read is saved.
    const first = Buffer.allocUnsafe(size + 1);
    const { bytesRead } = await file.read(first, 0, first.length, null);
    if (size > 0 && bytesRead === size) return first.subarray(0, size);
    const rest = bytesRead === 0 ? Buffer.alloc(0) : await readUpTo(file, bytesMax + 1 - bytesRead);
    const bytes = Buffer.concat([first.subarray(0, bytesRead), rest]);
    return bytes.length > bytesMax ? null : bytes;
  } finally {
    await file.close();
  }
}

/**
 * As `readWhole`, while everything else waits, and no more than the size the system tells: for many small files, of which each takes a tenth of the time so. Call it
 * for files that were just listed as such, and let others have their turn in between.
 */
export function readWholeSync(path: string, bytesMax: number): Buffer | null {
  const file = openSync(path, OPEN_FLAGS);
  try {
    const stats = fstatSync(file);
    requireRegular(stats, path);
    if (stats.size > bytesMax) return null;
    const bytes = Buffer.allocUnsafe(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
