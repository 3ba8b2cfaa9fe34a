// New messages of a session as they are written, whichever process writes them: looks at the log's size from time to
// time, because a change made on another machine raises no event here.

import { setTimeout as wait } from 'node:timers/promises';
import type { LogReader } from '../../store/log-reader.ts';
import type { WalkedMessage } from '../../store/branch-cursor.ts';
import type { OpenBase } from '../../store/message-walk.ts';
import { walkMessages } from '../../store/message-walk.ts';
import type { ShownMessage, ShownPart } from '../types/session-types.ts';
import { shownMessage } from './session-view.ts';

const LOOK_MS = 200;

/**
 * Messages that were not there when following began, oldest first, until the signal ends it. A message with a call comes
 * again when the result is there. Each look opens the log anew: it may have been rewritten, or have gone on in a next part.
 */
export async function* followMessages(
  open: () => LogReader,
  openBase: OpenBase,
  signal: AbortSignal,
): AsyncIterable<ShownMessage> {
  let last = look(open, openBase, null).state;
  while (!signal.aborted) {
    try {
      await wait(LOOK_MS, undefined, { signal });
    } catch (error) {
      if ((error as Error).name === 'AbortError') return;
      throw error;
    }
    const { state, messages } = look(open, openBase, last);
    last = state;
    yield* messages;
  }
}

interface Followed {
  sizeBytes: number;
  generation: string;
  /** Number of the last frame: messages in later ones are new. */
  seq: number;
  leaf: string | null;
  /** The newest message while one of its calls has no end. */
  waiting: ShownMessage | null;
}

function look(
  open: () => LogReader,
  openBase: OpenBase,
  last: Followed | null,
): { state: Followed; messages: ShownMessage[] } {
  const reader = open();
  try {
    const { sizeBytes } = reader;
    const { generation } = reader.session;
    if (last?.sizeBytes === sizeBytes && last.generation === generation) return { state: last, messages: [] };
    const leaf = reader.fold().head.messageId;
    const walk = walkMessages(reader, leaf, openBase);
    const fresh = last ? freshMessages(reader, walk, last) : newestOf(walk);
    const shown = fresh.map((walked) => shownMessage(walked, reader.blobs, 'running')).reverse();
    const messages = last ? shown.filter((message) => !isAsBefore(message, last.waiting)) : [];
    const newest = shown.at(-1) ?? null;
    const waiting = newest?.parts.some(isRunning) ? newest : null;
    return { state: { sizeBytes, generation, seq: reader.lastFrame()?.frame.seq ?? -1, leaf, waiting }, messages };
  } finally {
    reader.close();
  }
}

/** At first only the newest message is looked at, because a result of it may still come. */
function newestOf(walk: Iterable<WalkedMessage>): WalkedMessage[] {
  for (const walked of walk) return [walked];
  return [];
}

/** Newest first; with the message that waits for a result. Somebody may have gone back to an older one meanwhile. */
function freshMessages(reader: LogReader, walk: Iterable<WalkedMessage>, last: Followed): WalkedMessage[] {
  const { base, generation } = reader.session;
  const fresh: WalkedMessage[] = [];
  for (const walked of walk) {
    const { id } = walked.message;
    const isBefore = generation === last.generation && walked.at.seq <= last.seq;
    const isKnown = isBefore || id === last.leaf || id === base?.messageId;
    if (!isKnown || id === last.waiting?.id) fresh.push(walked);
    if (isKnown) break;
  }
  return fresh;
}

function isAsBefore(message: ShownMessage, waiting: ShownMessage | null): boolean {
  return message.id === waiting?.id && resultsOf(message) === resultsOf(waiting);
}

function isRunning(part: ShownPart): boolean {
  return part.type === 'tool-result' && part.status === 'running';
}

function resultsOf(message: ShownMessage): string {
  return JSON.stringify(message.parts.filter((part) => part.type === 'tool-result'));
}
