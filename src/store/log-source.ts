// What the index may ask of the logs, answered from the files: facts, summaries from a log's two ends, and its words.

import { readdirSync, statSync } from 'node:fs';
import { SessionError, systemError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord } from '../core/fold.ts';
import { messageText } from '../core/message-text.ts';
import type { LogRecord, MessageRecord, MetaRecord, Pointer, ToolEndRecord, ToolOutputRecord } from '../core/record.ts';
import { parseSessionFileName } from '../core/session-file-name.ts';
import { toolPaths } from '../core/tool-paths.ts';
import { inboxNames, readInbox } from './inbox.ts';
import type { IndexedText, IndexSource, LogStamp, LogSummary, OpenCall, TextPosition } from './index/index-source.ts';
import { pointerTo } from './log-place.ts';
import { LogReader } from './log-reader.ts';
import type { StoreLayout } from './store-layout.ts';

/** Of an output kept in a file of its own the first part is searchable: a log of a gigabyte is not. */
const INDEXED_BLOB_BYTES = 1024 * 1024;

export class LogSource implements IndexSource {
  readonly #layout: StoreLayout;

  constructor(layout: StoreLayout) {
    this.#layout = layout;
  }

  ids(): string[] {
    const ids = new Set<string>();
    for (const name of sessionNames(this.#layout.sessionsDir)) {
      const parsed = parseSessionFileName(name);
      if (parsed && (parsed.kind === 'conflict' || parsed.part === 1)) ids.add(parsed.id);
    }
    return [...ids];
  }

  stamp(id: string): LogStamp | null {
    const first = statSync(this.#layout.logPath(id), { throwIfNoEntry: false });
    if (!first) return null;
    const stamp = {
      sizeBytes: first.size,
      mtimeMs: Math.floor(first.mtimeMs),
      accessedAtMs: Math.floor(first.atimeMs),
    };
    for (let part = 2; ; part++) {
      const stat = statSync(this.#layout.logPath(id, part), { throwIfNoEntry: false });
      if (!stat) break;
      stamp.sizeBytes += stat.size;
      stamp.mtimeMs = Math.max(stamp.mtimeMs, Math.floor(stat.mtimeMs));
    }
    // An entry that comes or goes moves the folder's time, so its size need not be known.
    const inbox = statSync(this.#layout.inboxDir(id), { throwIfNoEntry: false });
    if (inbox) stamp.mtimeMs = Math.max(stamp.mtimeMs, Math.floor(inbox.mtimeMs));
    return stamp;
  }

  summarize(id: string): LogSummary {
    const stamp = this.stamp(id);
    if (!stamp) throw new SessionError('SESSION_NOT_FOUND', `session ${id} is gone`, { op: 'summarize' });
    const name = parseSessionFileName(this.#layout.logPath(id).slice(this.#layout.sessionsDir.length + 1));
    const facts = {
      stamp,
      encrypted: false,
      conflictOf: name?.kind === 'conflict' ? name.of : null,
    };
    let reader: LogReader | undefined;
    try {
      reader = LogReader.open(this.#layout, id);
      const fold = foldWithInbox(this.#layout, reader);
      return { ...facts, fold, health: reader.health };
    } catch (error) {
      // One session that cannot be read is a row that says so; the others are listed.
      if (!(error instanceof SessionError)) throw error;
      return { ...facts, fold: null, health: 'unreadable', encrypted: error.code === 'SESSION_ENCRYPTED' };
    } finally {
      reader?.close();
    }
  }

  texts(
    id: string,
    from: TextPosition | null,
  ): { restarted: boolean; texts: Iterable<IndexedText>; position(): TextPosition } {
    const reader = LogReader.open(this.#layout, id);
    const { generation } = reader.session;
    const restarted = from !== null && from.generation !== generation;
    const start = from && !restarted ? from.next : null;
    const calls = new Map<string, OpenCall>(start ? Object.entries(from!.calls) : []);
    let position: TextPosition = { generation, next: start ?? BEGINNING, calls: Object.fromEntries(calls) };
    const texts = (function* () {
      try {
        if (start && isAtEnd(reader, start)) return;
        for (const item of reader.forwards(start)) {
          if ('damage' in item) continue;
          const pointer = pointerTo(item);
          position = { generation, next: pointer, calls: Object.fromEntries(calls) };
          for (const record of reader.records(item)) {
            const text = textOf(reader, record, pointer, calls);
            if (text) yield text;
          }
        }
        position = { generation, next: endOf(reader), calls: Object.fromEntries(calls) };
      } finally {
        reader.close();
      }
    })();
    return { restarted, texts, position: () => position };
  }
}

const BEGINNING: Pointer = { part: 1, offset: 0, seq: 0 };

/** The fold of a log with what waits in its inbox on top. */
export function foldWithInbox(layout: StoreLayout, reader: LogReader): Fold {
  const fold = reader.fold();
  if (inboxNames(layout.inboxDir(reader.id)).length === 0) return fold;
  const taken = new Set(fold.applied);
  const at = endOf(reader);
  for (const { records } of readInbox(layout, reader.id).entries) {
    for (const record of records) if (!taken.has(record.id)) applyRecord(fold, record, at);
  }
  return fold;
}

/** Where the next frame will stand. */
function endOf(reader: LogReader): Pointer {
  return { part: reader.parts, offset: reader.tail().endBytes, seq: (reader.lastFrame()?.frame.seq ?? -1) + 1 };
}

function isAtEnd(reader: LogReader, at: Pointer): boolean {
  return at.part === reader.parts && at.offset >= reader.tail().endBytes;
}

/** The words of a record; null for one that has none. */
function textOf(
  reader: LogReader,
  record: LogRecord,
  pointer: Pointer,
  calls: Map<string, OpenCall>,
): IndexedText | null {
  switch (record.type) {
    case 'message':
      return textOfMessage(reader.blobs.unspill(record) as MessageRecord, pointer, calls);
    case 'tool-end': {
      const end = record as ToolEndRecord;
      const call = calls.get(end.callId);
      calls.delete(end.callId);
      const text =
        end.blob && reader.blobs.has(end.blob) ? reader.blobs.start(end.blob, INDEXED_BLOB_BYTES) : (end.output ?? '');
      if (text === '') return null;
      const { messageId = null, name, files = [] } = call ?? {};
      return { messageId, role: 'tool', at: record.at, text, tools: name === undefined ? [] : [name], files, pointer };
    }
    case 'tool-output': {
      const { callId, text } = record as ToolOutputRecord;
      const { messageId = null, name, files = [] } = calls.get(callId) ?? {};
      return { messageId, role: 'tool', at: record.at, text, tools: name === undefined ? [] : [name], files, pointer };
    }
    case 'meta': {
      const { name, description, outcome } = record as MetaRecord;
      const text = [name, description, outcome].filter(Boolean).join('\n');
      return text === ''
        ? null
        : { messageId: null, role: 'system', at: record.at, text, tools: [], files: [], pointer };
    }
    default:
      return null;
  }
}

function textOfMessage(message: MessageRecord, pointer: Pointer, calls: Map<string, OpenCall>): IndexedText {
  const texts = [messageText(message)];
  const tools: string[] = [];
  const files: string[] = [];
  for (const part of message.parts) {
    if (part.type === 'thinking') texts.push(part.text);
    else if (part.type === 'file') files.push(part.path);
    else if (part.type === 'tool-call') {
      const paths = toolPaths(part.input);
      texts.push(part.input);
      tools.push(part.name);
      files.push(...paths);
      calls.set(part.callId, { messageId: message.id, name: part.name, files: paths });
    }
  }
  const { id, role, at } = message;
  return { messageId: id, role, at, text: texts.filter(Boolean).join('\n'), tools, files, pointer };
}

function sessionNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'list', directory);
  }
}
