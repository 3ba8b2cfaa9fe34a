// The session that the interactive command line is in: records what is said and run, or nothing when it is ephemeral.

import { keptEnvironment } from '../../../core/environment.ts';
import type { NewRecord, State } from '../../../core/record.ts';
import type { LiveSession } from '../../services/LiveSession.ts';
import { MemoryLog } from '../../services/agent/agent-log.ts';
import type { SessionManager } from '../../services/SessionManager.ts';
import type { System } from '../context.ts';

export class Conversation {
  readonly #manager: SessionManager | null;
  readonly #environment: System['env'];
  readonly #memory: MemoryLog | null;
  #live: LiveSession | null = null;
  workingDirectory: string;

  /** In a memory nothing is kept. With a manager, `switchTo` opens the first session. */
  constructor(keeper: SessionManager | MemoryLog, { cwd, env }: Pick<System, 'cwd' | 'env'>) {
    this.#memory = keeper instanceof MemoryLog ? keeper : null;
    this.#manager = keeper instanceof MemoryLog ? null : keeper;
    this.#environment = env;
    this.workingDirectory = cwd;
  }

  /** Null when nothing is kept. */
  get live(): LiveSession | null {
    return this.#live;
  }

  /** Where a model in this conversation writes. */
  get log(): LiveSession | MemoryLog {
    return this.#live ?? this.#memory!;
  }

  get id(): string | null {
    return this.#live?.id ?? null;
  }

  get waitingRecords(): number {
    return this.#live?.waitingRecords ?? 0;
  }

  /** Resolves when the records are durable, or at once where nothing is kept. */
  async append(...records: NewRecord[]): Promise<{ durable: boolean }> {
    return this.log.append(...records);
  }

  /**
   * Leaves the session and goes on in another one, or in a new one; there, where it is given, in another folder. Throws
   * SESSION_IN_USE, and stays where it is, when another process writes the other one.
   */
  async switchTo(id: string | null, workingDirectory: string = this.workingDirectory): Promise<void> {
    if (!this.#manager) return;
    const capture = (): Partial<State> => ({
      workingDirectory: this.workingDirectory,
      environment: keptEnvironment(this.#environment),
    });
    const next =
      id === null
        ? await this.#manager.begin({ kind: 'human', agent: 'roo' }, capture)
        : await this.#manager.resume(id, capture);
    const before = this.#live;
    this.#live = next;
    // The session that is left keeps the folder that it was in.
    await before?.close();
    this.workingDirectory = workingDirectory;
  }

  async close(): Promise<void> {
    await this.#live?.close();
  }

  /** The line that tells how to come back; null when there is nothing to come back to. */
  comeBack(): string | null {
    if (!this.#live || this.#live.fold.counts.records === 0) return null;
    return `saved; come back with: roo -r ${this.#live.id.slice(0, 8)}`;
  }
}
