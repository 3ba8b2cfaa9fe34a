// Whose log a file is. The first record says so; where damage took it, a later part or a snapshot still knows.

import type { SessionRecord } from '../core/record.ts';
import { SessionError } from '../core/errors.ts';
import { FLAG, frameVersion, FRAME_VERSION } from './frame.ts';
import { readLines } from './frame-lines.ts';
import { snapshotIn } from './log-fold.ts';
import type { LogFile, StoredFrame } from './log-file.ts';
import { newerFormat } from './log-warnings.ts';

/** The mark that the frames of a log carry: that of its first intact frame; null when there is none. */
export function firstMark(files: readonly LogFile[]): number | null {
  for (const file of files) {
    const mark = markOf(file);
    if (mark !== null) return mark;
  }
  return null;
}

/** Takes files of other logs off the end of a list of parts, closes them, and returns their paths. */
export function dropLeftovers(files: LogFile[], mark: number | null): string[] {
  const leftovers: string[] = [];
  while (files.length > 1) {
    const other = markOf(files.at(-1)!);
    if (other === null || other === mark) break;
    const file = files.pop()!;
    file.close();
    leftovers.push(file.path);
  }
  return leftovers;
}

function markOf(file: LogFile): number | null {
  return (file.frameAt(0) ?? file.nextIntact(1))?.log ?? null;
}

/**
 * The session record of a log; one made up from the id when no frame tells. Throws LOG_UNREADABLE when there is not one
 * intact frame, and FORMAT_NEWER for frames that only a later version can take apart; a log of a later format in frames
 * of ours can be read. `frames` are all frames there are, read as needed.
 */
export function identify(id: string, files: readonly LogFile[], frames: Iterable<StoredFrame>): SessionRecord {
  const { path } = files[0]!;
  for (const file of files) {
    const record = firstRecord(file);
    if (record) return record;
  }
  let some = false;
  for (const frame of frames) {
    some = true;
    if (!(frame.flags & FLAG.snapshot) || frame.flags & FLAG.encrypted) continue;
    const fold = snapshotIn(readLines(frame, path).records, null);
    if (fold) return fold.session;
  }
  if (some) return orphanSession(id);
  throw new SessionError('LOG_UNREADABLE', `${path} holds nothing that can be read as a session log`, {
    op: 'open',
    path,
    offsetBytes: 0,
    hint: `the file was left as it is; roo session import can read other formats`,
  });
}

function firstRecord(file: LogFile): SessionRecord | null {
  const frame = file.frameAt(0);
  if (!frame) return null;
  if (frameVersion(frame.bytes) > FRAME_VERSION) throw newerFormat(file.path);
  if (frame.flags & FLAG.encrypted) return null;
  const record = readLines(frame, file.path).records[0];
  return record?.type === 'session' ? (record as SessionRecord) : null;
}

/** Enough to read the rest. */
function orphanSession(id: string): SessionRecord {
  const at = new Date(0).toISOString();
  return {
    type: 'session',
    id,
    at,
    format: 2,
    sessionId: id,
    generation: '',
    part: 1,
    family: id,
    project: { path: '' },
    origin: { kind: 'human', agent: 'roo' },
  };
}
