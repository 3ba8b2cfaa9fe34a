// Another process of this machine, for tests of what two of them do to one session: it says a line for everything it
// has done, and is killed in the middle of things.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Child {
  process: ChildProcess;
  /** All lines so far. */
  lines: string[];
  /** Resolves with the number of lines when there are so many; rejects when the process ends before. */
  saysLines(count: number): Promise<number>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Exit code, or null after a signal; all lines are there then. */
  ended: Promise<number | null>;
}

/** Runs `test/helpers/children/<name>.ts`; killed with the test if it is still there. */
export function startChild(t: TestContext, name: string, args: string[], wrapper: string[] = []): Child {
  const script = fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url));
  const [command, ...rest] = [...wrapper, process.execPath, script, ...args];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let complaints = '';
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  child.stderr.on('data', (text) => (complaints += String(text)));
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => child.exitCode);
  t.after(() => child.kill('SIGKILL'));
  return {
    process: child,
    lines,
    ended,
    saysLines: (count) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines.length < count) return;
          waiting.delete(look);
          resolve(lines.length);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`${name} ended after ${lines.length} lines: ${complaints}`)));
      }),
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
