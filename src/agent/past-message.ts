// A message of the conversation as it stands in the log, with what came of its tool calls. The log's walks give these;
// a request to a model is made of nothing else, so that one made after a restart is the same to the byte.

import type { MessageRecord, ToolEndRecord } from '../core/record.ts';

export interface PastMessage {
  message: MessageRecord;
  /** By call id; a call without a result was interrupted or is still running. */
  results: ReadonlyMap<string, PastResult>;
}

export interface PastResult {
  /** Null while the call has none. */
  end: ToolEndRecord | null;
  /** Output that was recorded piece by piece; the whole of it, where the end names none. */
  output: string;
}
