// What the index may ask of the logs, answered from the files: facts, summaries from a log's two ends, and its words.

import { readdirSync, statSync } from 'node:fs';
import { SessionError, systemError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord } from '../core/fold.ts';
import { messageText } from '../core/message-text.ts';
import type { LogRecord, MessageRecord, MetaRecord, Pointer, ToolEndRecord } from '../core/record.ts';
import { parseSessionFileName } from '../core/session-file-name.ts';
import { toolPaths } from '../core/tool-paths.ts';
import { inboxNames, readInbox } from './inbox.ts';
import type { IndexedText, IndexSource, LogStamp, LogSummary, TextPosition } from './index/index-source.ts';
import { LogReader, pointerTo } from './log-reader.ts';
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
    let sizeBytes = 0;
    let mtimeMs = 0;
    for (let part = 1; ; part++) {
      const stat = statSync(this.#layout.logPath(id, part), { throwIfNoEntry: false });
      if (!stat) break;
      sizeBytes += stat.size;
      mtimeMs = Math.max(mtimeMs, Math.floor(stat.mtimeMs));
    }
    if (sizeBytes === 0 && mtimeMs === 0) return null;
    const inbox = statSync(this.#layout.inboxDir(id), { throwIfNoEntry: false });
    return inbox
      ? { sizeBytes: sizeBytes + 1, mtimeMs: Math.max(mtimeMs, Math.floor(inbox.mtimeMs)) }
      : { sizeBytes, mtimeMs };
  }

  summarize(id: string): LogSummary {
    const stamp = this.stamp(id);
    if (!stamp) throw new SessionError('SESSION_NOT_FOUND', `session ${id} is gone`, { op: 'summarize' });
    const stat = statSync(this.#layout.logPath(id));
    const name = parseSessionFileName(this.#layout.logPath(id).slice(this.#layout.sessionsDir.length + 1));
    const facts = {
      stamp,
      encrypted: false,
      lastAccessedAtMs: stat.atimeMs,
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
    let next: Pointer = start ?? { part: 1, offset: 0, seq: 0 };
    const texts = (function* () {
      const calls = new Map<string, Call>();
      try {
        if (start && isAtEnd(reader, start)) return;
        for (const item of reader.forwards(start)) {
          if ('damage' in item) continue;
          const pointer = pointerTo(item);
          for (const record of reader.records(item)) {
            const text = textOf(reader, record, pointer, calls);
            if (text) yield text;
          }
          next = { part: item.part, offset: item.frame.offset + item.frame.frameBytes, seq: item.frame.seq + 1 };
        }
      } finally {
        reader.close();
      }
    })();
    return { restarted, texts, position: () => ({ generation, next }) };
  }

  textAt(id: string, pointer: Pointer, messageId: string | null, role: IndexedText['role']): IndexedText | null {
    const reader = LogReader.open(this.#layout, id);
    try {
      const calls = new Map<string, Call>();
      for (const record of reader.records(reader.frameAt(pointer))) {
        const text = textOf(reader, record, pointer, calls);
        if (text && text.role === role && text.messageId === messageId) return text;
      }
      return null;
    } catch (error) {
      if (error instanceof SessionError && error.code === 'LOG_DAMAGED') return null;
      throw error;
    } finally {
      reader.close();
    }
  }
}

interface Call {
  messageId: string;
  name: string;
  files: string[];
}

/** The fold of a log with what waits in its inbox on top. */
export function foldWithInbox(layout: StoreLayout, reader: LogReader): Fold {
  const fold = reader.fold();
  if (inboxNames(layout.inboxDir(reader.id)).length === 0) return fold;
  const taken = new Set(fold.applied);
  const at = { part: reader.parts, offset: reader.tail().endBytes, seq: (reader.lastFrame()?.frame.seq ?? -1) + 1 };
  for (const { records } of readInbox(layout, reader.id).entries) {
    for (const record of records) if (!taken.has(record.id)) applyRecord(fold, record, at);
  }
  return fold;
}

function isAtEnd(reader: LogReader, at: Pointer): boolean {
  return at.part === reader.parts && at.offset >= reader.tail().endBytes;
}

/** The words of a record; null for one that has none. */
function textOf(reader: LogReader, record: LogRecord, pointer: Pointer, calls: Map<string, Call>): IndexedText | null {
  switch (record.type) {
    case 'message':
      return textOfMessage(reader.blobs.unspill(record) as MessageRecord, pointer, calls);
    case 'tool-end': {
      const end = record as ToolEndRecord;
      const call = calls.get(end.callId);
      const text =
        end.blob && reader.blobs.has(end.blob) ? reader.blobs.start(end.blob, INDEXED_BLOB_BYTES) : (end.output ?? '');
      if (text === '') return null;
      const { messageId = null, name, files = [] } = call ?? {};
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

function textOfMessage(message: MessageRecord, pointer: Pointer, calls: Map<string, Call>): IndexedText {
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
