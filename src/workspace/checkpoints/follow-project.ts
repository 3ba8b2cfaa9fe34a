// The checkpoints of a project that moved go with it: their repository is named after the folder that the project was
// in, and nobody would find it under the new one.

import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { namesIn, shadowFolder } from './checkpoint-bytes.ts';
import { textIfThere, writeDurably } from './shadow-files.ts';
import { inShadowLock } from './shadow-lock.ts';
import { PROJECT_FILE, ShadowRepository } from './shadow-repository.ts';

/**
 * Answers whether there was something to take along. Nothing is done while a folder is still in the old place, whose
 * checkpoints they may be now, or where the new place has checkpoints of its own. Throws STORE_UNREADABLE.
 */
export async function followProject(home: string, from: string, to: string): Promise<boolean> {
  if (existsSync(from)) return false;
  const folder = shadowFolder(home);
  const name = namesIn(folder).find((one) => textIfThere(join(folder, one, PROJECT_FILE)) === `${from}\n`);
  const { gitDir, workTree } = new ShadowRepository({ home, workTree: to });
  if (name === undefined) return false;
  const before = join(folder, name);
  return inShadowLock(`${before}.lock`, () =>
    inShadowLock(`${gitDir}.lock`, async () => {
      if (existsSync(gitDir) || !existsSync(before)) return false;
      try {
        renameSync(before, gitDir);
      } catch (error) {
        throw systemError(error, 'rename', before);
      }
      // A crash before this line leaves the old name in it, which only people read.
      writeDurably(join(gitDir, PROJECT_FILE), `${workTree}\n`);
      return true;
    }),
  );
}
