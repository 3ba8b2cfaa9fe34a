// What each part of a session's world is handed: the session it writes to, and whom it tells.

import type { LiveSession } from '../LiveSession.ts';
import { SessionError } from '../../../core/errors.ts';

export interface WorldPort {
  live: LiveSession;
  /** Absolute. */
  workingDirectory: string;
  /** Says it to the person at once, and to the model with the next prompt. */
  tell(text: string): void;
  /** Tells it the model alone: the person reads it in the words of a restore plan. */
  tellModel(text: string): void;
  /** Says it to the person alone. */
  say(text: string): void;
  /** Something failed; the rest goes on. */
  fail(error: SessionError): void;
  nowMs(): number;
}

/** Nobody waits for the work; what fails of it is told. */
export function inBackground({ live, fail }: WorldPort, work: () => Promise<unknown>): void {
  work().catch((error: unknown) => {
    if (!(error instanceof SessionError)) throw error;
    // A session that was left meanwhile takes nothing any more, and whoever left it knows.
    if (!live.isClosing) fail(error);
  });
}
