// New objects come in through a folder of their own. git would sync each of them by itself, one after the other; here
// a few are synced all at once, many become one pack, and what a killed process leaves is in nobody's way.

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { syncFolder } from './shadow-files.ts';

/** More new objects than this become a pack. */
const LOOSE_MAX = 400;
const SYNCS_AT_ONCE = 64;
export const QUARANTINE_PREFIX = 'incoming-';

/** What git needs to be run with a quarantine. */
export interface Quarantine {
  /** GIT_OBJECT_DIRECTORY. */
  directory: string;
}

export function openQuarantine(gitDir: string): Quarantine {
  const directory = join(gitDir, `${QUARANTINE_PREFIX}${randomUUID()}`);
  mkdirSync(join(directory, 'info'), { recursive: true });
  writeFileSync(join(directory, 'info', 'alternates'), '../objects\n');
  return { directory };
}

/**
 * Moves all objects into the repository; they are durable when it resolves. `pack` writes those that a commit needs
 * and that are in no other place as a pack.
 */
export async function admit({ directory }: Quarantine, gitDir: string, pack: () => Promise<void>): Promise<void> {
  const objects = join(gitDir, 'objects');
  try {
    const found = readdirSync(directory)
      .filter((name) => /^[0-9a-f]{2}$/.test(name))
      .map((name) => ({ name, files: readdirSync(join(directory, name)) }));
    const count = found.reduce((sum, { files }) => sum + files.length, 0);
    if (count > LOOSE_MAX || isPacked(directory)) {
      await pack();
      syncFolder(join(objects, 'pack'));
      return;
    }
    await eachAtOnce(
      found.flatMap(({ name, files }) => files.map((file) => join(directory, name, file))),
      syncPath,
    );
    for (const { name, files } of found) {
      mkdirSync(join(objects, name), { recursive: true });
      for (const file of files) renameSync(join(directory, name, file), join(objects, name, file));
    }
    if (process.platform === 'win32') return;
    await eachAtOnce([objects, ...found.map(({ name }) => join(objects, name))], syncPath);
  } catch (error) {
    throw systemError(error, 'keep', objects);
  }
}

function isPacked(directory: string): boolean {
  return readdirSync(directory).includes('pack') && readdirSync(join(directory, 'pack')).length > 0;
}

export function closeQuarantine({ directory }: Quarantine): void {
  rmSync(directory, { recursive: true, force: true });
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Together they wait for the disk once. */
async function eachAtOnce(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  for (let start = 0; start < paths.length; start += SYNCS_AT_ONCE) {
    await Promise.all(paths.slice(start, start + SYNCS_AT_ONCE).map(work));
  }
}
