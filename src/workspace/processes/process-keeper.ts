// The background processes of one session on this machine: starts them, says what has become of them, reads their
// output, ends them. Never runs a saved command unless asked to. Closing it ends nothing but its own watching.

import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { SessionError } from '../../core/errors.ts';
import type { BackgroundProcess } from '../../core/record.ts';
import type { RedactionChoices } from '../secrets/machine-redactor.ts';
import { followOutput, readOutput, startOfLastLines } from './output-reader.ts';
import type { OutputPiece } from './output-reader.ts';
import { processFolder, ProcessFiles } from './process-files.ts';
import { observeProcess, processFromFiles } from './process-observe.ts';
import type { Observation } from './process-observe.ts';
import { startProcess } from './process-start.ts';
import type { StartRequest } from './process-start.ts';
import { stopProcess } from './process-stop.ts';
import { unfinishedIn } from './supervisor.ts';
import { isSupervised } from './supervisor-lock.ts';
import { supervisorScript } from './supervisor-script.ts';

export type ObservedProcess = BackgroundProcess & { reason: string | null };

export interface KeeperOptions {
  /** ROO_HOME. */
  home: string;
  sessionId: string;
  nowMs: () => number;
  /** For what is started here; a process that is started again keeps those of before when there are none. */
  redaction?: RedactionChoices | undefined;
}

/** Where in the output to begin: its last lines, or a place in bytes; at the beginning when neither is given. */
export interface OutputRange {
  lastLines?: number | undefined;
  fromBytes?: number | undefined;
}

const GRACE_MS = 5000;
/** For what the watching of a folder misses, and where the system gives no more watchers. */
const LOOK_MS = 2000;
/** Processes that ended whose output is still kept. */
const ENDED_KEPT = 20;

interface KeeperEvents {
  ended: [BackgroundProcess];
  /** What was written down could not be read: nothing is watched any more. */
  error: [unknown];
}

/** `ended` comes once for each process that was started or watched here and ends, with its new value. */
export class ProcessKeeper extends EventEmitter<KeeperEvents> {
  readonly #files: ProcessFiles;
  readonly #nowMs: () => number;
  readonly #redaction: RedactionChoices | undefined;
  readonly #watched = new Map<string, BackgroundProcess>();
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor({ home, sessionId, nowMs, redaction }: KeeperOptions) {
    super();
    this.#files = new ProcessFiles(processFolder(home, sessionId));
    this.#nowMs = nowMs;
    this.#redaction = redaction;
  }

