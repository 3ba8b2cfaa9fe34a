// A file of format 1, the story's SessionFile: gzip or plain, read in pieces. Read twice: once to check the checksum
// over the exact bytes of the session and to learn what stands behind the messages, once for the messages.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { constants as zlib, gunzipSync } from 'node:zlib';
import { SessionError, systemError } from '../core/errors.ts';
import type { Warning } from '../core/errors.ts';
import { isKeepableId } from '../core/foreign-ids.ts';
import type { Format1Facts } from '../core/format1.ts';
import { factsOfSession, recordsOfState } from '../core/format1.ts';
import { recordsOfMessage } from '../core/format1-message.ts';
import type { Format1Header } from '../core/format1-parser.ts';
import { beginsAsFormat1, Format1Parser } from '../core/format1-parser.ts';
import { VALUE_BYTES_MAX } from '../core/json-capture.ts';
import { messageText, oneLine } from '../core/message-text.ts';
import type { MessageRecord, NewRecord } from '../core/record.ts';
import { newSha256 } from './hashing.ts';
import type { BlobTarget } from './format1-long-texts.ts';
import { LongTexts } from './format1-long-texts.ts';
import { SAFE_FLAGS } from './safe-file.ts';

const CHUNK_BYTES = 256 * 1024;
const HEAD_BYTES = 64 * 1024;
/** Compressed bytes that are enough for a head; gzip makes at most a thousand times as much of them. */
const PACKED_HEAD_BYTES = 16 * 1024;
/** A gzip file of this format is one JSON text of its writer, so no longer than a string can be. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;
const RATIO_MAX = 200;
const RATIO_FREE_BYTES = 10 * 1024 * 1024;
/** Packed bytes that are tried first. */
const PROBE_BYTES = 64 * 1024;
const PROMPT_CHARACTERS_MAX = 300;

/** All of a document but its messages, which were counted and checked. */
export interface Format1Document extends Format1Facts {
  header: Format1Header;
  messages: number;
  toolCalls: number;
  /** First words of the user, as a list shows them where nobody gave a name. */
  firstPrompt: string | undefined;
  warnings: Warning[];
}

/** True for a file that begins as a document of format 1, packed or not. Throws STORE_UNREADABLE. */
export function isFormat1(path: string): boolean {
  const fd = open(path);
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const head = bytes.subarray(0, readSync(fd, bytes, 0, HEAD_BYTES, 0));
    return beginsAsFormat1(textOfHead(head));
  } catch (error) {
    throw systemError(error, 'read', path);
  } finally {
    closeSync(fd);
  }
}

/** The beginning of a file as text, unpacked where it is gzip; '' where it cannot be unpacked. */
export function textOfHead(head: Buffer): string {
  return new TextDecoder().decode(isGzip(head) ? unpackedHead(head) : head, { stream: true });
}

