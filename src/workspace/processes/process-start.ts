// Starts a command that outlives this process and its terminal. Answers when it has its number and is about to begin.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { isoTime } from '../../core/clock.ts';
import { keptEnvironment } from '../../core/environment.ts';
import { SessionError } from '../../core/errors.ts';
import type { BackgroundProcess } from '../../core/record.ts';
import type { RedactionChoices } from '../secrets/machine-redactor.ts';
import type { ProcessFiles } from './process-files.ts';
import { thisMachine } from './process-identity.ts';
import { processFromFiles } from './process-observe.ts';
import { START } from './start-script.ts';
import { supervisorScript } from './supervisor-script.ts';

export interface StartRequest {
  command: string;
  /** The command as it may be written down, without the secrets in it; the command itself when absent. */
  recordedCommand?: string;
  /** Program and options before the command line; by default `$SHELL -c`, else `/bin/sh -c`. */
  shell?: readonly string[];
  /** Absolute. */
  workingDirectory: string;
  /** Handed to the command as it is; of it only what may be kept is written down. */
  environment: Readonly<Record<string, string | undefined>>;
  redaction?: RedactionChoices | undefined;
}

/** `taken` are ids that are never used again. Throws PROCESS_FAILED, NOT_SUPPORTED where there are no FIFOs. */
export async function startProcess(
  files: ProcessFiles,
  request: StartRequest,
  taken: readonly string[],
  nowMs: number,
): Promise<BackgroundProcess> {
  const { command, workingDirectory, redaction } = request;
  const environment = { ...request.environment, PWD: workingDirectory };
  const machine = thisMachine();
  if (!machine) throw notSupported();
  if (!statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory()) {
    throw failed(command, `there is no folder ${workingDirectory}`);
  }
  files.make();
  const kept = keptEnvironment(environment);
  const startedAt = isoTime(nowMs);
  const recorded = request.recordedCommand ?? command;
  const start = { command: recorded, workingDirectory, environment: kept, startedAt, machine, redaction };
  const { id } = files.reserve(taken, start);
  const shell = request.shell ?? [request.environment['SHELL'] || '/bin/sh', '-c'];
  const words = [files.folder, id, process.execPath, supervisorScript(), ...shell, command];
  const child = spawn('/bin/sh', ['-c', START, 'roo', ...words], {
    cwd: workingDirectory,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaint = await complaintOf(child);
  const started = complaint === null ? processFromFiles(files, id) : null;
  if (started) {
    const { reason: _reason, ...process } = started;
    // As it was started, even where it has ended since: its end is told by an event.
    return { ...process, status: 'running', exitCode: null, endedAt: null, logBytes: 0 };
  }
  if (files.pid(id) === null && child.exitCode !== null) files.remove(id); // It never became a process.
  throw failed(command, complaint ?? 'it was removed while it was started');
}

/** Null when it says that it begins. Lets go of it in either case. */
async function complaintOf(child: ChildProcess): Promise<string | null> {
  const said = { out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  try {
    await Promise.race([once(child.stdout!, 'data'), once(child, 'close')]);
  } catch (error) {
    said.err += (error as Error).message;
  }
  const isStarted = said.out.startsWith('started');
  child.stdout!.destroy();
  child.stderr!.destroy();
  child.unref();
  return isStarted ? null : said.err.trim() || 'the shell that starts it gave no answer';
}

function failed(command: string, why: string): SessionError {
  return new SessionError('PROCESS_FAILED', `cannot start in the background: ${why}`, {
    op: 'start',
    data: { command },
  });
}

function notSupported(): SessionError {
  return new SessionError('NOT_SUPPORTED', `background processes are not kept on ${process.platform}`, {
    op: 'start',
    hint: 'run it in the foreground, or roo inside WSL',
  });
}