  /**
   * Starts a command and watches for its end. `taken` are the ids that the session's log knows. Throws PROCESS_FAILED,
   * or NOT_SUPPORTED on Windows.
   */
  async start(request: StartRequest, taken: readonly string[] = []): Promise<BackgroundProcess> {
    this.#forgetOldest();
    const started = await startProcess(this.#files, { redaction: this.#redaction, ...request }, taken, this.#nowMs());
    this.watch([started]);
    return started;
  }

  /** All that were started on this machine, as they are now. Sees to it that their output is being read. */
  list(): ObservedProcess[] {
    this.#superviseAgain();
    return this.#files.ids().flatMap((id) => processFromFiles(this.#files, id) ?? []);
  }

  /** What has become of a process that the session's log knows. */
  observe(saved: BackgroundProcess): Observation {
    return observeProcess(saved, this.#files);
  }

  /** False where it was started on another machine, or long ago: then there is no output of it. */
  hasOutput(saved: BackgroundProcess): boolean {
    return this.#files.start(saved.id)?.startedAt === saved.startedAt;
  }

  /** Tells of the end of these too; those that do not run any more are left out. */
  watch(processes: readonly BackgroundProcess[]): void {
    for (const one of processes) if (one.status === 'running') this.#watched.set(one.id, one);
    if (this.#watched.size === 0 || this.#timer) return;
    const look = (): void => {
      try {
        this.#look();
      } catch (error) {
        this.close();
        this.emit('error', error);
      }
    };
    this.#watcher = watchFolder(this.#files.folder, look);
    this.#timer = setInterval(look, LOOK_MS).unref();
    setImmediate(look);
  }

  /** Ends it and all in its group: SIGTERM, and after `graceMs` SIGKILL. Answers how it ended. Throws PROCESS_NOT_FOUND. */
  async stop(id: string, { graceMs = GRACE_MS }: { graceMs?: number } = {}): Promise<ObservedProcess> {
    this.#superviseAgain();
    this.#known(id);
    await stopProcess(this.#files, id, graceMs);
    return this.#known(id);
  }

  /**
   * Runs the command of a process again, as a new one: same directory, its saved environment over the one given. What
   * still runs is stopped first. `command` is the saved one with the secrets that were kept out of it.
   */
  async restart(
    saved: BackgroundProcess,
    environment: StartRequest['environment'],
    taken: readonly string[] = [],
    command: string = saved.command,
  ): Promise<BackgroundProcess> {
    if (this.observe(saved).status === 'running') await this.stop(saved.id);
    const { command: recordedCommand, workingDirectory } = saved;
    const ids = [...taken, saved.id];
    const redaction = this.#redaction ?? this.#files.start(saved.id)?.redaction;
    const request = { command, recordedCommand, workingDirectory, redaction };
    return this.start({ ...request, environment: { ...environment, ...saved.environment } }, ids);
  }

  /** Its output so far. Throws PROCESS_NOT_FOUND. */
  async *output(id: string, range: OutputRange = {}): AsyncGenerator<OutputPiece> {
    this.#known(id);
    this.#superviseAgain();
    yield* readOutput(this.#files, id, await this.#placeOf(id, range));
  }

  /** Its output so far and all that comes, until it has ended or the signal. Throws PROCESS_NOT_FOUND. */
  async *follow(id: string, range: OutputRange, signal: AbortSignal): AsyncGenerator<OutputPiece> {
    this.#known(id);
    this.#superviseAgain();
    const isOver = (): boolean => this.#files.end(id) !== null;
    yield* followOutput(this.#files, id, await this.#placeOf(id, range), isOver, signal);
  }

  /** Stops watching; the processes go on. */
  close(): void {
    this.#watched.clear();
    this.#stopWatching();
  }

  #known(id: string): ObservedProcess {
    const found = /^p\d+$/.test(id) ? processFromFiles(this.#files, id) : null;
    if (found) return found;
    throw new SessionError('PROCESS_NOT_FOUND', `no background process ${id} of this session on this machine`, {
      op: 'look at process',
      path: this.#files.folder,
      hint: 'roo session processes lists them',
    });
  }

  async #placeOf(id: string, { lastLines, fromBytes = 0 }: OutputRange): Promise<number> {
    return lastLines === undefined ? fromBytes : startOfLastLines(this.#files, id, lastLines);
  }

  #look(): void {
    for (const [id, saved] of this.#watched) {
      // Its end is told when the output is in the log, unless there is nobody who will see to that.
      const { reason: _reason, ...seen } = this.observe(saved);
      if (seen.status === 'running' || (seen.status === 'exited' && this.#files.end(id) === null)) continue;
      this.#watched.delete(id);
      this.emit('ended', { ...saved, ...seen });
    }
    if (this.#watched.size === 0) this.#stopWatching();
  }

  #stopWatching(): void {
    this.#watcher?.close();
    if (this.#timer) clearInterval(this.#timer);
    this.#watcher = null;
    this.#timer = null;
  }

  /** The shells that started the processes do this too, while they live. */
  #superviseAgain(): void {
    const { folder } = this.#files;
    if (unfinishedIn(this.#files).length === 0 || isSupervised(folder)) return;
    spawn(process.execPath, [supervisorScript(), folder], { detached: true, stdio: 'ignore', cwd: '/' }).unref();
  }

  #forgetOldest(): void {
    const ended = this.#files.ids().filter((id) => !this.#files.isUnfinished(id));
    for (const id of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) this.#files.remove(id);
  }
}

/** Null where the system gives no more watchers. */
function watchFolder(folder: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, changed);
    watcher.unref();
    return watcher.on('error', changed);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EMFILE' || code === 'ENOENT') return null;
    throw error;
  }
}
