// The bytes of what is imported as a plain file: standard input and gzip are spooled, because a document is read twice
// and its places are told by offsets. What unpacks to much more than it should is refused.

import { createReadStream, promises as fs } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Gunzip } from 'node:zlib';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Warning } from '../../../core/errors.ts';
import { SessionError, systemError } from '../../../core/errors.ts';

/** Real transcripts shrink to a tenth; a bomb of gzip members to a thousandth. */
const RATIO_MAX = 200;
const RATIO_FREE_BYTES = 10 * 1024 * 1024;

export interface PlainFile {
  path: string;
  warnings: Warning[];
  /** Removes what was spooled. */
  remove(): Promise<void>;
}

/** A plain file from a stream, readable by this user alone. Throws STORE_FULL. The caller removes it. */
export async function spooled(chunks: AsyncIterable<Uint8Array>, temporary: string): Promise<PlainFile> {
  const folder = await fs.mkdtemp(join(temporary, 'roo-import-'));
  const path = join(folder, 'stdin');
  const remove = (): Promise<void> => fs.rm(folder, { recursive: true, force: true });
  try {
    await fs.writeFile(path, chunks, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    await remove();
    throw systemError(error, 'write', path);
  }
  return { path, warnings: [], remove };
}

/**
 * Unpacks a gzip file. One that is cut short or damaged gives what comes before the damage, with a warning. Throws
 * IMPORT_REFUSED for a bomb, LOG_UNREADABLE when nothing at all comes out, STORE_FULL.
 */
export async function unpacked(packedPath: string, temporary: string): Promise<PlainFile> {
  const { size } = await fs.stat(packedPath);
  const folder = await fs.mkdtemp(join(temporary, 'roo-import-'));
  const path = join(folder, 'unpacked');
  const remove = (): Promise<void> => fs.rm(folder, { recursive: true, force: true });
  const gunzip = createGunzip();
  const warnings: Warning[] = [];
  const file = await fs.open(path, 'wx', 0o600);
  try {
    await pipeline(createReadStream(packedPath), gunzip, guard(packedPath, gunzip), file.createWriteStream());
    // The decoder stops without a word at the first bytes that are no member.
    const left = size - gunzip.bytesWritten;
    if (left > 0) warnings.push(damage(packedPath, `${left} bytes at its end are no gzip data`));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const written = code?.startsWith('Z_') ? (await fs.stat(path)).size : 0;
    if (written === 0) {
      await remove();
      throw code?.startsWith('Z_') ? unreadable(packedPath, error) : systemError(error, 'unpack', packedPath);
    }
    warnings.push(damage(packedPath, `it is damaged or cut short; ${written} bytes could be unpacked`));
  }
  return { path, warnings, remove };
}

/** Passes bytes on, and stops as soon as they are too many for what they were made of so far: a bomb is not let go off. */
function guard(path: string, gunzip: Gunzip): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= Math.max(RATIO_FREE_BYTES, gunzip.bytesWritten * RATIO_MAX)) return done(null, chunk);
      const message = `${path} unpacks to more than ${RATIO_MAX} times its size`;
      const hint = 'if you know where it comes from, unpack it with gunzip and import what comes out';
      return done(new SessionError('IMPORT_REFUSED', message, { op: 'unpack', path, hint }));
    },
  });
}

function damage(path: string, what: string): Warning {
  return { code: 'LOG_DAMAGED', message: `${path}: ${what}`, path };
}

function unreadable(path: string, cause: unknown): SessionError {
  return new SessionError('LOG_UNREADABLE', `${path} cannot be unpacked`, { op: 'unpack', path, cause });
}
