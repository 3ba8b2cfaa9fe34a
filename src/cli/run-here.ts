// Runs a command line in this process: its streams, its folder, its Ctrl-C.

import { homedir } from 'node:os';
import type { System } from './commands/context.ts';
import { run } from './run.ts';
import { makeServices } from './services.ts';

/** Prints what the command says; never throws; answers the exit code. */
export async function runHere(words: readonly string[]): Promise<number> {
  const interrupts = listenForInterrupts();
  // Writes report their own errors; without a listener the stream would throw them a second time, at nobody.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignore);
  try {
    return await run(words, processSystem(interrupts), {
      makeServices,
      startInteractive: async (context, options) => {
        const { startInteractive } = await import('./commands/interactive/start.ts');
        await startInteractive(context, options);
      },
    });
  } finally {
    interrupts.stop();
    // Not before the last write had its answer.
    setImmediate(() => {
      for (const stream of [process.stdout, process.stderr]) stream.off('error', ignore);
    }).unref();
  }
}

interface Interrupts extends Pick<System, 'signal' | 'takeInterrupts'> {
  stop(): void;
}

function listenForInterrupts(): Interrupts {
  const abort = new AbortController();
  const handlers: (() => void)[] = [];
  const onInterrupt = (): void => {
    const handler = handlers.at(-1);
    if (handler) handler();
    // A second Ctrl-C is from somebody who does not want to wait for the first one.
    else if (abort.signal.aborted) process.exit(130);
    else abort.abort();
  };
  process.on('SIGINT', onInterrupt);
  return {
    signal: abort.signal,
    takeInterrupts(handler) {
      handlers.push(handler);
      return () => {
        handlers.splice(handlers.lastIndexOf(handler), 1);
      };
    },
    stop: () => process.off('SIGINT', onInterrupt),
  };
}

function processSystem({ signal, takeInterrupts }: Interrupts): System {
  return {
    env: process.env,
    cwd: process.cwd(),
    userFolder: homedir(),
    // Made when first asked for: making it costs as much as a whole list.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    nowMs: () => Date.now(),
    chdir(folder) {
      process.chdir(folder);
      return process.cwd();
    },
    signal,
    takeInterrupts,
  };
}

function ignore(): void {}
