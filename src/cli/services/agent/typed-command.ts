// A command that a person typed: recorded as a call before it runs, its output on disk while it comes.

import { randomUUID } from 'node:crypto';
import type { NewRecord } from '../../../core/record.ts';
import type { OutputPort } from '../../../agent/turn.ts';
import { runCommand } from '../../../workspace/shell/run-command.ts';
import type { CommandEnd } from '../../../workspace/shell/run-command.ts';

/** The tool that a typed command is a call of; the model's tool of that name does the same. */
export const SHELL_TOOL = 'execute_command';

export interface CommandLog {
  append(...records: NewRecord[]): Promise<unknown>;
  recordOutput(callId: string): OutputPort;
}

export interface TypedCommand {
  command: string;
  shell: string | undefined;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** The command has the person's terminal, and shares it with us. */
  hasTerminal: boolean;
  signal: AbortSignal;
  show(bytes: Uint8Array): void;
  nowMs(): number;
}

/** Resolves when the command has ended and its end is recorded. */
export async function runTypedCommand(log: CommandLog, typed: TypedCommand): Promise<CommandEnd> {
  const { command, shell, workingDirectory, environment, hasTerminal, signal, show, nowMs } = typed;
  const callId = `call_${randomUUID()}`;
  const input = JSON.stringify({ command });
  const start = { type: 'tool-start', callId, name: SHELL_TOOL, input } as const;
  await log.append(
    { type: 'message', role: 'user', parts: [{ type: 'tool-call', callId, name: SHELL_TOOL, input }] },
    start,
  );
  const output = log.recordOutput(callId);
  const startMs = nowMs();
  const ended = await runCommand({
    command,
    ...(shell !== undefined && { shell }),
    workingDirectory,
    environment,
    signal,
    // A script's next lines are ours, not the command's.
    stdin: hasTerminal ? 'inherit' : 'ignore',
    // On a terminal the command shares our process group, as in a shell; else it has one that ends as a whole.
    group: !hasTerminal,
    started: (process) => log.append({ ...start, process }),
    output(bytes) {
      show(bytes);
      return output.take(Buffer.from(bytes));
    },
  });
  const durationMs = Math.max(0, Math.round(nowMs() - startMs));
  const { status, exitCode } = ended;
  await log.append({ type: 'tool-end', callId, status, ...(await output.finish()), exitCode, durationMs });
  return ended;
}
