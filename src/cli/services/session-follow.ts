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
    if (last && reader.sizeBytes === last.sizeBytes) return { state: last, messages: [] };
    const leaf = reader.fold().head.messageId;
    const fresh: WalkedMessage[] = [];
    if (last) {
      for (const walked of walkMessages(reader, leaf, openBase)) {
        if (walked.message.id === last.leaf) {
          if (last.waiting) fresh.push(walked);
          break;
        }
        fresh.push(walked);
      }
    }
    const shown = fresh.map((walked) => shownMessage(walked, reader.blobs, 'running')).reverse();
    const messages = shown.filter(
      (message) => !last?.waiting || message.id !== last.waiting.id || resultsOf(message) !== resultsOf(last.waiting),
    );
    const newest = shown.at(-1) ?? null;
    const waiting = newest?.parts.some(isRunning) ? newest : null;
    return { state: { sizeBytes: reader.sizeBytes, leaf, waiting }, messages };
  } finally {
    reader.close();
  }
}

function isRunning(part: ShownPart): boolean {
  return part.type === 'tool-result' && part.status === 'running';
}

function resultsOf(message: ShownMessage): string {
  return JSON.stringify(message.parts.filter((part) => part.type === 'tool-result'));
}
