// What recoveries, repairs and migrations kept of a session as it once was, sealed with its key when the session is
// encrypted, and opened again when it no longer is. Nobody reads these files but a person who looks for something lost.

import { closeSync, fsyncSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import type { SessionCipher } from '../crypto/session-cipher.ts';
import { contentEncoder, openContent, streamContent } from './blob-content.ts';
import { syncDirectory, writeFully } from './durable-files.ts';
import { createPrivate } from './private-file.ts';
import { openSafely } from './safe-file.ts';
import { ownNames } from './session-files.ts';
import type { StoreLayout } from './store-layout.ts';

const SEALED = '.sealed';
const KEPT = /\.(?:torn|damaged|format1|leftover)-\d+(?:\.part\d+)?$/;
const PIECE_BYTES = 64 * 1024;

/** Kept originals that anybody can read. */
export function openOriginals(layout: StoreLayout, id: string): string[] {
  return ownNames(layout, id)
    .filter((name) => KEPT.test(name))
    .map((name) => join(layout.sessionsDir, name));
}

export function sealedOriginals(layout: StoreLayout, id: string): string[] {
  return ownNames(layout, id)
    .filter((name) => name.endsWith(SEALED) && KEPT.test(name.slice(0, -SEALED.length)))
    .map((name) => join(layout.sessionsDir, name));
}

/** Seals a file in its place, under a name that says so. Durable when it resolves; the open one is gone then. */
export async function sealFile(path: string, cipher: SessionCipher): Promise<string> {
  const encoder = contentEncoder(cipher);
  await replaced(path, `${path}${SEALED}`, async (write) => {
    const fd = openSafely(path);
    try {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) {
        write(encoder.write(piece.subarray(0, count)));
      }
      write(encoder.end());
    } finally {
      closeSync(fd);
    }
  });
  return `${path}${SEALED}`;
}

/** True for a file that was sealed with this key. */
export function isSealedWith(path: string, cipher: SessionCipher): boolean {
  const content = openContent(openSafely(path), path, cipher);
  try {
    content.assertWhole();
    return true;
  } catch (error) {
    if (error instanceof SessionError && error.code === 'BLOB_DAMAGED') return false;
    throw error;
  } finally {
    content.close();
  }
}

/** Seals what is sealed with one key with another; it is never open in between. */
export async function resealFile(path: string, from: SessionCipher, to: SessionCipher): Promise<void> {
  const encoder = contentEncoder(to);
  await replaced(path, path, async (write) => {
    for await (const piece of streamContent(openSafely(path), path, from)) write(encoder.write(piece as Buffer));
    write(encoder.end());
  });
}

/** The way back. Throws BLOB_DAMAGED for what was not sealed with this key. */
export async function unsealFile(path: string, cipher: SessionCipher): Promise<string> {
  const opened = path.slice(0, -SEALED.length);
  await replaced(path, opened, async (write) => {
    for await (const piece of streamContent(openSafely(path), path, cipher)) write(piece as Buffer);
  });
  return opened;
}

/** Writes a file beside another, durably, and takes the other away; the same name is replaced. */
async function replaced(
  from: string,
  to: string,
  fill: (write: (bytes: Uint8Array) => void) => Promise<void>,
): Promise<void> {
  const beside = `${to}.tmp`;
  try {
    rmSync(beside, { force: true });
    const fd = createPrivate(beside);
    try {
      await fill((bytes) => writeFully(fd, bytes));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, to);
    if (from !== to) rmSync(from, { force: true });
    syncDirectory(dirname(to));
  } catch (error) {
    rmSync(beside, { force: true });
    throw systemError(error, 'seal', from);
  }
}
