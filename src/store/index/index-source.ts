// What the index asks of the logs. The index holds nothing that cannot be asked for again here.

import type { Fold } from '../../core/fold.ts';
import type { Pointer, Role } from '../../core/record.ts';

/** A log's file facts. The same size and time of modification mean that nothing changed. */
export interface LogStamp {
  /** Bytes of all parts and of the inbox together. */
  sizeBytes: number;
  /** Newest modification of any part or of the inbox; what is finer than a millisecond is cut off. */
  mtimeMs: number;
  /** Shown, never compared: reading a session must not make its row look stale. */
  accessedAtMs: number;
}

/** Reads beginning and end of a log, never its middle: the cost does not grow with the session. */
export interface LogSummary {
  stamp: LogStamp;
  /** Null when not one record could be read; then `health` is `unreadable`. */
  fold: Fold | null;
  health: 'ok' | 'torn' | 'damaged' | 'unreadable';
  encrypted: boolean;
  /** Session this file is a conflict copy of, if it is one. */
  conflictOf: string | null;
}

/** The words of one message or tool result, as they stand in the log. */
export interface IndexedText {
  /** The message, or for a tool result the call's message. Null for a result whose call is unknown. */
  messageId: string | null;
  role: Role | 'tool';
  at: string;
  text: string;
  /** Names of the tools called (a message) or of the tool that answered. */
  tools: string[];
  /** Paths that the message or the call names. */
  files: string[];
  pointer: Pointer;
}

/** A tool call whose result has not come yet: the result belongs to its message, and is found under its tool. */
export interface OpenCall {
  messageId: string;
  name: string;
  files: string[];
}

/** Place up to which a log was indexed. */
export interface TextPosition {
  generation: string;
  next: Pointer;
  /** By call id, as of `next`: without them a result read later would differ from one read in a single go. */
  calls: Record<string, OpenCall>;
}

export interface IndexSource {
  /** Ids of all sessions in the folder, conflict copies included, in no order. Reads the folder once, no file. */
  ids(): string[];
  /** Facts from `stat` alone; null when the log is gone. */
  stamp(id: string): LogStamp | null;
  /** Throws SESSION_NOT_FOUND when the log is gone; every other trouble with it is a `health`. */
  summarize(id: string): LogSummary;
  /**
   * All texts from a place on, in log order; from the beginning when the position is null or of another generation
   * (`restarted` then says that what was indexed before is to be dropped). Stops at the log's present end. Damaged
   * spans are left out. An encrypted session has no texts. Throws SESSION_NOT_FOUND when the log is gone.
   *
   * Lazy: a caller that stops after one text has cost one frame. Repeatable: from the `pointer` of a text, the same
   * words come in the same order as when that text was first read. Snippets are read again that way, so that the
   * index need not keep a place for every message.
   *
   * `position()` is the start of the frame of the text given last, and the log's end once all were given.
   */
  texts(
    id: string,
    from: TextPosition | null,
  ): { restarted: boolean; texts: Iterable<IndexedText>; position(): TextPosition };
}
