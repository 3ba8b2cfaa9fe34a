// The state of a session that was closed in good order, from its last frame alone: what making a list of ten thousand
// sessions anew costs for each. Everything else is answered by opening the log.

import type { Fold } from '../core/fold.ts';
import { FLAG, frameVersion, FRAME_VERSION, logMark } from './frame.ts';
import { readLines } from './frame-lines.ts';
import { LogFile } from './log-file.ts';
import { snapshotIn } from './log-fold.ts';

/**
 * The fold of a log of one file that ends, to the byte, in an intact frame with a snapshot. Null for every other file.
 * Large values that snapshots leave out are not filled in, and the frames before are not looked at: opening does that.
 */
export function foldAtClose(path: string): Fold | null {
  const file = new LogFile(path);
  try {
    const end = file.previousIntact(file.size);
    if (!end || end.offset + end.frameBytes !== file.size || !(end.flags & FLAG.snapshot)) return null;
    if (end.flags & FLAG.encrypted || frameVersion(end.bytes) > FRAME_VERSION) return null;
    const fold = snapshotIn(readLines(end, path, null).records, null);
    // The mark ties the frame to the generation that the snapshot names.
    return fold && fold.session.format === 2 && logMark(fold.session.generation) === end.log ? fold : null;
  } finally {
    file.close();
  }
}
