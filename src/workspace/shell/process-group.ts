// Ends a command with all it started. A shell's children stay in its process group, or at least in its session when
// they made groups of their own; only what left the session on purpose (a daemon) is left alone.

import { setTimeout as sleep } from 'node:timers/promises';
import { processTable } from './process-table.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
/** How long each has to work before the next, harder one. */
const PATIENCE_MS: Readonly<Record<(typeof SIGNALS)[number], number>> = { SIGINT: 1500, SIGTERM: 1500, SIGKILL: 500 };
const POLL_MS_MIN = 10;
const POLL_MS_MAX = 160;
/** A shell that ended at SIGINT leaves children that ignore it by rule, its background jobs: no use in waiting long. */
const ORPHANS_PATIENCE_MS = 100;

/** What is to end. */
export interface Ending {
  /** The shell's; and of its group and session, where it leads one. */
  pid: number;
  /** It was started as the leader of a group and session of its own. */
  isLeader: boolean;
  /** The shell itself has ended. */
  hasExited(): boolean;
}

/** Asks politely, then insists. Resolves when all are gone, or could not be ended by any means. */
export async function endProcesses(ending: Ending): Promise<void> {
  if (process.platform === 'win32') return endTree(ending.pid);
  for (const signal of SIGNALS) {
    const targets = await targetsOf(ending);
    for (const target of targets) send(target, signal);
    let pollMs = POLL_MS_MIN;
    for (let waitedMs = 0; waitedMs < PATIENCE_MS[signal]; waitedMs += pollMs) {
      pollMs = Math.min(POLL_MS_MAX, pollMs * 2);
      await sleep(pollMs);
      if ((await targetsOf(ending)).length === 0) return;
      if (signal === 'SIGINT' && ending.hasExited() && waitedMs >= ORPHANS_PATIENCE_MS) break;
    }
  }
}

/** Numbers for kill(2), where a negative one means a group; only of those who are there. */
async function targetsOf({ pid, isLeader, hasExited }: Ending): Promise<number[]> {
  const table = await processTable();
  if (!isLeader) return hasExited() ? [] : [pid, ...descendants(pid, table ?? [])];
  // Without a table: zombies count as there, until somebody takes note of their end.
  if (table === null) return send(-pid, 0) ? [-pid] : [];
  return [...new Set(table.filter(({ session }) => session === pid).map(({ group }) => -group))];
}

function descendants(pid: number, table: readonly { pid: number; parent: number }[]): number[] {
  const children = Map.groupBy(table, ({ parent }) => parent);
  const found = [pid];
  for (let i = 0; i < found.length; i++) found.push(...(children.get(found[i]!) ?? []).map((child) => child.pid));
  return found.slice(1);
}

/** False when there is nobody to receive it. */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Gone; or another user's now (sudo): there, and not ours to end.
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}

async function endTree(pid: number): Promise<void> {
  const { spawn } = await import('node:child_process');
  const killer = spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
  await new Promise((resolve) => killer.once('close', resolve).once('error', resolve));
}
