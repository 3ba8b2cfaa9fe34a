// Between frames and records: a frame's payload is JSON Lines, each line ends in a line feed.

import { SessionError } from '../core/errors.ts';
import { parseJson, stringifyJson } from '../core/json.ts';
import type { LogRecord } from '../core/record.ts';
import { inflateFrame } from './frame.ts';
import type { StoredFrame } from './log-file.ts';

/** A record longer than this goes into a blob, so that a window of messages stays small whatever tools print. */
export const LINE_BYTES_MAX: number = 256 * 1024;

export function encodeLine(record: object): Buffer {
  return Buffer.from(stringifyJson(record) + '\n');
}

/** Throws LOG_DAMAGED with the place where a line is no record: the frame is intact, so its writer was faulty. */
export function readLines(frame: StoredFrame, path: string): LogRecord[] {
  const lines = inflateFrame(frame.bytes).toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => {
    try {
      return assertRecord(parseJson(line));
    } catch (cause) {
      const place = { op: 'read', path, offsetBytes: frame.offset, cause };
      throw new SessionError('LOG_DAMAGED', `a line of frame ${frame.seq} is not a record`, place);
    }
  });
}

/** The same check on the way in and on the way out: an object with `type`, `id` and `at`. Throws RECORD_INVALID. */
export function assertRecord(value: unknown): LogRecord {
  const record = value as Partial<LogRecord> | null;
  const complete =
    typeof record === 'object' &&
    typeof record?.type === 'string' &&
    typeof record.id === 'string' &&
    typeof record.at === 'string';
  if (complete) return record as LogRecord;
  throw new SessionError('RECORD_INVALID', 'a record needs type, id and at', { op: 'check' });
}
