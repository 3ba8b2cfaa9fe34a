// `!cmd`: a command as a recorded tool call. The call is durable before it runs, its output is on disk while it comes,
// and Ctrl-C ends it and not the session.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { systemError } from '../../../core/errors.ts';
import type { ToolStatus } from '../../../core/record.ts';
import type { OutputStream } from '../../output/stream-writer.ts';
import type { Desk } from './desk.ts';

export const SHELL_TOOL = 'execute_command';
const KILL_AFTER_MS = 3000;

interface Ended {
  status: ToolStatus;
  exitCode: number;
}

export async function runShellCommand(desk: Desk, command: string): Promise<void> {
  const { conversation, context } = desk;
  const callId = conversation.newCallId();
  const input = JSON.stringify({ command });
  await conversation.append(
    { type: 'message', role: 'user', parts: [{ type: 'tool-call', callId, name: SHELL_TOOL, input }] },
    { type: 'tool-start', callId, name: SHELL_TOOL, input },
  );
  const output = conversation.live?.recordOutput(callId) ?? null;
  const startMs = context.system.nowMs();
  const { status, exitCode } = await run(desk, command, async (bytes) => void (await output?.take(bytes)));
  const durationMs = Math.max(0, Math.round(context.system.nowMs() - startMs));
  const recorded = (await output?.finish()) ?? {};
  await conversation.append({ type: 'tool-end', callId, status, ...recorded, exitCode, durationMs });
  if (status === 'interrupted') desk.say('interrupted');
  else if (exitCode !== 0) desk.say(`exit code ${exitCode}`);
}

function run(
  { conversation, context: { system } }: Desk,
  command: string,
  record: (bytes: Buffer) => Promise<void>,
): Promise<Ended> {
  const [program, ...options] = shellOf(system.env['SHELL']);
  // On a terminal the command shares our process group, as in a shell; else it gets one that can be ended as a whole.
  const isGroup = process.platform !== 'win32' && system.stdin.isTTY !== true;
  const child = spawn(program!, [...options, command], {
    cwd: conversation.workingDirectory,
    env: { ...system.env, ...(conversation.id !== null && { ROO_SESSION: conversation.id }) },
    // A script's next lines are ours, not the command's.
    stdio: [system.stdin.isTTY === true ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    detached: isGroup,
  });
  return new Promise((resolve, reject) => {
    let isInterrupted = false;
    const interrupt = (): void => {
      isInterrupted = true;
      stop(child, isGroup);
    };
    const release = system.takeInterrupts(interrupt);
    const end = (finish: () => void): void => {
      release();
      finish();
    };
    pass(child.stdout!, system.stdout, record, reject);
    pass(child.stderr!, system.stderr, record, reject);
    child.on('error', (error) => end(() => reject(systemError(error, 'run', program!))));
    child.on('close', (code, signal) => {
      const status = isInterrupted ? 'interrupted' : code === 0 ? 'ok' : 'error';
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      end(() => resolve({ status, exitCode }));
    });
  });
}

/** Shows and records. The pipe waits while a piece is recorded: a flood is bounded by the disk and not by memory. */
function pass(
  from: NodeJS.ReadableStream,
  to: OutputStream,
  record: (bytes: Buffer) => Promise<void>,
  fail: (error: unknown) => void,
): void {
  const decoder = new TextDecoder();
  from.on('data', (bytes: Buffer) => {
    from.pause();
    to.write(decoder.decode(bytes, { stream: true }));
    record(bytes).then(() => void from.resume(), fail);
  });
}

/** Asks the command, and where it has a group all it started, to end; insists after a while. */
function stop(child: ChildProcess, isGroup: boolean): void {
  const send = (signal: NodeJS.Signals): void => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    try {
      process.kill(isGroup ? -child.pid : child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  send('SIGINT');
  setTimeout(() => send('SIGKILL'), KILL_AFTER_MS).unref();
}

function shellOf(shell: string | undefined): string[] {
  return process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c'] : [shell || '/bin/sh', '-c'];
}
