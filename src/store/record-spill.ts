// What is too large for a line goes into a blob. The line keeps what lists, folds and walks need: the same fields with
// long values cut, and of a message every part, because results are found by the calls in it.

import { SessionError } from '../core/errors.ts';
import { isRawJson, stringifyJson } from '../core/json.ts';
import type { LogRecord, MessageRecord, ToolEndRecord } from '../core/record.ts';
import type { BlobStore } from './blob-store.ts';
import { RECORD_BYTES_MAX } from './blob-store.ts';
import { PAYLOAD_BYTES_MAX } from './frame.ts';
import { encodeLine, LINE_BYTES_MAX } from './frame-lines.ts';

const OUTPUT_END_BYTES = 2048;
/** How long a text in the line may be; the shorter ones are for messages of thousands of parts. */
const CUTS = [2048, 256, 16];
const ITEMS_MAX = 64;
const LEVELS_MAX = 6;
/** Fields by which things are found: half of one finds nothing. */
const NAMES: ReadonlySet<string> = new Set([
  'type',
  'id',
  'at',
  'parentId',
  'callId',
  'name',
  'role',
  'hash',
  'messageId',
]);

/** A record as a line, and as a reader of that line will know it. Throws RECORD_TOO_LARGE for what could not be read back. */
export function encodeRecord(record: LogRecord, blobs: BlobStore): { line: Buffer; stub: LogRecord } {
  let stub = record;
  let line = encodeLine(stub);
  if (line.length > LINE_BYTES_MAX && record.type === 'tool-end') {
    stub = spillOutput(record as ToolEndRecord, blobs);
    line = encodeLine(stub);
  }
  // A line that stands for a spilled record already is passed on by a rewrite: its blob holds more than it does.
  if (line.length > LINE_BYTES_MAX && !record.spilled) ({ line, stub } = spillRecord(stub, blobs));
  if (line.length > PAYLOAD_BYTES_MAX) throw tooLarge(record, line.length);
  return { line, stub };
}

/** First and last 2 KiB of an output, cut at characters. */
export function outputEnds(bytes: Buffer): { head: string; tail: string } {
  const decoder = new TextDecoder();
  const start = decoder.decode(bytes.subarray(0, OUTPUT_END_BYTES), { stream: true });
  let from = Math.max(0, bytes.length - OUTPUT_END_BYTES);
  while (from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from++;
  return { head: start, tail: bytes.subarray(from).toString('utf8') };
}

/** A long output becomes a blob of its own bytes, so that tools can read it without knowing records. */
function spillOutput(record: ToolEndRecord, blobs: BlobStore): ToolEndRecord {
  const { output = '', ...rest } = record;
  // Half a surrogate pair has no bytes in UTF-8: such an output is kept as JSON, where it can be escaped.
  if (!output.isWellFormed()) return record;
  const bytes = Buffer.from(output);
  if (bytes.length <= OUTPUT_END_BYTES * 2) return record;
  return { ...rest, ...outputEnds(bytes), blob: blobs.put(bytes) };
}

function spillRecord(record: LogRecord, blobs: BlobStore): { line: Buffer; stub: LogRecord } {
  const whole = Buffer.from(stringifyJson(record));
  if (whole.length > RECORD_BYTES_MAX) throw tooLarge(record, whole.length);
  const spilled = blobs.put(whole);
  let stub = record;
  let line: Buffer = whole;
  for (const charactersMax of CUTS) {
    stub = { ...cutRecord(record, charactersMax), spilled };
    line = encodeLine(stub);
    if (line.length <= LINE_BYTES_MAX) break;
  }
  return { line, stub };
}

function cutRecord(record: LogRecord, charactersMax: number): LogRecord {
  const stub = cut(record, charactersMax, 0) as LogRecord;
  if (record.type !== 'message') return stub;
  const parts = (record as MessageRecord).parts.map((part) => cut(part, charactersMax, 2));
  return { ...stub, parts };
}

/** The shape of a value with its long strings, long lists and deep levels cut. */
function cut(value: unknown, charactersMax: number, level: number): unknown {
  if (typeof value === 'string') return value.length > charactersMax ? value.slice(0, charactersMax) : value;
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
  if (level >= LEVELS_MAX) return null;
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => cut(item, charactersMax, level + 1));
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, NAMES.has(key) ? item : cut(item, charactersMax, level + 1)]),
  );
}

export function tooLarge(record: LogRecord, sizeBytes: number): SessionError {
  return new SessionError('RECORD_TOO_LARGE', `a ${record.type} record is ${sizeBytes} bytes long`, { op: 'append' });
}
