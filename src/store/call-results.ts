// Results of tool calls. They stand as records of their own behind the message that made the call, and call ids may come
// again: some models number their calls anew in every turn.

import type { HeadRecord, LogRecord, MessageRecord, ToolEndRecord, ToolOutputRecord } from '../core/record.ts';

/** What the log holds of a call after it was made. */
export interface CallResult {
  end: ToolEndRecord | null;
  /** Output that was recorded piece by piece; the whole of it, where the end names none. */
  output: string;
}

export type CallResults = Map<string, CallResult>;

/** Takes a record of a result, met while going forwards. */
export function addResult(results: CallResults, record: LogRecord): void {
  const piece = resultIn(record);
  if (!piece) return;
  const known = results.get(piece.callId);
  results.set(piece.callId, { end: piece.end ?? known?.end ?? null, output: (known?.output ?? '') + piece.text });
}

/** Takes a record of a result, met while going backwards. */
export function addEarlierResult(results: CallResults, record: LogRecord): void {
  const piece = resultIn(record);
  if (!piece) return;
  const known = results.get(piece.callId);
  results.set(piece.callId, { end: known?.end ?? piece.end, output: piece.text + (known?.output ?? '') });
}

/** Removes and returns the results of a message's calls: what is met from here on is of earlier calls. */
export function takeResults(results: CallResults, message: MessageRecord): CallResults {
  const own: CallResults = new Map();
  for (const callId of callsOf(message)) {
    const result = results.get(callId);
    if (result) own.set(callId, result);
    results.delete(callId);
  }
  return own;
}

export function callsOf(message: MessageRecord): string[] {
  return message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.callId] : []));
}

/** Ids of the calls of the message that a head record goes to; null when they cannot be told. */
export type CallsAt = (head: HeadRecord) => string[] | null;

/**
 * While the log is read forwards: which results belong to a message, when messages of other branches with calls of the
 * same ids may stand between.
 */
export class ResultsOf {
  readonly results: CallResults = new Map();
  /** True while the branch of another message is being read. */
  isElsewhere = false;
  readonly #message: MessageRecord;
  readonly #missing: Set<string>;
  readonly #callsAt: CallsAt;
  /** Null while another branch is written whose calls cannot be told. */
  #othersCalls: Set<string> | null = new Set();

  constructor(message: MessageRecord, callsAt: CallsAt) {
    this.#message = message;
    this.#missing = new Set(callsOf(message));
    this.#callsAt = callsAt;
  }

  /** True when every call has its end. */
  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  /** Takes the record that comes next in the log. */
  add(record: LogRecord): void {
    if (record.type === 'message') {
      this.isElsewhere = true;
      for (const callId of callsOf(record as MessageRecord)) this.#othersCalls?.add(callId);
    } else if (record.type === 'head') {
      const head = record as HeadRecord;
      this.isElsewhere = head.messageId !== this.#message.id;
      const others = this.isElsewhere ? this.#callsAt(head) : [];
      this.#othersCalls = others && new Set(others);
    } else {
      const { callId } = record as Partial<ToolEndRecord>;
      if (callId === undefined || (this.#othersCalls?.has(callId) ?? true)) return;
      addResult(this.results, record);
      if (record.type === 'tool-end') this.#missing.delete(callId);
    }
  }
}

function resultIn(record: LogRecord): { callId: string; end: ToolEndRecord | null; text: string } | null {
  if (record.type === 'tool-end')
    return { callId: (record as ToolEndRecord).callId, end: record as ToolEndRecord, text: '' };
  if (record.type !== 'tool-output') return null;
  const { callId, text } = record as ToolOutputRecord;
  return { callId, end: null, text };
}
