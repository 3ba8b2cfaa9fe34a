// What the index may ask of the logs, answered from the files: facts, summaries from a log's two ends, and its words.

import type { Stats } from 'node:fs';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { SessionError, systemError } from '../core/errors.ts';
import type { Fold } from '../core/fold.ts';
import { applyRecord } from '../core/fold.ts';
import { messageText } from '../core/message-text.ts';
import type { LogRecord, MessageRecord, MetaRecord, Pointer, ToolEndRecord, ToolOutputRecord } from '../core/record.ts';
import { parseSessionFileName } from '../core/session-file-name.ts';
import { toolPaths } from '../core/tool-paths.ts';
import type { BlobStore } from './blob-store.ts';
import { DOCUMENT_PLACE, documentRecords, foldOfDocument, isOldDocument } from './format1-source.ts';
import type { Inbox } from './inbox.ts';
import { readInbox } from './inbox.ts';
import type { IndexedText, IndexSource, LogStamp, LogSummary, OpenCall, TextPosition } from './index/index-source.ts';
import { partPaths } from './log-parts.ts';
import { pointerTo } from './log-place.ts';
import { LogReader } from './log-reader.ts';
import { foldAtClose } from './log-summary.ts';
import { namesIn } from './session-files.ts';
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
    for (const name of namesIn(this.#layout.sessionsDir)) {
      const parsed = parseSessionFileName(name);
      // A session whose first file is lost is still one.
      if (parsed) ids.add(parsed.id);
    }
    return [...ids];
  }

  stamp(id: string): LogStamp | null {
    return this.#facts(id)?.stamp ?? null;
  }

  summarize(id: string): LogSummary {
    const facts = this.#facts(id);
    if (!facts) throw new SessionError('SESSION_NOT_FOUND', `session ${id} is gone`, { op: 'summarize' });
    const { stamp, isPlain } = facts;
    const path = this.#layout.logPath(id);
    const name = parseSessionFileName(basename(path));
    const known = { stamp, encrypted: false, conflictOf: name?.kind === 'conflict' ? name.of : null };
    try {
      const fold = isPlain ? foldAtClose(path) : null;
      return fold ? { ...known, fold, health: 'ok' } : { ...known, ...this.#state(id) };
    } catch (error) {
      // One session that cannot be read is a row that says so; the others are listed.
      if (!(error instanceof SessionError)) throw error;
      const encrypted = error.code === 'SESSION_ENCRYPTED';
      return { ...known, fold: null, health: encrypted ? 'ok' : 'unreadable', encrypted };
    }
  }

  /** What `stat` tells; `isPlain` for a log of one file with nothing in its inbox. */
  #facts(id: string): { stamp: LogStamp; isPlain: boolean } | null {
    const first = this.#stat(this.#layout.logPath(id));
    // Almost every session is one file; the others are looked for only where the first two are not as usual.
    const isOneFile = first !== undefined && !this.#stat(this.#layout.logPath(id, 2));
    const files = isOneFile ? [first] : partPaths(this.#layout, id).flatMap((path) => this.#stat(path) ?? []);
    if (files.length === 0) return null;
    // An entry that comes or goes moves the folder's time, so its size need not be known.
    const inbox = this.#stat(this.#layout.inboxDir(id));
    const times = [...files, ...(inbox ? [inbox] : [])].map(({ mtimeMs }) => Math.floor(mtimeMs));
    const stamp = {
      sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
      mtimeMs: Math.max(...times),
      accessedAtMs: Math.floor(files[0]!.atimeMs),
    };
    return { stamp, isPlain: isOneFile && !inbox };
  }

  texts(
    id: string,
    from: TextPosition | null,
  ): { restarted: boolean; texts: Iterable<IndexedText>; position(): TextPosition } {
    let reader: LogReader;
    try {
      reader = LogReader.open(this.#layout, id);
    } catch (error) {
      if (!isUnreadable(error) || !isOldDocument(this.#layout, id)) throw error;
      return textsOfDocument(this.#layout.logPath(id), id, from);
    }
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
            const text = textOf(reader.blobs, record, pointer, calls);
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

  #state(id: string): Pick<LogSummary, 'fold' | 'health' | 'encrypted'> {
    const inbox = readInbox(this.#layout, id);
    let reader: LogReader;
    try {
      reader = LogReader.open(this.#layout, id);
    } catch (error) {
      if (!isUnreadable(error) || !isOldDocument(this.#layout, id)) throw error;
      return { fold: foldOfDocument(this.#layout.logPath(id), id), health: 'ok', encrypted: false };
    }
    try {
      return { fold: foldWithInbox(reader, inbox), health: reader.health, encrypted: reader.cipher !== null };
    } finally {
      reader.close();
    }
  }

  #stat(path: string): Stats | undefined {
    try {
      return statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      throw systemError(error, 'look at', path);
    }
  }
}

/** No log has a generation of this name. */
const DOCUMENT_GENERATION = 'format 1';
const BEGINNING: Pointer = { part: 1, offset: 0, seq: 0 };

/**
 * The fold of a log with what waits for it on top. The inbox must have been read before the log was opened: the other
 * way round, what its holder took in between the two would be in neither.
 */
export function foldWithInbox(reader: LogReader, { entries, warnings }: Inbox): Fold {
  const fold = reader.fold();
  for (const warning of warnings) reader.warn(warning.path ?? warning.message, warning);
  if (entries.length === 0) return fold;
  const taken = new Set(fold.applied);
  const at = endOf(reader);
  for (const { records } of entries) {
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

/** The words of a document of format 1, all of them at its one place; none where they were read before. */
function textsOfDocument(path: string, id: string, from: TextPosition | null): ReturnType<IndexSource['texts']> {
  const restarted = from !== null && from.generation !== DOCUMENT_GENERATION;
  const isRead = from !== null && !restarted && from.next.offset > 0;
  let next = isRead ? from.next : DOCUMENT_PLACE;
  const texts = (function* () {
    if (isRead) return;
    const calls = new Map<string, OpenCall>();
    for (const record of documentRecords(path, id).records) {
      const text = textOf(null, record, DOCUMENT_PLACE, calls);
      if (text) yield text;
    }
    next = { part: 1, offset: 1, seq: 1 };
  })();
  return { restarted, texts, position: () => ({ generation: DOCUMENT_GENERATION, next, calls: {} }) };
}

/** The words of a record; null for one that has none. Without `blobs`, what is in the line. */
function textOf(
  blobs: BlobStore | null,
  record: LogRecord,
  pointer: Pointer,
  calls: Map<string, OpenCall>,
): IndexedText | null {
  switch (record.type) {
    case 'message':
      return textOfMessage((blobs?.unspill(record) ?? record) as MessageRecord, pointer, calls);
    case 'tool-end': {
      const end = record as ToolEndRecord;
      const call = calls.get(end.callId);
      calls.delete(end.callId);
      const text = end.blob && blobs?.has(end.blob) ? blobs.start(end.blob, INDEXED_BLOB_BYTES) : (end.output ?? '');
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

function isUnreadable(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'LOG_UNREADABLE';
}
