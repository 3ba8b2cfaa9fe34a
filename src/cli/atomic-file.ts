// Replaces a file whole or not at all: a crash or a full disk leaves what was there before.

import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemError } from '../core/errors.ts';

/**
 * Writes the chunks beside the file, syncs, and renames. A new file is readable by the owner only, because sessions
 * and settings may hold secrets. A link is followed; a device or pipe is written to. Answers the bytes written.
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<string> | AsyncIterable<string>,
): Promise<number> {
  try {
    const target = await existing(path);
    if (target !== null && target.kind === 'stream') return await writeInto(target.path, 'w', chunks);
    return await replace(target?.path ?? path, chunks);
  } catch (error) {
    throw systemError(error, 'write', path);
  }
}

async function replace(path: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<number> {
  const folder = dirname(path);
  // A folder of its own: nobody else can have prepared a link under the temporary file's name.
  const temporary = await fs.mkdtemp(join(folder, `.${basename(path).slice(0, 100)}-`));
  try {
    const file = join(temporary, 'new');
    const bytes = await writeInto(file, 'wx', chunks);
    await fs.rename(file, path);
    await syncFolder(folder);
    return bytes;
  } finally {
    await fs.rm(temporary, { recursive: true, force: true });
  }
}

async function writeInto(
  path: string,
  how: 'w' | 'wx',
  chunks: Iterable<string> | AsyncIterable<string>,
): Promise<number> {
  let bytes = 0;
  const file = await fs.open(path, how, 0o600);
  try {
    for await (const chunk of chunks) {
      const buffer = Buffer.from(chunk, 'utf8');
      await file.appendFile(buffer);
      bytes += buffer.length;
    }
    if (how === 'wx') await file.sync();
  } finally {
    await file.close();
  }
  return bytes;
}

/** What is there under the name, behind all links; null when nothing is. */
async function existing(path: string): Promise<{ path: string; kind: 'file' | 'stream' } | null> {
  try {
    const real = await fs.realpath(path);
    const stats = await fs.stat(real);
    return { path: real, kind: stats.isFile() || stats.isDirectory() ? 'file' : 'stream' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its rename is durable with the file.
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
