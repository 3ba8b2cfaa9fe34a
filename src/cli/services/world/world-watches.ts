// The watched paths of a session that is worked in. What others change is recorded, told to the person as it happens
// and to the model once, with its next prompt; what the session's own tools did is told as theirs or not at all.

import { relative, resolve } from 'node:path';
import { SessionError } from '../../../core/errors.ts';
import type { FileChange, LogRecord, NewRecord, ToolStartRecord } from '../../../core/record.ts';
import { toolPaths } from '../../../core/tool-paths.ts';
import { SHELL_TOOL } from '../agent/typed-command.ts';
import { summarised } from '../../../workspace/watchers/change-collector.ts';
import type { Batch } from '../../../workspace/watchers/change-collector.ts';
import { describeChanges } from '../../../workspace/watchers/describe-changes.ts';
import type { ChangeCause } from '../../../workspace/watchers/describe-changes.ts';
import type { Watchers } from '../../../workspace/watchers/watchers.ts';
import { inBackground } from './world-part.ts';
import type { WorldPort } from './world-part.ts';

/** For so long after a call the changes that it made may still come in. */
const ECHO_MS = 1500;

export class WorldWatches {
  readonly #port: WorldPort;
  #watchers: Watchers | null = null;
  /** Paths that open calls name, by call. */
  readonly #open = new Map<string, readonly string[]>();
  /** When a call that named the file ended. */
  readonly #written = new Map<string, number>();
  readonly #commands = new Set<string>();
  #commandEndedAtMs = -Infinity;
  /** Not told to the model yet. */
  readonly #untold = new Map<ChangeCause, FileChange[]>();

  constructor(port: WorldPort) {
    this.#port = port;
  }

  /** Begins to watch, and answers what to say of it. Throws STORE_UNREADABLE. */
  async arm(path: string): Promise<string> {
    const { state, reason, path: absolute } = await (await this.#made()).add(path);
    if (state === 'failed')
      throw new SessionError('STORE_UNREADABLE', `cannot watch ${path}: ${reason}`, { op: 'watch', path: absolute });
    return state === 'waiting' ? `${path} is not there; it is watched when it comes` : `watching ${path}`;
  }

  /** The same, for good: a session that is left and comes back watches it again. */
  async watch(path: string): Promise<string> {
    try {
      return await this.arm(path);
    } finally {
      await this.#record();
    }
  }

  /** False where the path is not watched. */
  async unwatch(path: string): Promise<boolean> {
    const removed = await (await this.#made()).remove(path);
    await this.#record();
    return removed;
  }

  list(): string[] {
    return this.#watchers?.list().map(({ path }) => this.#shown(path)) ?? [];
  }

  get isWatching(): boolean {
    return this.#watchers !== null;
  }

  /** Takes note of what the session's own calls do. */
  heed(record: LogRecord): void {
    const { workingDirectory, nowMs } = this.#port;
    if (record.type === 'tool-start') {
      const { callId, name, input } = record as ToolStartRecord;
      if (name === SHELL_TOOL) this.#commands.add(callId);
      this.#open.set(
        callId,
        toolPaths(input).map((path) => resolve(workingDirectory, path)),
      );
    }
    if (record.type === 'tool-end') {
      const { callId } = record as { callId: string };
      for (const path of this.#open.get(callId) ?? []) this.#written.set(path, nowMs());
      if (this.#commands.delete(callId)) this.#commandEndedAtMs = nowMs();
      this.#open.delete(callId);
    }
  }

  /** What was seen and not recorded yet: a session that is left takes it along. */
  takeUnseen(): NewRecord[] {
    if (!this.#watchers) return [];
    const changes = this.#foreign(this.#watchers.take());
    if (changes.length === 0) return [];
    this.#tell(changes, this.#cause());
    return [{ type: 'watch', changes }];
  }

  /** What changed while nobody watched is told to the model. Answers the record for it. */
  tellMissed(missed: readonly FileChange[]): NewRecord {
    const changes = summarised(missed);
    this.#tellModel(changes, 'missed');
    return { type: 'watch', changes, missed: true };
  }

  /** For the model's next prompt: however often files changed since the last one, one list for each cause. */
  notes(): string[] {
    const causes = ['missed', 'others', 'command'] as const;
    const notes = causes.map((cause) => describeChanges(summarised(this.#untold.get(cause) ?? []), cause));
    return notes.filter((note) => note !== '');
  }

  /** They are told. */
  forgetNotes(): void {
    this.#untold.clear();
  }

  async close(): Promise<void> {
    await this.#watchers?.close();
  }

  async #made(): Promise<Watchers> {
    if (this.#watchers) return this.#watchers;
    const { Watchers } = await import('../../../workspace/watchers/watchers.ts');
    const { workingDirectory, live, say } = this.#port;
    this.#watchers ??= new Watchers({ workingDirectory })
      .on('changes', (batch) => {
        const changes = this.#foreign(batch);
        if (changes.length === 0 || live.isClosing) return;
        const cause = this.#cause();
        inBackground(this.#port, async () => {
          await live.append({ type: 'watch', changes });
          this.#tell(changes, cause);
          live.captureSoon();
        });
      })
      .on('state', ({ path, state, reason }) => say(`${this.#shown(path)}: ${reason ?? state}`));
    return this.#watchers;
  }

  #tell(changes: readonly FileChange[], cause: ChangeCause): void {
    this.#tellModel(changes, cause);
    this.#port.say(describeChanges(changes, cause));
  }

  #tellModel(changes: readonly FileChange[], cause: ChangeCause): void {
    const known = (this.#untold.get(cause) ?? []).filter(({ path }) => !changes.some((one) => one.path === path));
    this.#untold.set(cause, [...known, ...changes]);
  }

  #cause(): ChangeCause {
    const { nowMs } = this.#port;
    return this.#commands.size > 0 || nowMs() - this.#commandEndedAtMs < ECHO_MS ? 'command' : 'others';
  }

  /** What a tool wrote to the file that it named is no news to whoever called it. */
  #foreign({ changes }: Batch): FileChange[] {
    const { workingDirectory, nowMs } = this.#port;
    for (const [path, atMs] of this.#written) if (nowMs() - atMs >= ECHO_MS) this.#written.delete(path);
    const own = new Set([...this.#written.keys(), ...[...this.#open.values()].flat()]);
    return changes.filter(({ path }) => !own.has(resolve(workingDirectory, path)));
  }

  async #record(): Promise<void> {
    await this.#port.live.append({ type: 'state', patch: { watchedFiles: this.list() } });
  }

  #shown(path: string): string {
    const { workingDirectory } = this.#port;
    const inside = relative(workingDirectory, resolve(workingDirectory, path));
    return inside === '' ? '.' : inside.startsWith('..') ? path : inside;
  }
}
