// The conversation as a request is made of it: read from the log when first asked for, then kept up with what is
// appended. Both give the same, so that a request after a restart equals the one that would have been sent.

import type { Fold } from '../../../core/fold.ts';
import type { CompactionRecord, LogRecord, MessageRecord, Part, ToolEndRecord } from '../../../core/record.ts';
import type { PastMessage, PastResult } from '../../../agent/past-message.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import type { WalkedMessage } from '../../../store/branch-cursor.ts';
import { addResult } from '../../../store/call-results.ts';
import type { CallResults } from '../../../store/call-results.ts';
import type { LogReader } from '../../../store/log-reader.ts';
import type { OpenBase } from '../../../store/message-walk.ts';
import { walkMessages } from '../../../store/message-walk.ts';
import { outputEnds } from '../../../store/record-spill.ts';
import { endsText } from '../session-view.ts';

export interface HeldConversation {
  /** Of the newest compaction on the branch; null where there is none. */
  summary: string | null;
  /** Oldest first, from where the summary ends. */
  past: readonly PastMessage[];
}

/** What a session is read from. */
export interface OnDisk {
  /** Null for a session that has no file yet; closed when it was read. */
  reader: LogReader | null;
  openBase: OpenBase;
  /** Records that wait because autoSave is off. */
  waiting: readonly LogRecord[];
}

interface Held extends PastMessage {
  results: CallResults;
}

export class ConversationHistory {
  readonly #read: (() => OnDisk) | null;
  #summary: string | null = null;
  /** Null until it is read, and again after a rewind or a compaction. */
  #past: Held[] | null;

  /** Without `read` nothing is on disk: the conversation is what is taken from here on. */
  constructor(read: (() => OnDisk) | null) {
    this.#read = read;
    this.#past = read ? null : [];
  }

  get(): HeldConversation {
    if (this.#past === null) this.#load();
    return { summary: this.#summary, past: this.#past! };
  }

  /** Reads the log again when next asked: something was appended that was not told here. */
  forget(): void {
    if (this.#read) this.#past = null;
  }

  /** Takes what was appended. */
  take(records: readonly LogRecord[]): void {
    for (const record of records) this.#takeOne(record);
  }

  #takeOne(record: LogRecord): void {
    if (this.#past === null) return;
    if (record.type === 'message') {
      this.#past.push({ message: record as MessageRecord, results: new Map() });
    } else if (record.type === 'tool-output' || record.type === 'tool-end') {
      const { callId } = record as ToolEndRecord;
      const owner = this.#past.findLast(({ message }) => message.parts.some((part) => isCall(part, callId)));
      if (owner) addResult(owner.results, record);
    } else if (record.type === 'head' || record.type === 'compaction') {
      // Without a log there is nothing to read again.
      if (this.#read) this.#past = null;
      else if (record.type === 'compaction') this.#cutMemory(record as CompactionRecord);
    }
  }

  #cutMemory({ summary, messageId, firstKeptId }: CompactionRecord): void {
    const past = this.#past!;
    const from = past.findIndex(({ message }) => message.id === firstKeptId);
    const behind = past.findIndex(({ message }) => message.id === messageId) + 1;
    this.#summary = summary;
    this.#past = past.slice(from < 0 ? behind : from);
  }

  #load(): void {
    const { reader, openBase, waiting } = this.#read!();
    try {
      const { summary, past } = reader ? readConversation(reader, reader.fold(), openBase) : EMPTY;
      this.#summary = summary;
      this.#past = [...past];
    } finally {
      reader?.close();
    }
    this.take(waiting);
  }
}

const EMPTY = { summary: null, past: [] };

/** The active branch back to where its newest compaction cut it; to the root where it has none. */
export function readConversation(
  reader: LogReader,
  fold: Fold,
  openBase: OpenBase,
): { summary: string | null; past: Held[] } {
  const compactions = new Map<string, CompactionRecord>();
  for (const { messageId, at } of [...(fold.earlierCompactions ?? []), ...(fold.compaction ? [fold.compaction] : [])]) {
    const frame = reader.findFrame(at);
    const record = frame && reader.records(frame).findLast((each) => isCompactionAt(each, messageId));
    if (record) compactions.set(messageId, reader.blobs.unspill(record) as CompactionRecord);
  }
  const newestFirst: Held[] = [];
  let cut: CompactionRecord | null = null;
  for (const walked of walkMessages(reader, fold.head.messageId, openBase)) {
    const { id } = walked.message;
    if (!cut) {
      cut = compactions.get(id) ?? null;
      // Nothing of what the summary stands for is kept.
      if (cut?.firstKeptId === null) break;
    }
    newestFirst.push(heldMessage(walked, reader.blobs));
    if (cut && id === cut.firstKeptId) break;
  }
  return { summary: cut?.summary ?? null, past: newestFirst.toReversed() };
}

function heldMessage({ message, results }: WalkedMessage, blobs: BlobStore): Held {
  const whole = blobs.unspill(message) as MessageRecord;
  const held: CallResults = new Map();
  for (const [callId, result] of results) held.set(callId, withParts(result, blobs));
  // What a call that was cut short had written into a file of its own.
  for (const part of whole.parts) {
    if (part.type !== 'tool-call' || held.get(part.callId)?.end) continue;
    const partial = blobs.partial(part.callId);
    if (partial) held.set(part.callId, { end: null, output: endsText(outputEnds(partial)) });
  }
  return { message: { ...whole, parts: whole.parts.map((part) => withData(part, blobs)) }, results: held };
}

function withParts(result: PastResult, blobs: BlobStore): PastResult {
  if (!result.end) return result;
  const end = blobs.unspill(result.end) as ToolEndRecord;
  return { ...result, end: { ...end, ...(end.parts && { parts: end.parts.map((part) => withData(part, blobs)) }) } };
}

/** An image whose bytes are a file of their own, with its bytes. One whose file is gone stays without. */
function withData(part: Part, blobs: BlobStore): Part {
  if (part.type !== 'image' || part.data !== undefined || !part.blob || !blobs.has(part.blob)) return part;
  return { ...part, data: blobs.read(part.blob).toString('base64') };
}

function isCompactionAt(record: LogRecord, messageId: string): boolean {
  return record.type === 'compaction' && (record as CompactionRecord).messageId === messageId;
}

function isCall(part: Part, callId: string): boolean {
  return part.type === 'tool-call' && part.callId === callId;
}
