// A session's folder of background processes of the test's own. Whatever is started in it is ended with the test.

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { BackgroundProcess } from '../../../src/core/record.ts';
import type { OutputPiece } from '../../../src/workspace/processes/output-reader.ts';
import { processFolder, ProcessFiles } from '../../../src/workspace/processes/process-files.ts';
import { ProcessKeeper } from '../../../src/workspace/processes/process-keeper.ts';
import { stopProcess } from '../../../src/workspace/processes/process-stop.ts';

export const SESSION_ID = '0aa1bb2c-0000-4000-8000-000000000001';
const WAIT_MS = 20_000;

export interface TempProcesses {
  home: string;
  folder: string;
  files: ProcessFiles;
  keeper: ProcessKeeper;
  /** By `/bin/sh` in the home's folder. */
  start(command: string, environment?: Record<string, string>): Promise<BackgroundProcess>;
}

export function tempProcesses(t: TestContext): TempProcesses {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'roo-processes-'));
  const folder = processFolder(home, SESSION_ID);
  const files = new ProcessFiles(folder);
  const keeper = new ProcessKeeper({ home, sessionId: SESSION_ID, nowMs: Date.now });
  t.after(async () => {
    await endAll(files, keeper);
    rmSync(home, { recursive: true, force: true });
  });
  return {
    home,
    folder,
    files,
    keeper,
    start: (command, environment = {}) =>
      keeper.start({
        command,
        shell: ['/bin/sh', '-c'],
        workingDirectory: home,
        environment: { PATH: process.env['PATH'], ...environment },
      }),
  };
}

async function endAll(files: ProcessFiles, keeper: ProcessKeeper): Promise<void> {
  keeper.close();
  for (const id of files.ids()) await stopProcess(files, id, 0);
  for (const pid of [...supervisors(files.folder), ...pidsThatName(files.folder)]) kill(pid);
}

/** Processes whose arguments name the folder: supervisors, and the shells that wait for commands. */
function pidsThatName(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => argumentsOf(name).includes(folder))
    .map(Number);
}

export function supervisors(folder: string): number[] {
  return pidsThatName(folder).filter((pid) => argumentsOf(String(pid))[1]?.includes('supervisor'));
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').split('\0');
  } catch {
    return []; // It has ended in this moment.
  }
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits for something to be there: any value but null, undefined, false. */
export async function until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 10) {
    const found = look();
    if (found !== null && found !== undefined && found !== false) return found;
    await wait(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The process when it has ended and all its output is in the log. */
export async function ended({ files, keeper }: TempProcesses, id: string): Promise<BackgroundProcess> {
  await until(`the end of ${id}`, () => files.end(id));
  return keeper.list().find((one) => one.id === id)!;
}

export async function textOf(pieces: AsyncIterable<OutputPiece>): Promise<string> {
  return (await bytesOf(pieces)).toString();
}

export async function bytesOf(pieces: AsyncIterable<OutputPiece>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const { bytes } of pieces) all.push(Uint8Array.from(bytes));
  return Buffer.concat(all);
}

export function numberedLines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
}
