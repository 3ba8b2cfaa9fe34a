// What is known on this machine about a session's background processes, a few small files for each:
//
//   p1.json   what was started, written before it starts: whoever dies in between, the process is known
//   p1.pid    its number and start, written by itself before it becomes the command
//   p1.exit   its exit code, written by the shell that waits for it, whether a supervisor lives or not
//   p1.end    its end, written by a supervisor when all output up to then is in the log
//   output/   p1.fifo, which it writes to, and p1.<offset>.log, which a supervisor writes
//
// Output has a folder of its own, so that watching for changes of state is not woken by every line.

import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../../core/clock.ts';
import { SessionError, systemError } from '../../core/errors.ts';
import type { BackgroundProcess } from '../../core/record.ts';
import { assertSessionId } from '../../core/session-file-name.ts';
import type { RedactionChoices } from '../secrets/machine-redactor.ts';
import { entriesOf } from './process-identity.ts';
import type { Machine, ProcessEntry } from './process-identity.ts';

export interface StartFile extends Pick<
  BackgroundProcess,
  'id' | 'command' | 'workingDirectory' | 'environment' | 'startedAt'
> {
  machine: Machine;
  /** For the supervisor, which takes secrets out of the output and reads no settings. */
  redaction?: RedactionChoices | undefined;
}

export interface EndFile {
  /** Null where nobody saw it. */
  exitCode: number | null;
  endedAt: string | null;
  /** Why the exit code is not known. */
  reason: string | null;
}

/** The process, and the shell that waits for it and writes its exit code. */
export interface PidFile {
  command: ProcessEntry;
  waiter: ProcessEntry;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export function processFolder(home: string, sessionId: string): string {
  assertSessionId(sessionId, 'look at processes');
  return join(home, 'state', 'processes', sessionId);
}

export class ProcessFiles {
  readonly folder: string;
  readonly outputFolder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.outputFolder = join(folder, 'output');
  }

  make(): void {
    mkdirSync(this.outputFolder, { recursive: true, mode: FOLDER_MODE });
  }

  fifo(id: string): string {
    return join(this.outputFolder, `${id}.fifo`);
  }

  /** In the order in which they were started. */
  ids(): string[] {
    const numbers = namesIn(this.folder).flatMap((name) => /^p(\d+)\.json$/.exec(name)?.[1] ?? []);
    return numbers
      .map(Number)
      .toSorted((a, b) => a - b)
      .map((number) => `p${number}`);
  }

  /** Writes the first file of a process under the next free id. Two starters never get the same. */
  reserve(taken: readonly string[], start: Omit<StartFile, 'id'>): StartFile {
    const used = [...taken, ...this.ids()].map((id) => Number(/^p(\d+)$/.exec(id)?.[1] ?? 0));
    for (let number = Math.max(0, ...used) + 1; ; number++) {
      const file: StartFile = { id: `p${number}`, ...start };
      const path = this.#path(file.id, 'json');
      const whole = `${path}.${process.pid}.new`;
      writeFileSync(whole, JSON.stringify(file), { mode: FILE_MODE });
      try {
        linkSync(whole, path); // Unlike a rename it fails where the name is taken.
        return file;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw systemError(error, 'write', path);
      } finally {
        rmSync(whole);
      }
    }
  }

  /** Null when nothing of this id was started here. */
  start(id: string): StartFile | null {
    const text = this.#read(id, 'json');
    return text === null ? null : (this.#parsed(id, 'json', text) as StartFile);
  }

  /** Null as long as it has not begun. */
  pid(id: string): PidFile | null {
    const text = this.#read(id, 'pid');
    if (text === null) return null;
    const [command, waiter] = entriesOf(text);
    if (!command || !waiter) throw this.#unreadable(id, 'pid');
    return { command, waiter };
  }

  /** Null as long as it runs, and where the shell that waited for it was killed. */
  exit(id: string): { exitCode: number; endedAt: string } | null {
    const text = this.#read(id, 'exit');
    if (text === null) return null;
    if (!/^\d+\n$/.test(text)) throw this.#unreadable(id, 'exit');
    return { exitCode: Number(text), endedAt: isoTime(Math.round(statSync(this.#path(id, 'exit')).mtimeMs)) };
  }

  end(id: string): EndFile | null {
    const text = this.#read(id, 'end');
    return text === null ? null : (this.#parsed(id, 'end', text) as EndFile);
  }

  writeEnd(id: string, end: EndFile): void {
    const path = this.#path(id, 'end');
    writeFileSync(`${path}.new`, JSON.stringify(end), { mode: FILE_MODE });
    renameSync(`${path}.new`, path);
  }

  hasFifo(id: string): boolean {
    return statSync(this.fifo(id), { throwIfNoEntry: false }) !== undefined;
  }

  /** Something is left for a supervisor to do: an end to be seen, output to be read. */
  isUnfinished(id: string): boolean {
    return this.hasFifo(id) || this.#read(id, 'end') === null;
  }

  /** Forgets a process and its log. */
  remove(id: string): void {
    for (const folder of [this.outputFolder, this.folder]) {
      for (const name of namesIn(folder)) if (name.startsWith(`${id}.`)) rmSync(join(folder, name), { force: true });
    }
  }

  #path(id: string, kind: 'json' | 'pid' | 'exit' | 'end'): string {
    return join(this.folder, `${id}.${kind}`);
  }

  #read(id: string, kind: 'json' | 'pid' | 'exit' | 'end'): string | null {
    const path = this.#path(id, kind);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw systemError(error, 'read', path);
    }
  }

  #parsed(id: string, kind: 'json' | 'end', text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#unreadable(id, kind, error);
    }
  }

  #unreadable(id: string, kind: 'json' | 'pid' | 'exit' | 'end', cause?: unknown): SessionError {
    const path = this.#path(id, kind);
    return new SessionError('PROCESS_FAILED', `${path} is not what was written there`, { op: 'read', path, cause });
  }
}

/** Empty where there is no such folder: nothing was started there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'read', folder);
  }
}
