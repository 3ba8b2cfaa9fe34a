// Calls without an end as they stand now: what the log knows of them, held against what became of their processes.

import type { Fold } from '../../core/fold.ts';
import type { StartedProcess } from '../../core/record.ts';
import { isRunning } from '../../workspace/processes/process-identity.ts';

/** One of `data.openCalls[]`. */
export interface OpenCallInfo {
  callId: string;
  name: string;
  /** Its arguments in a line. */
  input: string;
  /** When it was made. */
  at: string;
  /** The process that it waited for; null where it began none, or nobody knows. */
  process: CallProcess | null;
}

export interface CallProcess {
  pid: number;
  /** Null where the system does not say who a process is. */
  isRunning: boolean | null;
}

/** In the order in which they were made. */
export function openCallsOf({ openCalls }: Pick<Fold, 'openCalls'>): OpenCallInfo[] {
  return Object.entries(openCalls).map(([callId, { name, input, at, process }]) => {
    return { callId, name, input, at, process: process ? callProcess(process) : null };
  });
}

export function callProcess({ pid, identity }: StartedProcess): CallProcess {
  return { pid, isRunning: identity && isRunning(pid, identity) };
}

/** What became of it, in words. */
export function processWords({ pid, isRunning: runs }: CallProcess): string {
  if (runs === null) return `nobody knows whether its process ${pid} still runs`;
  return runs ? `its process ${pid} still runs` : `its process ${pid} has ended`;
}
