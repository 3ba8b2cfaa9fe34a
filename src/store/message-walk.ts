// From a leaf back to the root: the messages of one branch, newest first, each with the results of its calls. Follows
// `head` records over what lies between branches, and a fork into the log that holds its past.

import type { HeadRecord, LogRecord, MessageRecord, Pointer, ToolEndRecord, ToolOutputRecord } from '../core/record.ts';
import { SessionError } from '../core/errors.ts';
import type { PlacedFrame } from './log-place.ts';
import { pointerTo } from './log-place.ts';
import type { LogReader } from './log-reader.ts';

/** What the log holds of a call after it was made. */
export interface CallResult {
  end: ToolEndRecord | null;
  /** Output that was recorded piece by piece; the whole of it, where the end names none. */
  output: string;
}

export interface WalkedMessage {
  message: MessageRecord;
  at: Pointer;
  results: Map<string, CallResult>;
}

/** Bytes of log that are looked through, behind a message that was jumped to, for the results of its calls. */
const RESULTS_BYTES_MAX = 4 * 1024 * 1024;

/** Opens the log that a fork's past is in; the walk closes what it opened. */
export type OpenBase = (sessionId: string) => LogReader;

/** Messages from a leaf to the root. Reads as far as the caller takes messages. Null leaf: none. */
export function* walkMessages(reader: LogReader, leaf: string | null, openBase: OpenBase): Generator<WalkedMessage> {
  if (leaf === null) return;
  if (reader.session.base?.messageId === leaf) yield* walkBase(reader, leaf, openBase);
  else yield* walkFrom(reader, reader.lastFrame(), leaf, new Map(), openBase);
}

function* walkFrom(
  reader: LogReader,
  from: PlacedFrame | null,
  leaf: string,
  results: Map<string, CallResult>,
  openBase: OpenBase,
): Generator<WalkedMessage> {
  const base = reader.session.base?.messageId;
  let wanted = leaf;
  let start: PlacedFrame | null | undefined = from;
  while (start !== undefined) {
    let jump: Pointer | null = null;
    let afterGap = false;
    for (const item of reader.backwards(start)) {
      if ('damage' in item) {
        afterGap = true;
        continue;
      }
      for (const record of reader.records(item).toReversed()) {
        collectResult(results, record);
        if (record.type === 'head') jump = jumpOf(record as HeadRecord, wanted, item);
        if (jump) break;
        // Behind damage the parent may be among what is lost: the newest message before it is the nearest known.
        if (record.type !== 'message' || (record.id !== wanted && !afterGap)) continue;
        afterGap = false;
        const message = record as MessageRecord;
        yield { message, at: pointerTo(item), results: takeResults(results, message) };
        if (message.parentId === null) return;
        wanted = message.parentId;
      }
      if (jump || wanted === base) break;
    }
    start = undefined;
    if (wanted === base) yield* walkBase(reader, wanted, openBase);
    else if (jump) {
      start = reader.frameAt(jump);
      collectBehind(reader, start, wanted, results);
    }
  }
}

/** Where to go on, if a head record says that the branch continues in an earlier frame. */
function jumpOf(head: HeadRecord, wanted: string, item: PlacedFrame): Pointer | null {
  return head.messageId === wanted && head.pointer !== null && head.pointer.seq < item.frame.seq ? head.pointer : null;
}

function* walkBase(reader: LogReader, messageId: string, openBase: OpenBase): Generator<WalkedMessage> {
  const base = reader.session.base!;
  const past = openBase(base.sessionId);
  try {
    // A base that was rewritten since has its frames elsewhere.
    const pointer = past.session.generation === base.generation ? base.at : findMessage(past, messageId);
    if (!pointer) {
      throw new SessionError(
        'BASE_MISSING',
        `session ${base.sessionId} no longer holds what session ${reader.id} was forked from`,
        {
          op: 'read',
          path: past.path,
          hint: `roo session verify ${base.sessionId}`,
        },
      );
    }
    const placed = past.frameAt(pointer);
    const results = new Map<string, CallResult>();
    collectBehind(past, placed, messageId, results);
    yield* walkFrom(past, placed, messageId, results, openBase);
  } finally {
    past.close();
  }
}

/** Results of a message's calls stand behind it; looks there until all are found or the branch goes on. */
function collectBehind(
  reader: LogReader,
  from: PlacedFrame,
  messageId: string,
  results: Map<string, CallResult>,
): void {
  let readBytes = 0;
  for (const item of reader.forwards(pointerTo(from))) {
    if ('damage' in item) continue;
    readBytes += item.frame.frameBytes;
    for (const record of reader.records(item)) {
      if (record.type === 'message' && (record as MessageRecord).parentId === messageId) return;
      addResult(results, record);
    }
    if (readBytes > RESULTS_BYTES_MAX) return;
  }
}

/** Takes a record of a result, met while going backwards. */
function collectResult(results: Map<string, CallResult>, record: LogRecord): void {
  if (record.type === 'tool-end') {
    const end = record as ToolEndRecord;
    const known = results.get(end.callId);
    if (!known?.end) results.set(end.callId, { end, output: known?.output ?? '' });
  } else if (record.type === 'tool-output') {
    const { callId, text } = record as ToolOutputRecord;
    const known = results.get(callId);
    results.set(callId, { end: known?.end ?? null, output: text + (known?.output ?? '') });
  }
}

/** Takes a record of a result, met while going forwards. */
export function addResult(results: Map<string, CallResult>, record: LogRecord): void {
  if (record.type === 'tool-end') {
    const end = record as ToolEndRecord;
    results.set(end.callId, { end, output: results.get(end.callId)?.output ?? '' });
  } else if (record.type === 'tool-output') {
    const { callId, text } = record as ToolOutputRecord;
    const known = results.get(callId);
    results.set(callId, { end: known?.end ?? null, output: (known?.output ?? '') + text });
  }
}

function takeResults(results: Map<string, CallResult>, message: MessageRecord): Map<string, CallResult> {
  const own = new Map<string, CallResult>();
  for (const part of message.parts) {
    if (part.type !== 'tool-call') continue;
    const result = results.get(part.callId);
    if (result) own.set(part.callId, result);
    results.delete(part.callId);
  }
  return own;
}

/** The frame of a message on any branch, searched from the end; null when the log does not hold it. */
export function findMessage(reader: LogReader, messageId: string): Pointer | null {
  for (const item of reader.backwards()) {
    if ('damage' in item) continue;
    for (const record of reader.records(item)) {
      if (record.type === 'message' && record.id === messageId) return pointerTo(item);
    }
  }
  const { base } = reader.session;
  return base?.messageId === messageId ? base.at : null;
}
