// Ends a process and all that it started in its group: asks, waits, insists.

import { setTimeout as wait } from 'node:timers/promises';
import { SessionError } from '../../core/errors.ts';
import type { ProcessFiles } from './process-files.ts';
import { isGroupRunning, isRunning } from './process-identity.ts';

const LOOK_MS = 20;
/** How long the kernel may take to end what was killed, and a supervisor to see to its last output. */
const END_MS = 5000;

/** Does nothing where it has ended. Throws PROCESS_FAILED where it cannot be ended. */
export async function stopProcess(files: ProcessFiles, id: string, graceMs: number): Promise<void> {
  const start = files.start(id);
  const pid = files.pid(id);
  if (!start || !pid || files.exit(id)) return;
  const { command } = pid;
  const runs = (): boolean => isRunning(command.pid, { ...start.machine, startTicks: command.startTicks });
  if (!runs()) return;
  // As long as one member lives the group's number is not given to anybody else.
  const { groupId } = command;
  send(groupId, 'SIGTERM', id);
  await until(() => !isGroupRunning(groupId), graceMs);
  if (isGroupRunning(groupId)) send(groupId, 'SIGKILL', id);
  await until(() => !runs(), END_MS);
  if (runs()) throw failed(id, 'it does not end');
  const { waiter } = pid;
  const isWaiting = (): boolean => isRunning(waiter.pid, { ...start.machine, startTicks: waiter.startTicks });
  await until(() => files.end(id) !== null || !isWaiting(), END_MS);
}

function send(groupId: number, signal: NodeJS.Signals, id: string): void {
  // To the kernel 0 is our own group, and 1 would be every process there is.
  if (!(groupId > 1)) throw failed(id, `it is in no group that may be ended: ${groupId}`);
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    // ESRCH: all of them ended by themselves.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw failed(id, (error as Error).message, error);
  }
}

async function until(isSo: () => boolean, timeoutMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < timeoutMs && !isSo(); waitedMs += LOOK_MS) await wait(LOOK_MS);
}

function failed(id: string, why: string, cause?: unknown): SessionError {
  return new SessionError('PROCESS_FAILED', `cannot stop ${id}: ${why}`, { op: 'stop', cause });
}
