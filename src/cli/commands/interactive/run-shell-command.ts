// `!command`: runs it where the session is, shows what it prints as it comes. Ctrl-C ends it and not the session.

import { usage } from '../../args/parse-args.ts';
import type { Desk } from './desk.ts';

/** A command that ends in one `&`. */
const IN_BACKGROUND = /^([\s\S]*[^&\s])\s*&$/;

export async function runShellCommand(desk: Desk, command: string): Promise<void> {
  const { conversation, context } = desk;
  const { env, stdin, stdout } = context.system;
  const background = IN_BACKGROUND.exec(command)?.[1];
  if (background !== undefined) return startInBackground(desk, background);
  const { runTypedCommand } = await import('../../services/agent/typed-command.ts');
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const release = context.system.takeInterrupts(stop);
  const decoder = new TextDecoder();
  const done = runTypedCommand(conversation.log, {
    command,
    shell: env['SHELL'] || undefined,
    workingDirectory: conversation.workingDirectory,
    environment: { ...env, ...(conversation.id !== null && { ROO_SESSION: conversation.id }) },
    hasTerminal: stdin.isTTY === true,
    signal: abort.signal,
    show: (bytes) => void stdout.write(decoder.decode(bytes, { stream: true })),
    nowMs: () => context.system.nowMs(),
  });
  desk.running = { stop, done: done.catch(() => undefined) };
  try {
    const { status, exitCode, leftRunning } = await done;
    if (status === 'interrupted') desk.say('interrupted');
    else if (exitCode !== 0) desk.say(`exit code ${exitCode}`);
    if (leftRunning) desk.say('something it started still runs; begin such a command as !COMMAND & to keep its output');
  } finally {
    desk.running = null;
    release();
  }
}

/** It outlives this command line; its output is kept and `/logs` shows it. */
async function startInBackground(desk: Desk, command: string): Promise<void> {
  const world = await desk.world();
  if (!world)
    throw usage('nothing of this session is kept, so its processes could not be found again', 'run it without &');
  const { conversation, context } = desk;
  const environment = { ...context.system.env, ...(conversation.id !== null && { ROO_SESSION: conversation.id }) };
  const { id, pid } = await world.startProcess(command, conversation.workingDirectory, environment);
  desk.say(`started ${id} (process ${pid}); /logs ${id} shows what it prints`);
}
