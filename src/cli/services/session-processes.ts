// The background processes of a session as any command sees them: what the log recorded, held against what has become
// of it. What a command changes is recorded like every change from outside.

import { SessionError } from '../../core/errors.ts';
import { oneLine } from '../../core/message-text.ts';
import type { BackgroundProcess, NewRecord } from '../../core/record.ts';
import { PLACEHOLDER_START } from '../../core/redaction/placeholder.ts';
import type { ProcessObserved } from '../../core/restore-plan.ts';
import { ProcessKeeper } from '../../workspace/processes/process-keeper.ts';
import type { OutputRange } from '../../workspace/processes/process-keeper.ts';
import { outputLines } from '../../workspace/processes/output-lines.ts';
import type { ISessionStorage } from '../types/service-types.ts';
import type { RedactionDoor } from './RedactionDoor.ts';

/** One of `data.processes[]`. */
export interface SessionProcess {
  id: string;
  command: string;
  pid: number;
  status: BackgroundProcess['status'];
  exitCode: number | null;
  startedAt: string;
  endedAt: string | null;
  logBytes: number;
  /** Why nobody knows how it ended; null where that is known. */
  reason: string | null;
}

export interface ProcessesOptions {
  /** ROO_HOME. */
  home: string;
  nowMs: () => number;
  /** Puts secrets back that were kept out of a command, and keeps them out again; null where none are. */
  door: RedactionDoor | null;
}

/** Of the output of a process that has ended, in a plan. */
const LAST_LINES = 3;
const LAST_LINE_CHARACTERS_MAX = 200;

const WHAT_IS_SEEN: Readonly<Record<BackgroundProcess['status'], string>> = {
  running: 'it still runs',
  exited: 'it has ended',
  lost: 'nobody saw how it ended',
};

type Found = BackgroundProcess & { reason: string | null };

export class SessionProcesses {
  readonly #storage: Pick<ISessionStorage, 'details' | 'change'>;
  readonly #sessionId: string;
  readonly #keeper: ProcessKeeper;
  readonly #door: RedactionDoor | null;

  constructor(storage: Pick<ISessionStorage, 'details' | 'change'>, sessionId: string, options: ProcessesOptions) {
    this.#storage = storage;
    this.#sessionId = sessionId;
    this.#keeper = new ProcessKeeper({ ...options, sessionId });
    this.#door = options.door;
  }

  /** In the order in which they were started. Changes nothing. */
  list(): SessionProcess[] {
    return this.#found().map(shown);
  }

  /** Of those that the log knows, for the plan of a restore. */
  observed(): Promise<ProcessObserved[]> {
    const saved = this.#storage.details(this.#sessionId).fold.state.activeProcesses.filter(isProcess);
    return Promise.all(
      saved.map(async (process) => {
        const { status, exitCode, reason } = this.#keeper.observe(process);
        const isNews = status !== 'running' && process.status === 'running';
        const lastLines = isNews ? await this.#lastLines(process) : [];
        return { process, observed: { status, exitCode, reason: reason ?? WHAT_IS_SEEN[status], lastLines } };
      }),
    );
  }

  async #lastLines(process: BackgroundProcess): Promise<string[]> {
    if (!this.#keeper.hasOutput(process)) return [];
    const lines: string[] = [];
    for await (const line of outputLines(this.#keeper.output(process.id, { lastLines: LAST_LINES })))
      if (line.trim() !== '') lines.push(oneLine(line, LAST_LINE_CHARACTERS_MAX));
    return lines.slice(-LAST_LINES);
  }

  /** Ends it and all it started. Answers without a change where it does not run. Throws PROCESS_NOT_FOUND. */
  async stop(processId: string): Promise<void> {
    const found = this.#named(processId);
    if (found.status !== 'running') return;
    const { reason: _reason, ...stopped } = await this.#keeper.stop(found.id);
    await this.#record(stopped);
  }

  /** Runs its command again as a new process; stops it first where it runs. Throws PROCESS_NOT_FOUND, PROCESS_FAILED. */
  async restart(processId: string, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
    await this.stop(processId);
    const { reason: _reason, ...saved } = this.#named(processId);
    const taken = this.#found().map(({ id }) => id);
    const whole = ((await this.#door?.revealIn(saved)) ?? saved) as BackgroundProcess;
    // A secret that is not known any more is no value of a variable; the one of now is.
    const known = Object.entries(whole.environment).filter(([, value]) => !value.includes(PLACEHOLDER_START));
    const environmentNow = { ...environment, ROO_SESSION: this.#sessionId };
    const again = { ...whole, environment: Object.fromEntries(known) };
    const started = await this.#keeper.restart(again, environmentNow, taken);
    this.#keeper.close();
    await this.#record(started);
  }

  /** The lines of its output; null where none is kept on this machine. Throws PROCESS_NOT_FOUND. */
  output(processId: string, range: OutputRange): AsyncIterable<string> | null {
    const found = this.#named(processId);
    return this.#keeper.hasOutput(found) ? outputLines(this.#keeper.output(found.id, range)) : null;
  }

  /** As `output`, and what comes, until the process has ended or the signal. */
  follow(processId: string, range: OutputRange, signal: AbortSignal): AsyncIterable<string> | null {
    const found = this.#named(processId);
    return this.#keeper.hasOutput(found) ? outputLines(this.#keeper.follow(found.id, range, signal)) : null;
  }

  #found(): Found[] {
    const saved = this.#storage.details(this.#sessionId).fold.state.activeProcesses.filter(isProcess);
    const observed = saved.map((one) => ({ ...one, ...this.#keeper.observe(one) }));
    // Whoever started one may have been killed before it could record that.
    const unrecorded = this.#keeper
      .list()
      .filter(({ id, startedAt }) => !saved.some((one) => one.id === id && one.startedAt === startedAt));
    return [...observed, ...unrecorded].toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  #named(processId: string): Found {
    const found = this.#found().find(({ id }) => id === processId);
    if (found) return found;
    throw new SessionError('PROCESS_NOT_FOUND', `session ${this.#sessionId} has no background process ${processId}`, {
      op: 'look at process',
      hint: `roo session processes ${this.#sessionId} lists them`,
    });
  }

  async #record(process: BackgroundProcess): Promise<void> {
    const record: NewRecord = { type: 'process', process };
    await this.#storage.change(this.#sessionId, [record]);
  }
}

/** Another client's session may hold processes of another shape. */
function isProcess(value: Partial<BackgroundProcess> | null): value is BackgroundProcess {
  return typeof value?.id === 'string' && typeof value.startedAt === 'string' && typeof value.command === 'string';
}

function shown({ id, command, pid, status, exitCode, startedAt, endedAt, logBytes, reason }: Found): SessionProcess {
  return { id, command, pid, status, exitCode, startedAt, endedAt, logBytes, reason };
}
