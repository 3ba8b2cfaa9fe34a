// Whose log a file is. The first record says so; where damage took it, a later part or a snapshot still knows.

import type { SessionRecord } from '../core/record.ts';
import { SessionError } from '../core/errors.ts';
import type { FrameOpener } from '../crypto/frame-seal.ts';
import { FLAG, frameVersion, FRAME_VERSION } from './frame.ts';
import { readLines } from './frame-lines.ts';
import { snapshotIn } from './log-fold.ts';
import type { LogFile, StoredFrame } from './log-file.ts';
import { newerFormat } from './log-warnings.ts';

/** The first intact frame of a log: the others carry its mark, and are encrypted when it is. Null when there is none. */
export function firstFrame(files: readonly LogFile[]): StoredFrame | null {
  for (const file of files) {
    const frame = firstIn(file);
    if (frame) return frame;
  }
  return null;
}

/** Takes files of other logs off the end of a list of parts, closes them, and returns their paths. */
export function dropLeftovers(files: LogFile[], mark: number | null): string[] {
  const leftovers: string[] = [];
  while (files.length > 1) {
    const other = firstIn(files.at(-1)!);
    if (!other || other.log === mark) break;
    const file = files.pop()!;
    file.close();
    leftovers.push(file.path);
  }
  return leftovers;
}

function firstIn(file: LogFile): StoredFrame | null {
  return file.frameAt(0) ?? file.nextIntact(1);
}

/**
 * The session record of a log; one made up from the id when no frame tells. Throws LOG_UNREADABLE when there is not one
 * intact frame, and FORMAT_NEWER for frames that only a later version can take apart; a log of a later format in frames
 * of ours can be read. `frames` are all frames there are, read as needed; `opener` opens those of an encrypted log.
 */
export function identify(
  id: string,
  files: readonly LogFile[],
  frames: Iterable<StoredFrame>,
  opener: FrameOpener | null,
): SessionRecord {
  const { path } = files[0]!;
  for (const file of files) {
    const record = firstRecord(file, opener);
    if (record) return record;
  }
  let some = false;
  for (const frame of frames) {
    some = true;
    if (!(frame.flags & FLAG.snapshot)) continue;
    const fold = snapshotIn(readLines(frame, path, opener).records, null);
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

function firstRecord(file: LogFile, opener: FrameOpener | null): SessionRecord | null {
  const frame = file.frameAt(0);
  if (!frame) return null;
  if (frameVersion(frame.bytes) > FRAME_VERSION) throw newerFormat(file.path);
  const record = readLines(frame, file.path, opener).records[0];
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
