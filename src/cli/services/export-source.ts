// A session's log as the exporters want it: the story's Session with its messages streaming in, or every record with
// the blobs it names. What cannot be read is told as a warning; the rest goes into the document.

import { createHash } from 'node:crypto';
import { SessionError, warningOf } from '../../core/errors.ts';
import type { Warning } from '../../core/errors.ts';
import { recordIdFrom } from '../../core/foreign-ids.ts';
import type { BlobRef, LogRecord, MessageRecord, SessionRecord, ToolEndRecord } from '../../core/record.ts';
import type { ExportedMessage, ExportedResult, ExportedSession } from '../../export/document.ts';
import { StreamedList, StreamedText } from '../../export/document.ts';
import type { JsonlItem } from '../../export/jsonl-export.ts';
import type { WalkedMessage } from '../../store/branch-cursor.ts';
import type { LogReader } from '../../store/log-reader.ts';
import type { PlacedDamage } from '../../store/log-place.ts';
import { blobsOf } from '../../store/log-verify.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { messagesForwards, pathIds } from '../../store/path-forwards.ts';
import type { SessionDetails } from '../types/service-types.ts';
import type { ToolResultPart } from '../types/session-types.ts';
import { conversationMessage, sessionOf } from './session-view.ts';
import type { OpenCalls } from './session-view.ts';

/** A record kept in a blob stands whole in its line of a JSON Lines document up to this size. */
const WHOLE_RECORD_BYTES_MAX = 16 * 1024 * 1024;
/** What is written about the file and not about the session. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['session', 'snapshot', 'epoch', 'close']);

/** Reads one log for one document. The caller closes the reader, and reads `warnings` when the document is done. */
export class ExportSource {
  readonly warnings: Warning[];
  readonly #reader: LogReader;
  readonly #openBase: OpenBase;

  constructor(reader: LogReader, openBase: OpenBase, warnings: Warning[]) {
    this.#reader = reader;
    this.#openBase = openBase;
    this.warnings = warnings;
  }

