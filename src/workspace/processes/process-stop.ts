// Ends a process and all that it started in its group: asks, waits, insists.

import { setTimeout as wait } from 'node:timers/promises';
import { SessionError } from '../../core/errors.ts';
import type { ProcessFiles } from './process-files.ts';
import { isRunning } from './process-identity.ts';

const LOOK_MS = 20;
/** How long the kernel may take to end what was killed, and its shell to write that down. */
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
  const send = (signal: NodeJS.Signals | 0): boolean => sendToGroup(command.groupId, signal, id);
  send('SIGTERM');
  await until(() => !send(0), graceMs);
  if (send(0)) send('SIGKILL');
  await until(() => !runs(), END_MS);
  if (runs()) throw failed(id, 'it does not end');
  await until(() => files.exit(id) !== null || !isRunning(pid.waiter.pid, identityOfWaiter()), END_MS);

  function identityOfWaiter(): Parameters<typeof isRunning>[1] {
    return { ...start!.machine, startTicks: pid!.waiter.startTicks };
  }
}

/** False when nobody is left in the group. */
function sendToGroup(groupId: number, signal: NodeJS.Signals | 0, id: string): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw failed(id, (error as Error).message, error);
  }
}

async function until(isSo: () => boolean, timeoutMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < timeoutMs && !isSo(); waitedMs += LOOK_MS) await wait(LOOK_MS);
}

function failed(id: string, why: string, cause?: unknown): SessionError {
  return new SessionError('PROCESS_FAILED', `cannot stop ${id}: ${why}`, { op: 'stop', cause });
}
