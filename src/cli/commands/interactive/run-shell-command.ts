// `!command`: runs it where the session is, shows what it prints as it comes. Ctrl-C ends it and not the session.

import type { Desk } from './desk.ts';

export async function runShellCommand(desk: Desk, command: string): Promise<void> {
  const { conversation, context } = desk;
  const { env, stdin, stdout } = context.system;
  const { runTypedCommand } = await import('../../services/typed-command.ts');
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
