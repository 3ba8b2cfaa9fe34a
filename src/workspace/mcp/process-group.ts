// Ends a server with all it started. `npx` and `uvx` are not the server: they start it, and ending them alone would
// leave it behind. Every server therefore leads a process group of its own.

import { setTimeout } from 'node:timers/promises';

const POLL_MS = 20;
/** What is done, and how long it may take. A server whose input has ended should end by itself. */
const STEPS: readonly [NodeJS.Signals | null, number][] = [
  [null, 500],
  ['SIGTERM', 1500],
  ['SIGKILL', 500],
];

/** Resolves when no process of the group is left. Harmless for a group that is gone. */
export async function endGroup(groupId: number): Promise<void> {
  for (const [signal, waitMs] of STEPS) {
    if (signal !== null && !signalGroup(groupId, signal)) return;
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += POLL_MS) {
      if (!signalGroup(groupId, 0)) return;
      await setTimeout(POLL_MS);
    }
  }
}

/** False when there is no process to signal. */
function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM is how some systems answer for a group of which only the dead are left.
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
