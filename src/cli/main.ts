// The process around a command line: streams, signals, exit code. Everything else is in run.ts.

import { homedir } from 'node:os';
import type { System } from './commands/context.ts';
import { VERSION } from './version.ts';

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) process.stdout.write(`${VERSION}\n`);
// No top-level await: bin/roo.cjs gets here with `require`, which cannot wait.
else void main();

async function main(): Promise<void> {
  const [{ run }, { makeServices }] = await Promise.all([import('./run.ts'), import('./services.ts')]);
  process.exitCode = await run(words, processSystem(), {
    makeServices,
    startInteractive: async (context, options) => {
      const { startInteractive } = await import('./commands/interactive/start.ts');
      await startInteractive(context, options);
    },
  });
}

function processSystem(): System {
  const abort = new AbortController();
  const handlers: (() => void)[] = [];
  process.on('SIGINT', () => {
    const handler = handlers.at(-1);
    if (handler) handler();
    // A second Ctrl-C is from somebody who does not want to wait for the first one.
    else if (abort.signal.aborted) process.exit(130);
    else abort.abort();
  });
  // Writes report their own errors; without a listener the stream would throw them a second time, at nobody.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
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
    signal: abort.signal,
    takeInterrupts(handler) {
      handlers.push(handler);
      return () => {
        handlers.splice(handlers.lastIndexOf(handler), 1);
      };
    },
  };
}
