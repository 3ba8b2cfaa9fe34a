// execute_command: a command line in the user's shell, to its end; or, where somebody looks after such processes, in
// the background.

import { promises as fs } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SessionError } from '../../core/errors.ts';
import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { runCommand } from '../shell/run-command.ts';
import type { CommandEnd } from '../shell/run-command.ts';
import { Refusal, answered } from './tool-answers.ts';
import { optionalBoolean, optionalCount, optionalText, requiredText, textOrEmpty } from './tool-input.ts';
import { withNearNames } from './tool-path.ts';

const TIMEOUT_SECONDS = 120;
const TIMEOUT_SECONDS_MAX = 3600;
const DEFAULT_SHELL = '/bin/sh';
/** Shells that take the syntax models write; a command in another one (fish, nu) would mostly be a mistake in it. */
const SHELLS: ReadonlySet<string> = new Set(['bash', 'zsh', 'dash', 'ksh', 'sh']);

/** Starts a command that outlives the call. */
export type StartBackground = (
  command: string,
  workingDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
) => Promise<{ id: string; pid: number }>;

export function executeCommand(startBackground?: StartBackground): Tool {
  return {
    name: 'execute_command',
    effect: 'run',
    description:
      'Runs a command line in a shell and answers what it prints, stdout and stderr together. It has no terminal and ' +
      'no standard input: use options that ask no questions. Each call begins in the working directory with a new ' +
      `shell. After timeout seconds (default ${TIMEOUT_SECONDS}) it is ended, with all it started.` +
      (startBackground ? ' For servers, watchers and other commands that do not end, set background.' : ''),
    inputSchema: {
      type: 'object',
      properties: {
        command: { type: 'string', description: 'The command line.' },
        working_directory: {
          type: 'string',
          description: 'Folder to run it in, absolute or relative to the working directory, which is the default.',
        },
        timeout: {
          type: 'integer',
          minimum: 1,
          maximum: TIMEOUT_SECONDS_MAX,
          description: `Seconds after which it is ended. Default: ${TIMEOUT_SECONDS}.`,
        },
        ...(startBackground && {
          background: {
            type: 'boolean',
            description: 'Start it, do not wait for its end, and answer its process id at once. Default: false.',
          },
        }),
      },
      required: ['command'],
      additionalProperties: false,
    },
    subject: (input) => textOrEmpty(input, 'command'),
    run: (input, call) => answered(call, () => execute(input, call, startBackground)),
  };
}

async function execute(input: ToolInput, call: ToolCall, startBackground?: StartBackground): Promise<ToolOutcome> {
  const command = requiredText(input, 'command');
  if (command.trim() === '') throw new Refusal('The argument "command" is empty.');
  if (command.includes('\0')) throw new Refusal('The argument "command" has a NUL character in it.');
  const workingDirectory = await folderOf(input, call);
  const seconds = optionalCount(input, 'timeout', TIMEOUT_SECONDS_MAX) ?? TIMEOUT_SECONDS;
  const isBackground = optionalBoolean(input, 'background');
  if (isBackground && !startBackground) throw new Refusal('Commands cannot be started in the background here.');
  const { environment } = call;
  try {
    if (isBackground && startBackground) {
      const { id, pid } = await startBackground(command, workingDirectory, environment);
      return {
        status: 'ok',
        output: `Started in the background as ${id} (pid ${pid}). read_process_output shows what it prints.`,
      };
    }
    const shell = await shellFrom(environment['SHELL']);
    const end = await runCommand({
      command,
      shell,
      workingDirectory,
      environment,
      timeoutMs: seconds * 1000,
      signal: call.signal,
      stdin: 'ignore',
      group: true,
      output: (bytes) => call.output(bytes),
      ...(call.started && { started: (process) => call.started!(process) }),
    });
    const output = endWords(end, seconds);
    return { status: end.status, exitCode: end.exitCode, ...(output !== '' && { output }) };
  } catch (error) {
    // Too long a command line, too many processes: the model may do otherwise.
    if (error instanceof SessionError && error.code === 'PROCESS_FAILED') throw new Refusal(`${error.message}.`);
    throw error;
  }
}

/** What neither the output nor the exit code tells; empty when there is nothing to add. */
function endWords({ timedOut, leftRunning }: CommandEnd, seconds: number): string {
  const words: string[] = [];
  if (timedOut) words.push(`[It was ended after ${seconds} seconds, before it was done. Give a longer timeout.]`);
  if (leftRunning) words.push('[Something it started still runs. What that prints from now on is not kept.]');
  return words.join('\n');
}

async function folderOf(input: ToolInput, { workingDirectory }: ToolCall): Promise<string> {
  const given = optionalText(input, 'working_directory');
  if (given?.includes('\0')) throw new Refusal('The argument "working_directory" has a NUL character in it.');
  const folder = resolve(workingDirectory, given ?? '');
  const stats = await withNearNames(folder, () => fs.stat(folder));
  if (!stats.isDirectory()) throw new Refusal(`${folder} is not a folder.`);
  return folder;
}

/** $SHELL may name one that is not on this machine, in a container above all; the model could do nothing about it. */
async function shellFrom(shell: string | undefined): Promise<string> {
  if (shell === undefined || !SHELLS.has(basename(shell))) return DEFAULT_SHELL;
  const isThere = await fs.access(shell, fs.constants.X_OK).then(
    () => true,
    () => false,
  );
  return isThere ? shell : DEFAULT_SHELL;
}
