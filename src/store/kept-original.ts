// Keeps a file under a second name before another takes its place. A link where the file system has links: the bytes
// stay the same ones, no space is needed, and there is no moment in which the session has no file.

import { closeSync, constants, copyFileSync, fsyncSync, linkSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemError } from '../core/errors.ts';
import { syncDirectory } from './durable-files.ts';

/** What systems answer where there are no links. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
]);

/** Makes `kept`, which must not be there yet, durably. `path` must be replaced afterwards, never written into. */
export function keepOriginal(path: string, kept: string): void {
  try {
    try {
      linkSync(path, kept);
    } catch (error) {
      if (!NO_LINKS.has((error as NodeJS.ErrnoException).code)) throw error;
      copyFileSync(path, kept, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      const fd = openSync(kept, 'r+');
      fsyncSync(fd);
      closeSync(fd);
    }
    syncDirectory(dirname(kept));
  } catch (error) {
    throw systemError(error, 'keep', path);
  }
}
