// One process under a supervisor: its output goes from the FIFO through the filter to the log, and its end is written
// down when all output up to then is in the log. Everything can stop at any point and be taken up by another supervisor.

import { rmSync } from 'node:fs';
import type { ByteFilter } from './byte-filter.ts';
import { FifoReader } from './fifo-reader.ts';
import { OutputLog } from './output-log.ts';
import { isRunning, thisMachine } from './process-identity.ts';
import { UNSEEN } from './process-observe.ts';
import type { EndFile, ProcessFiles } from './process-files.ts';

/** A starter that was killed before it started anything leaves a file for a process that will never be. */
const START_TIMEOUT_MS = 60_000;
const NOTHING = new Uint8Array(0);

export class SupervisedProcess {
  readonly #files: ProcessFiles;
  readonly #id: string;
  readonly #newFilter: () => ByteFilter;
  #filter: ByteFilter | null = null;
  readonly #log: OutputLog;
  #reader: FifoReader | null = null;
  #isRead = false;
  /** What the disk had no room for. */
  #waiting: Uint8Array = NOTHING;

  /** `newFilter` is called when the process has its number: it may look at it. */
  constructor(files: ProcessFiles, id: string, newFilter: () => ByteFilter, segmentBytesMax?: number) {
    this.#files = files;
    this.#id = id;
    this.#newFilter = newFilter;
    this.#log = new OutputLog(files, id, segmentBytesMax);
  }

  /** Does what can be done now; true when nothing is left. `changed` is called when there may be more to do. */
  look(nowMs: number, changed: (error: Error | null) => void): boolean {
    if (this.#files.start(this.#id) === null) return true; // Removed.
    this.#read(changed);
    if (this.#waiting.length > 0 && !this.#write(this.#waiting)) return false;
    if (this.#reader?.drain() === 'over') this.#isRead = true;
    const end = this.#files.end(this.#id) ?? this.#newEnd(nowMs);
    if (!end || !this.#isRead) return false;
    rmSync(this.#files.fifo(this.#id), { force: true });
    return true;
  }

  close(): void {
    this.#reader?.close();
    this.#log.close();
  }

  #read(changed: (error: Error | null) => void): void {
    if (this.#reader || this.#isRead) return;
    if (!this.#files.hasFifo(this.#id)) this.#isRead = this.#files.end(this.#id) !== null;
    // Before it has its number nobody may have opened the other side, which would look like the end.
    else if (this.#files.pid(this.#id)) {
      // Before the first piece is taken, which must not wait for it.
      this.#filter = this.#newFilter();
      const ended = (error: Error | null): void => {
        this.#isRead = true;
        changed(error);
      };
      this.#reader = new FifoReader(this.#files.fifo(this.#id), (bytes) => this.#take(bytes), ended);
    }
  }

  #take(bytes: Uint8Array): void {
    this.#write(this.#filter!.push(bytes));
  }

  /** False when the disk has no room: then nothing more is taken, and the process waits until there is. */
  #write(bytes: Uint8Array): boolean {
    const written = this.#log.append(bytes);
    this.#waiting = written < bytes.length ? Uint8Array.from(bytes.subarray(written)) : NOTHING;
    if (this.#waiting.length > 0) this.#reader?.pause();
    else this.#reader?.resume();
    return this.#waiting.length === 0;
  }

  /** Null while it runs, and while its output is not yet in the log. */
  #newEnd(nowMs: number): EndFile | null {
    const end = this.#observedEnd(nowMs);
    if (!end) return null;
    // What it said between the last look and its end.
    if (this.#reader?.drain() === 'over') this.#isRead = true;
    if (this.#waiting.length > 0 || !this.#write(this.#filter?.flush() ?? NOTHING)) return null;
    this.#files.writeEnd(this.#id, end);
    if (!this.#reader) this.#isRead = true;
    return end;
  }

  #observedEnd(nowMs: number): EndFile | null {
    const exit = this.#files.exit(this.#id);
    if (exit) return { ...exit, reason: null };
    const start = this.#files.start(this.#id);
    const pid = this.#files.pid(this.#id);
    if (!start) return null;
    if (start.machine.bootId !== thisMachine()?.bootId) return unseen(UNSEEN.restarted);
    if (!pid) return nowMs - Date.parse(start.startedAt) < START_TIMEOUT_MS ? null : unseen(UNSEEN.notStarted);
    const runs = [pid.command, pid.waiter].some((one) =>
      isRunning(one.pid, { ...start.machine, startTicks: one.startTicks }),
    );
    // The waiter may have written it between the two looks.
    if (runs || this.#files.exit(this.#id)) return null;
    return unseen(UNSEEN.waiterKilled);
  }
}

function unseen(reason: string): EndFile {
  return { exitCode: null, endedAt: null, reason };
}
