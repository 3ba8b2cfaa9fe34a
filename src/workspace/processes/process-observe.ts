// What has become of a background process, from what it and its shell wrote down and what the system says now. Only
// looks. What cannot be known is said, and never guessed.

import type { BackgroundProcess } from '../../core/record.ts';
import { logBytes } from './output-log.ts';
import type { EndFile, ProcessFiles } from './process-files.ts';
import { isRunning, thisMachine } from './process-identity.ts';

/** Why an end was not seen. */
export const UNSEEN = {
  restarted: 'the machine was restarted since',
  otherNamespace: 'it was started in another container or namespace, which cannot be seen from here',
  otherMachine: 'what it wrote down is not on this machine',
  noIdentity: 'this system does not tell whether it is still that process',
  notStarted: 'it was never started',
  waiterKilled: 'it ended, and the shell that waited for it was killed before it could say how',
} as const;

export interface Observation extends Pick<BackgroundProcess, 'status' | 'exitCode' | 'endedAt' | 'logBytes'> {
  /** Why it is lost; null where all is known. */
  reason: string | null;
}

/** `saved` is taken for another one's, and only believed, where the files are of a process that started at another time. */
export function observeProcess(saved: BackgroundProcess, files: ProcessFiles): Observation {
  const isHere = files.start(saved.id)?.startedAt === saved.startedAt;
  const bytes = isHere ? logBytes(files, saved.id) : saved.logBytes;
  const seen = isHere ? endOf(files, saved.id) : null;
  if (seen) return endObservation(seen, bytes);
  if (saved.status === 'exited') return { ...fieldsOf(saved), logBytes: bytes, reason: null };
  const lost = whyLost(saved, isHere, files);
  if (lost === null) return { status: 'running', exitCode: null, endedAt: null, logBytes: bytes, reason: null };
  // Between the two looks its shell may have written down how it ended.
  const late = isHere ? endOf(files, saved.id) : null;
  return late ? endObservation(late, bytes) : endObservation(unseenEnd(lost), bytes);
}

/** Everything that stands in the files of one process, as of now; null where there is no such process. */
export function processFromFiles(files: ProcessFiles, id: string): (BackgroundProcess & Observation) | null {
  const start = files.start(id);
  if (!start) return null;
  const { machine, redaction: _redaction, ...known } = start;
  const pid = files.pid(id)?.command;
  const saved: BackgroundProcess = {
    ...known,
    pid: pid?.pid ?? 0,
    identity: pid ? { ...machine, startTicks: pid.startTicks } : null,
    status: 'running',
    exitCode: null,
    endedAt: null,
    logBytes: 0,
  };
  return { ...saved, ...observeProcess(saved, files) };
}

/** Null while it runs, or while its shell has still to say how it ended. */
function whyLost(saved: BackgroundProcess, isHere: boolean, files: ProcessFiles): string | null {
  const { pid, identity } = saved;
  const machine = thisMachine();
  if (isHere && files.pid(saved.id) === null) return UNSEEN.notStarted;
  if (!identity || !machine) return UNSEEN.noIdentity;
  if (identity.bootId !== machine.bootId) return isHere ? UNSEEN.restarted : UNSEEN.otherMachine;
  if (identity.pidNamespace !== machine.pidNamespace) return UNSEEN.otherNamespace;
  if (isRunning(pid, identity)) return null;
  const waiter = isHere ? files.pid(saved.id)?.waiter : undefined;
  if (waiter && isRunning(waiter.pid, { ...identity, startTicks: waiter.startTicks })) return null;
  return isHere ? UNSEEN.waiterKilled : UNSEEN.otherMachine;
}

/** What was written down about the end, by a supervisor or, where none lived, by the shell. */
function endOf(files: ProcessFiles, id: string): EndFile | null {
  const end = files.end(id);
  if (end) return end;
  const exit = files.exit(id);
  return exit && { ...exit, reason: null };
}

function endObservation({ exitCode, endedAt, reason }: EndFile, bytes: number): Observation {
  return { status: exitCode === null ? 'lost' : 'exited', exitCode, endedAt, logBytes: bytes, reason };
}

function unseenEnd(reason: string): EndFile {
  return { exitCode: null, endedAt: null, reason };
}

function fieldsOf({ status, exitCode, endedAt }: BackgroundProcess): Omit<Observation, 'logBytes' | 'reason'> {
  return { status, exitCode, endedAt };
}
