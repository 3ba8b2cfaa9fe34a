// Between frames and records: a frame's payload is JSON Lines, each line ends in a line feed.

import { SessionError } from '../core/errors.ts';
import { parseJson, stringifyJson } from '../core/json.ts';
import type { LogRecord } from '../core/record.ts';
import { recordFault } from '../core/record-needs.ts';
import type { FrameOpener } from '../crypto/frame-seal.ts';
import { FLAG, inflateFrame, openFrame } from './frame.ts';
import type { StoredFrame } from './log-file.ts';

/** A record longer than this goes into a blob, so that a window of messages stays small whatever tools print. */
export const LINE_BYTES_MAX: number = 256 * 1024;

export function encodeLine(record: object): Buffer {
  return Buffer.from(stringifyJson(record) + '\n');
}

/**
 * What a frame holds. `faults` are lines that are no records: the frame is intact, so its writer was faulty; or it was
 * not written by somebody with the session's key. `opener` is needed for an encrypted frame only.
 */
export function readLines(
  frame: StoredFrame,
  path: string,
  opener: FrameOpener | null,
): { records: LogRecord[]; faults: SessionError[] } {
  const faults: SessionError[] = [];
  const fault = (message: string, cause?: unknown): void => {
    faults.push(new SessionError('LOG_DAMAGED', message, { op: 'read', path, offsetBytes: frame.offset, cause }));
  };
  const records: LogRecord[] = [];
  let lines: string[];
  try {
    const payload = payloadOf(frame, opener);
    if (!payload) {
      fault(`frame ${frame.seq} was not written with the key of this session`);
      return { records, faults };
    }
    lines = payload.toString('utf8').split('\n');
  } catch (cause) {
    fault(`frame ${frame.seq} does not unpack`, cause);
    return { records, faults };
  }
  if (lines.at(-1) === '') lines.pop();
  if (lines.length !== frame.lines) fault(`frame ${frame.seq} has ${lines.length} lines and says ${frame.lines}`);
  for (const line of lines) {
    try {
      records.push(assertRecord(parseJson(line)));
    } catch (cause) {
      fault(`a line of frame ${frame.seq} is not a record`, cause);
    }
  }
  return { records, faults };
}

function payloadOf(frame: StoredFrame, opener: FrameOpener | null): Buffer | null {
  if (!(frame.flags & FLAG.encrypted)) return inflateFrame(frame.bytes);
  return opener && openFrame(frame.bytes, frame, opener);
}

/** The same check on the way in and on the way out. Throws RECORD_INVALID for what readers could not rely on. */
export function assertRecord(value: unknown): LogRecord {
  const fault = recordFault(value);
  if (fault === null) return value as LogRecord;
  throw new SessionError('RECORD_INVALID', fault, { op: 'check' });
}
