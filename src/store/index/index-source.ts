// What the index asks of the logs. The index holds nothing that cannot be asked for again here.

import type { Fold } from '../../core/fold.ts';
import type { Pointer, Role } from '../../core/record.ts';

/** A log's file facts; the same numbers mean that nothing changed. */
export interface LogStamp {
  /** Bytes of all parts and of the inbox together. */
  sizeBytes: number;
  /** Newest modification of any part, nanoseconds are cut off. */
  mtimeMs: number;
}

/** Reads beginning and end of a log, never its middle: the cost does not grow with the session. */
export interface LogSummary {
  stamp: LogStamp;
  /** Null when not one record could be read; then `health` is `unreadable`. */
  fold: Fold | null;
  health: 'ok' | 'torn' | 'damaged' | 'unreadable';
  encrypted: boolean;
  lastAccessedAtMs: number;
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

/** Place up to which a log was indexed. */
export interface TextPosition {
  generation: string;
  next: Pointer;
}

export interface IndexSource {
  /** Ids of all sessions in the folder, conflict copies included, in no order. Reads the folder once, no file. */
  ids(): string[];
  /** Facts from `stat` alone; null when the log is gone. */
  stamp(id: string): LogStamp | null;
  summarize(id: string): LogSummary;
  /**
   * All texts from a place on, in log order; from the beginning when the position is null or of another generation
   * (`restarted` then says that what was indexed before is to be dropped). Stops at the log's present end, and says in
   * `position` where that is. Damaged spans are left out.
   *
   * Lazy: a caller that stops after one text has cost one frame. Repeatable: from the `pointer` of a text, the same
   * texts come in the same order as when that text was first read. Snippets are read again that way, so that the
   * index need not keep a place for every message. An encrypted session has no texts.
   */
  texts(
    id: string,
    from: TextPosition | null,
  ): { restarted: boolean; texts: Iterable<IndexedText>; position(): TextPosition };
}
