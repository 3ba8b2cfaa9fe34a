// Runs a command line and sees it to its end: its output is passed on as it comes, and when the user interrupts or time
// is up, it ends with all it started.

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '../../core/errors.ts';
import type { StartedProcess } from '../../core/record.ts';
import { processIdentity } from '../processes/process-identity.ts';
import { openOutputPipe } from './output-pipe.ts';
import { OutputPump } from './output-pump.ts';
import { endProcesses } from './process-group.ts';

const DEFAULT_SHELL = '/bin/sh';
const SIGNAL_EXIT_CODE = 128;
/** That a process is gone may be seen before the news of its end comes. */
const EXIT_NEWS_MS = 1000;

export interface CommandOptions {
  command: string;
  /** Program that takes `-c COMMAND`. Default: /bin/sh; on Windows it is always cmd.exe. */
  shell?: string;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Default: no limit. */
  timeoutMs?: number;
  signal: AbortSignal;
  stdin: 'inherit' | 'ignore';
  /**
   * In a process group and session of its own, which ends as a whole and has no terminal. Without, the command shares
   * ours, as a command of a person at a terminal must; then only the shell itself is ended.
   */
  group: boolean;
  /** Takes stdout and stderr in the order of their arrival. The command waits until it resolves. */
  output(bytes: Uint8Array): Promise<unknown>;
  /** Takes the process as soon as it runs; its end is not seen before this resolves. */
  started?(process: StartedProcess): Promise<unknown>;
}

export interface CommandEnd {
  status: 'ok' | 'error' | 'interrupted';
  /** 128 and the signal's number for a command that a signal ended. */
  exitCode: number;
  timedOut: boolean;
  /** Something it started still runs and could still print; what it prints from now on is thrown away. */
  leftRunning: boolean;
}

/**
 * Resolves when the command has ended and its output is passed on. Throws PROCESS_FAILED when it cannot be started, and
 * what `output` and `started` throw, after ending the command.
 */
export async function runCommand(options: CommandOptions): Promise<CommandEnd> {
  const { signal, timeoutMs } = options;
  if (signal.aborted) return { status: 'interrupted', exitCode: 130, timedOut: false, leftRunning: false };
  const { child, outputs } = await started(options);
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const exited = hasExited() ? Promise.resolve() : once(child, 'exit');
  const pump = new OutputPump(outputs, options.output);

  // One ending, whoever asks for it first.
  let ending: Promise<unknown> | null = null;
  let reason: 'interrupted' | 'timeout' | null = null;
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<unknown>();
  const end = (why: typeof reason): void => {
    if (ending) return;
    reason = why;
    ending = endProcesses({ pid: child.pid!, isLeader: hasGroup(options), hasExited })
      // What nothing can end (it waits for a dead disk) is not waited for.
      .then(() => Promise.race([exited, sleep(EXIT_NEWS_MS)]));
    setEnded(ending);
  };
  const interrupt = (): void => end('interrupted');
  signal.addEventListener('abort', interrupt, { once: true });
  // Between the start and here the signal may have come.
  if (signal.aborted) interrupt();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), timeoutMs);
  try {
    const failed = pump.ended.then(() => new Promise<never>(() => {}));
    const { pid } = child;
    await Promise.race([options.started?.({ pid: pid!, identity: processIdentity(pid!) }), failed]);
    await Promise.race([exited, ended, failed]);
    // What ignored the first signal still runs; only then is anything left running.
    await ending;
    const isDrained = await Promise.race([pump.drained(), failed]);
    const exitCode = exitCodeOf(child);
    const status = reason === 'interrupted' ? 'interrupted' : reason === null && exitCode === 0 ? 'ok' : 'error';
    return { status, exitCode, timedOut: reason === 'timeout', leftRunning: !isDrained };
  } catch (error) {
    end(null);
    await ending;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
    pump.release();
    child.unref();
  }
}

interface Started {
  child: ChildProcess;
  outputs: Readable[];
}

async function started(options: CommandOptions): Promise<Started> {
  const { workingDirectory } = options;
  try {
    if (process.platform === 'win32') return await spawned(spawnInCmd(options));
    const pipe = await openOutputPipe();
    if (pipe === null) return await spawned(spawnWithSocket(options));
    try {
      const { shell = DEFAULT_SHELL, command, stdin } = options;
      const stdio: StdioOptions = [stdin, pipe.writerFd, pipe.writerFd];
      const { child } = await spawned(spawn(shell, ['-c', command], { ...spawnOptions(options), stdio }));
      return { child, outputs: [pipe.reader] };
    } catch (error) {
      pipe.reader.destroy();
      throw error;
    } finally {
      // Ours must be closed, or the output would never end.
      closeSync(pipe.writerFd);
    }
  } catch (error) {
    const words = `no command could be started in ${workingDirectory}: ${(error as Error).message}`;
    throw new SessionError('PROCESS_FAILED', words, { op: 'start', path: workingDirectory, cause: error });
  }
}

async function spawned(child: ChildProcess): Promise<Started> {
  await once(child, 'spawn');
  return { child, outputs: [child.stdout, child.stderr].filter(isReadable) };
}

function spawnInCmd(options: CommandOptions): ChildProcess {
  return spawn('cmd.exe', ['/d', '/s', '/c', `"${options.command}"`], {
    ...spawnOptions(options),
    windowsVerbatimArguments: true,
    stdio: [options.stdin, 'pipe', 'pipe'],
  });
}

/** Still one channel for both: with two, nobody can tell what came first. The first shell only joins them and is gone. */
function spawnWithSocket(options: CommandOptions): ChildProcess {
  const { command, shell = DEFAULT_SHELL, stdin } = options;
  const stdio: StdioOptions = [stdin, 'pipe', 'ignore'];
  return spawn('/bin/sh', ['-c', 'exec "$0" -c "$1" 2>&1', shell, command], { ...spawnOptions(options), stdio });
}

function spawnOptions(options: CommandOptions): SpawnOptions {
  const { workingDirectory, environment } = options;
  return { cwd: workingDirectory, env: { ...environment }, detached: hasGroup(options), windowsHide: true };
}

function hasGroup({ group }: CommandOptions): boolean {
  return group && process.platform !== 'win32';
}

function exitCodeOf({ exitCode, signalCode }: ChildProcess): number {
  return exitCode ?? SIGNAL_EXIT_CODE + (signalCode === null ? 0 : constants.signals[signalCode]);
}

function isReadable(stream: Readable | null): stream is Readable {
  return stream !== null;
}
