// Where the bytes of a store are, by kind. Files in its folders that are not ours are nobody's business here.

import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemError } from '../../core/errors.ts';
import { checkpointBytes } from '../../workspace/checkpoints/checkpoint-bytes.ts';
import { parseSessionFileName } from '../../core/session-file-name.ts';
import { namesIn, sizeOf } from '../../store/session-files.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import type { StorageInfo } from '../types/storage-types.ts';

type BytesByKind = Pick<
  StorageInfo,
  'logBytes' | 'blobBytes' | 'trashBytes' | 'indexBytes' | 'checkpointBytes' | 'keptBytes'
>;

export function bytesByKind(layout: StoreLayout): BytesByKind {
  let logBytes = 0;
  // What background processes printed is kept like this too.
  let keptBytes = sizeOf(join(layout.stateDir, 'processes')) + sizeOf(dirname(layout.keyPath('any')));
  for (const name of namesIn(layout.sessionsDir)) {
    const bytes = (): number => sizeOf(join(layout.sessionsDir, name));
    if (parseSessionFileName(name)) logBytes += bytes();
    // Torn tails, originals, waiting changes, the manifest and what stood in its place.
    else if (/^(session-|metadata\.json)/.test(name)) keptBytes += bytes();
  }
  return {
    logBytes,
    blobBytes: sizeOf(join(layout.sessionsDir, 'blobs')),
    trashBytes: sizeOf(layout.trashDir),
    indexBytes: ['', '-wal', '-shm'].reduce((sum, end) => sum + sizeOf(layout.indexPath + end), 0),
    checkpointBytes: checkpointBytes(layout.home),
    keptBytes,
  };
}

/** Free for this user on the disk that holds a folder, which need not be there yet. */
export function freeDiskBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing || dirname(path) === path) throw systemError(error, 'measure', path);
    return freeDiskBytes(dirname(path));
  }
}