/** What the beginning of a gzip file unpacks to; nothing where it cannot be unpacked. */
export function unpackedHead(head: Buffer): Buffer {
  try {
    const unpacked = gunzipSync(head.subarray(0, PACKED_HEAD_BYTES), { finishFlush: zlib.Z_SYNC_FLUSH });
    return unpacked.subarray(0, HEAD_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) return Buffer.alloc(0);
    throw error;
  }
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Reads a whole document, checks it, and keeps all but the messages. Throws CHECKSUM_MISMATCH, FORMAT_NEWER for a later
 * major version, LOG_UNREADABLE for a document that is damaged or cut short, IMPORT_REFUSED for one that unpacks to
 * more than it should.
 */
export function format1Header(path: string): Format1Document {
  const sum = newSha256();
  const calls = new Set<string>();
  const counts = { messages: 0, toolCalls: 0 };
  let firstPrompt: string | undefined;
  const parser = new Format1Parser({
    message: (value) => {
      for (const record of recordsOfMessage(value, calls)) {
        if (record.type !== 'message') continue;
        counts.messages++;
        counts.toolCalls += record.parts.filter((part) => part.type === 'tool-call').length;
        firstPrompt ??= promptOf(record);
      }
    },
    unreadable: () => undefined,
    sessionBytes: (bytes) => sum.update(bytes),
    longString: () => ({ write: () => undefined, end: () => '' }),
  });
  const header = parse(path, parser);
  const warnings = checked(header, sum.digest('hex'), path);
  return { ...factsOfSession(header.session), header, ...counts, firstPrompt, warnings };
}

/** The records of a document that was checked: its messages as `format1Messages` gives them, then all the rest. */
export function* readFormat1(path: string, document: Format1Document, blobs: BlobTarget): Generator<NewRecord> {
  yield* format1Messages(path, blobs);
  yield* recordsOfState(document.header.session, document.firstPrompt);
}

/**
 * The messages in their order with the results of their calls. Ids are there only where the document has them; a
 * message goes under the one before it. Outputs of more than a megabyte go to `blobs`.
 */
export function* format1Messages(path: string, blobs: BlobTarget): Generator<NewRecord> {
  const texts = new LongTexts(blobs);
  const calls = new Set<string>();
  const ids = new Set<string>();
  const ready: NewRecord[] = [];
  const parser = new Format1Parser({
    message: (value) => {
      for (const record of recordsOfMessage(value, calls)) ready.push(withUniqueId(texts.settle(record), ids));
    },
    unreadable: ({ index, reason, offsetBytes, lengthBytes, text }) => {
      const source = { path, offsetBytes };
      const what = `message ${index + 1}, ${lengthBytes} bytes: ${reason}`;
      ready.push({ type: 'quarantine', reason: what, source, ...(text !== undefined && { text }) });
    },
    longString: () => texts.begin(),
  });
  try {
    for (const chunk of chunksOf(path)) {
      parser.write(chunk);
      yield* ready.splice(0);
    }
    parser.end();
    yield* ready.splice(0);
  } catch (error) {
    throw placed(error, path);
  } finally {
    texts.close();
  }
}

function parse(path: string, parser: Format1Parser): Format1Header {
  try {
    for (const chunk of chunksOf(path)) parser.write(chunk);
    return parser.end();
  } catch (error) {
    throw placed(error, path);
  }
}

function checked({ version, checksum }: Format1Header, actual: string, path: string): Warning[] {
  const major = Number.parseInt(version ?? '1', 10);
  if (major > 1) {
    const hint = 'upgrade roo: npm i -g roo-cli@latest';
    throw new SessionError('FORMAT_NEWER', `${path} is of format ${version}`, { op: 'read', path, hint });
  }
  if (checksum === undefined || checksum === '') {
    return [{ code: 'CHECKSUM_MISMATCH', message: `${path} has no checksum: it could not be checked`, path }];
  }
  if (checksum.toLowerCase().replace(/^sha256[:-]/, '') === actual) return [];
  throw new SessionError('CHECKSUM_MISMATCH', `the checksum in ${path} does not fit its session`, {
    op: 'read',
    path,
    hint: 'the file was changed or damaged after it was written; take another copy of it',
  });
}

/** The record without its id where another one has it, or where it is none that can be kept. */
function withUniqueId(record: NewRecord, ids: Set<string>): NewRecord {
  const { id, ...rest } = record;
  if (id === undefined || (isKeepableId(id) && !ids.has(id))) {
    if (id !== undefined) ids.add(id);
    return record;
  }
  return rest as NewRecord;
}

function promptOf(record: Pick<MessageRecord, 'role' | 'parts'>): string | undefined {
  return record.role === 'user' ? oneLine(messageText(record), PROMPT_CHARACTERS_MAX) || undefined : undefined;
}

/** The bytes of the document. A chunk is valid until the next one is asked for. */
function* chunksOf(path: string): Generator<Uint8Array> {
  const fd = open(path);
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const count = readSync(fd, buffer, 0, CHUNK_BYTES, 0);
    if (isGzip(buffer.subarray(0, count))) {
      yield* unpacked(fd, path);
      return;
    }
    for (let at = 0, read = count; read > 0; read = readSync(fd, buffer, 0, CHUNK_BYTES, at)) {
      yield buffer.subarray(0, read);
      at += read;
    }
  } finally {
    closeSync(fd);
  }
}

function* unpacked(fd: number, path: string): Generator<Uint8Array> {
  const { size } = fstatSync(fd);
  const limit = Math.min(UNPACKED_BYTES_MAX, Math.max(RATIO_FREE_BYTES, size * RATIO_MAX));
  if (size > UNPACKED_BYTES_MAX) throw tooLarge(path, size);
  const packed = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const count = readSync(fd, packed, at, size - at, at);
    if (count === 0) break;
    at += count;
  }
  // A bomb shows in its beginning, before room is made for all of it.
  if (size > PROBE_BYTES) inflated(packed.subarray(0, PROBE_BYTES), PROBE_BYTES * RATIO_MAX, zlib.Z_SYNC_FLUSH, path);
  const plain = inflated(packed, limit, zlib.Z_FINISH, path);
  // In pieces, so that what is made of one is taken before the next is looked at.
  for (let at = 0; at < plain.length; at += VALUE_BYTES_MAX / 16) yield plain.subarray(at, at + VALUE_BYTES_MAX / 16);
}

/** What a gzip file, or with Z_SYNC_FLUSH the beginning of one, unpacks to. Throws IMPORT_REFUSED for too much, LOG_UNREADABLE for no gzip. */
function inflated(packed: Buffer, bytesMax: number, finishFlush: number, path: string): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: bytesMax, finishFlush });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(path, bytesMax);
    throw new SessionError('LOG_UNREADABLE', `${path} cannot be unpacked`, { op: 'unpack', path, cause: error });
  }
}

/** Documents that are imported come through here too: whose they are, and who may write to them, is not ours to judge. */
function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | SAFE_FLAGS);
  } catch (error) {
    throw systemError(error, 'open', path);
  }
}

function tooLarge(path: string, bytes: number): SessionError {
  return new SessionError('IMPORT_REFUSED', `${path} unpacks to more than ${bytes} bytes`, {
    op: 'unpack',
    path,
    hint: 'if you know where it comes from, unpack it with gunzip and import what comes out',
  });
}

/** Names the file in an error of the parser, which knows only places. */
function placed(error: unknown, path: string): SessionError {
  if (!(error instanceof SessionError) || error.path !== undefined) return systemError(error, 'read', path);
  const { code, op, offsetBytes, hint } = error;
  return new SessionError(code, `${path}: ${error.message}`, { op, path, offsetBytes, hint, cause: error });
}
