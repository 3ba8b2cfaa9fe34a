// Every record of a session, one JSON object a line: the lossless form, made and read without holding more than a line.
//
//   {"format":"roo-session","version":1,"sessionId":…}
//   the `session` record, then all others in log order
//   {"type":"blob","hash":…,"bytes":…,"offset":…,"text":… or "base64":…}   before the record that names the blob
//   {"format":"roo-session-end","records":…}                               a file without it was cut short
//
// A record that the log keeps in a blob stands whole in its line, up to 16 MiB; beyond that its blob stands in front of
// it like those of outputs and images, in pieces. docs/format.md says the rest.

import { stringifyJson } from '../core/json.ts';
import { safeJson } from '../core/safe-text.ts';
import type { BlobRef, LogRecord } from '../core/record.ts';
import { joined } from './document.ts';

export const JSONL_FORMAT = 'roo-session';
export const JSONL_END = 'roo-session-end';
export const JSONL_VERSION = 1;

/** What goes into the document, in order. */
export type JsonlItem = { record: LogRecord } | { blob: BlobRef; chunks: AsyncIterable<Uint8Array> };

/** Bytes of a blob in one line. */
const PIECE_BYTES = 96 * 1024;

export function exportJsonl(sessionId: string, items: AsyncIterable<JsonlItem>): AsyncGenerator<string> {
  return joined(lines(sessionId, items));
}

async function* lines(sessionId: string, items: AsyncIterable<JsonlItem>): AsyncGenerator<string> {
  yield `${stringifyJson({ format: JSONL_FORMAT, version: JSONL_VERSION, sessionId })}\n`;
  let records = 0;
  for await (const item of items) {
    if ('record' in item) {
      yield `${safeJson(stringifyJson(item.record))}\n`;
      records++;
    } else yield* blobLines(item.blob, item.chunks);
  }
  yield `${stringifyJson({ format: JSONL_END, records })}\n`;
}

async function* blobLines(blob: BlobRef, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let offset = 0;
  let held = Buffer.alloc(0);
  const line = (bytes: Buffer): string => {
    const text = `${safeJson(stringifyJson({ type: 'blob', ...blob, offset, ...content(bytes) }))}\n`;
    offset += bytes.length;
    return text;
  };
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    while (held.length > PIECE_BYTES) {
      const end = characterBoundary(held, PIECE_BYTES);
      yield line(held.subarray(0, end));
      held = held.subarray(end);
    }
  }
  if (held.length > 0 || offset === 0) yield line(held);
}

/** Text where the bytes are UTF-8, so that the document can be searched and read; else base64. */
function content(bytes: Buffer): { text: string } | { base64: string } {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') };
}

/** A place at or a little before `at` that is in the middle of no character. */
function characterBoundary(bytes: Buffer, at: number): number {
  let end = at;
  while (end > at - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
