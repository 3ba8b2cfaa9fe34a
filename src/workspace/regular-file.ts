// Opens only what can be read to an end. A project may hold pipes, sockets and devices, by accident or by malice, and
// reading one of them hangs, never ends, or does something to the machine.

import { constants, promises as fs } from 'node:fs';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;

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
  // Not blocking: should a pipe have come in its place meanwhile, opening it would wait for a writer.
  const file = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
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
    if ((await file.stat()).size > bytesMax) return null;
    const bytes = await readUpTo(file, bytesMax + 1);
    return bytes.length > bytesMax ? null : bytes;
  } finally {
    await file.close();
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