  /** The value of format 1: the active branch, all of its messages. */
  session({ fold, config, session: info, holder }: SessionDetails): ExportedSession {
    const lastAccessedAtMs = Date.parse(info.lastAccessedAt);
    const session = sessionOf({ id: info.id, fold, config, lastAccessedAtMs, messages: [] });
    const { messages: _none, ...history } = session.history;
    const compaction = fold.compaction && this.#compaction(fold.compaction.at);
    return {
      ...session,
      metadata: { ...session.metadata, origin: fold.session.origin, ...(fold.archived && { archived: true }) },
      history: {
        messages: new StreamedList(this.#messages(fold.head.messageId, holder ? 'running' : 'interrupted')),
        ...history,
        ...(compaction && { compaction }),
      },
    };
  }

  /** All records of all branches, blobs in front of the records that name them, a fork's past first. */
  async *items(waiting: readonly LogRecord[]): AsyncGenerator<JsonlItem> {
    const given = new Set<string>();
    const { generation: _g, part: _p, family: _f, base: _b, ...session } = this.#reader.session;
    yield { record: session as SessionRecord };
    for (const record of this.#past()) yield* this.#withBlobs(record, given);
    let at = session.at;
    for (const item of this.#reader.forwards()) {
      if ('damage' in item) {
        if (item.damage.reason !== 'torn') yield { record: this.#damageRecord(item.damage, at) };
        continue;
      }
      for (const record of this.#reader.records(item)) {
        if (BOOKKEEPING.has(record.type)) continue;
        at = record.at;
        yield* this.#withBlobs(record, given);
      }
    }
    for (const record of waiting) yield* this.#withBlobs(record, given);
    this.#addWarnings();
  }

  async *#messages(head: string | null, openCalls: OpenCalls): AsyncGenerator<ExportedMessage> {
    const wanted = new Set(pathIds(this.#reader, head, this.#openBase));
    for (const walked of messagesForwards(this.#reader, wanted, this.#openBase)) yield this.#message(walked, openCalls);
    this.#addWarnings();
  }

  #message(walked: WalkedMessage, openCalls: OpenCalls): ExportedMessage {
    const message = this.#whole(walked.message) as MessageRecord;
    const results = new Map(
      [...walked.results].map(([callId, { end, output }]) => {
        return [callId, { output, end: end && (this.#whole(end) as ToolEndRecord) }] as const;
      }),
    );
    const shown = conversationMessage({ ...walked, message, results }, this.#reader.blobs, openCalls);
    const parts = (shown.parts ?? []).map((part) =>
      part.type === 'tool-result'
        ? this.#result(part, results.get(part.callId)?.end)
        : (this.#withImage(part) as typeof part),
    );
    const { parts: _shown, usage, raw, model, ...rest } = shown;
    return {
      ...(rest as typeof rest & Pick<ExportedMessage, 'id' | 'timestamp' | 'parentId'>),
      ...(!isContentOnly(parts, shown.content) && { parts }),
      ...(model !== undefined && { model }),
      ...(usage !== undefined && { usage }),
      ...(message.durationMs !== undefined && { durationMs: message.durationMs }),
      ...(raw !== undefined && { raw }),
    };
  }

  /** With all the log has of the end. What a view derived has no id. */
  #result(shown: ToolResultPart, end: ToolEndRecord | null | undefined): ExportedResult {
    if (!end) return shown;
    const { type: _type, output: _cut, head: _head, tail: _tail, blob, id, at, callId, status, ...rest } = end;
    const { parts, exitCode, durationMs, raw, ...others } = rest;
    const isThere = blob !== undefined && this.#has(blob);
    return {
      type: 'tool-result',
      id,
      at,
      callId,
      name: shown.name,
      status,
      output: isThere ? this.#textOf(blob) : shown.output,
      ...(blob !== undefined && !isThere && { blob }),
      ...(parts !== undefined && { parts: parts.map((part) => this.#withImage(part)) as typeof parts }),
      ...(exitCode !== undefined && { exitCode }),
      ...(durationMs !== undefined && { durationMs }),
      ...(raw !== undefined && { raw }),
      ...others,
    };
  }

  /** An image that is a file of its own is put into the document. */
  #withImage(part: object): object {
    const { blob, ...rest } = part as { blob?: BlobRef };
    if (!('type' in part) || part.type !== 'image' || blob === undefined || !this.#has(blob)) return part;
    return { ...rest, data: new StreamedText(() => base64Of(this.#reader.blobs.stream(blob))) };
  }

  /** Opened when it is read: whoever has the blob already passes it over. */
  async *#bytesOf(blob: BlobRef): AsyncGenerator<Uint8Array> {
    yield* this.#reader.blobs.stream(blob) as AsyncIterable<Buffer>;
  }

  #textOf(blob: BlobRef): StreamedText {
    return new StreamedText(() => textPieces(this.#reader.blobs.stream(blob)));
  }

  #compaction(at: Parameters<LogReader['findFrame']>[0]): object | undefined {
    const frame = this.#reader.findFrame(at);
    const record = frame && this.#reader.records(frame).findLast((each) => each.type === 'compaction');
    if (!record) return undefined;
    const { type: _type, ...fields } = this.#whole(record);
    return fields;
  }

  *#past(): Generator<LogRecord> {
    const { base } = this.#reader.session;
    if (!base) return;
    const past = this.#openBase(base.sessionId);
    try {
      const wanted = new Set(pathIds(past, base.messageId, this.#openBase));
      for (const { message, results } of messagesForwards(past, wanted, this.#openBase)) {
        yield message;
        for (const { end } of results.values()) if (end) yield end;
      }
    } finally {
      past.close();
    }
  }

  *#withBlobs(record: LogRecord, given: Set<string>): Generator<JsonlItem> {
    const isSmall = record.spilled !== undefined && record.spilled.bytes <= WHOLE_RECORD_BYTES_MAX;
    const whole = withoutPlace(isSmall ? this.#whole(record) : record);
    for (const blob of blobsOf(whole)) {
      if (given.has(blob.hash) || !this.#has(blob)) continue;
      given.add(blob.hash);
      yield { blob, chunks: this.#bytesOf(blob) };
    }
    yield { record: whole };
  }

  /** A record with all that was cut from its line; the line where the rest cannot be read. */
  #whole(record: LogRecord): LogRecord {
    if (!record.spilled) return record;
    try {
      return this.#reader.blobs.unspill(record);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.warnings.push({ ...warningOf(error), message: `a ${record.type} record is cut: ${error.message}` });
      // As it is now it is all there is; a view must not try again.
      const { spilled: _spilled, ...line } = record;
      return line as LogRecord;
    }
  }

  #has(blob: BlobRef): boolean {
    if (this.#reader.blobs.has(blob)) return true;
    const message = `a part of ${blob.bytes} bytes is not there; what the log holds of it is in the document`;
    this.warnings.push({ code: 'BLOB_MISSING', message, path: this.#reader.blobs.path(blob) });
    return false;
  }

  /** Stands in the document for what could not be read, so that the copy does not look more whole than it is. */
  #damageRecord({ part, path, offsetBytes, lengthBytes, framesMissing }: PlacedDamage, at: string): LogRecord {
    const place = JSON.stringify([this.#reader.session.sessionId, 'damage', part, offsetBytes, lengthBytes]);
    const id = recordIdFrom(Date.parse(at), createHash('sha256').update(place).digest());
    const reason = `${lengthBytes} bytes could not be read; ${framesMissing} frames are missing here`;
    return { type: 'quarantine', id, at, reason, source: { path, offsetBytes } };
  }

  #addWarnings(): void {
    for (const warning of this.#reader.warnings) {
      const isKnown = this.warnings.some((each) => each.code === warning.code && each.message === warning.message);
      if (!isKnown) this.warnings.push(warning);
    }
  }
}

/** A place in this file means nothing in another one; whoever writes the record there finds it again. */
function withoutPlace(record: LogRecord): LogRecord {
  return record.type === 'head' ? ({ ...record, pointer: null } as LogRecord) : record;
}

function isContentOnly(parts: readonly object[], content: string): boolean {
  const [part, ...others] = parts as { type?: string; text?: string }[];
  if (part === undefined) return content === '';
  return others.length === 0 && part.type === 'text' && part.text === content && Object.keys(part).length === 2;
}

async function* textPieces(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const chunk of stream) yield decoder.decode(chunk as Buffer, { stream: true });
  yield decoder.decode();
}

async function* base64Of(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let held = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk as Buffer]);
    const end = held.length - (held.length % 3);
    yield held.toString('base64', 0, end);
    held = held.subarray(end);
  }
  yield held.toString('base64');
}
