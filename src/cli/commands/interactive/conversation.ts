// The session that the interactive command line is in: records what is said and run, or nothing when it is ephemeral.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { NewRecord } from '../../../core/record.ts';
import type { LiveSession } from '../../services/LiveSession.ts';
import { MemoryLog } from '../../services/agent-log.ts';
import type { SessionManager } from '../../services/SessionManager.ts';
import type { System } from '../context.ts';

export class Conversation {
  readonly #manager: SessionManager | null;
  /** What is said in a session that is kept nowhere. */
  readonly #memory = new MemoryLog();
  #live: LiveSession | null;
  workingDirectory: string;
  /** Set where the directory that the session was in is gone. */
  missingDirectory: string | null = null;

  static of(manager: SessionManager, live: LiveSession, workingDirectory: string): Conversation {
    return new Conversation(manager, live, workingDirectory);
  }

  /** Goes on where the session was, in its directory if that is still there. */
  static resumed(manager: SessionManager, live: LiveSession, system: System): Conversation {
    const saved = live.fold.state.workingDirectory;
    if (saved === '' || saved === system.cwd) return new Conversation(manager, live, system.cwd);
    if (existsSync(saved)) return new Conversation(manager, live, system.chdir(saved));
    const conversation = new Conversation(manager, live, system.cwd);
    conversation.missingDirectory = saved;
    return conversation;
  }

  static unrecorded(workingDirectory: string): Conversation {
    return new Conversation(null, null, workingDirectory);
  }

  private constructor(manager: SessionManager | null, live: LiveSession | null, workingDirectory: string) {
    this.#manager = manager;
    this.#live = live;
    this.workingDirectory = workingDirectory;
  }

  /** Null when nothing is kept. */
  get live(): LiveSession | null {
    return this.#live;
  }

  /** Where a model in this conversation writes. */
  get log(): LiveSession | MemoryLog {
    return this.#live ?? this.#memory;
  }

  get id(): string | null {
    return this.#live?.id ?? null;
  }

  get waitingRecords(): number {
    return this.#live?.waitingRecords ?? 0;
  }

  newCallId(): string {
    return `call_${randomUUID()}`;
  }

  /** Resolves when the records are durable, or at once where nothing is kept. */
  async append(...records: NewRecord[]): Promise<{ durable: boolean }> {
    return this.#live ? this.#live.append(...records) : this.#memory.append(...records);
  }

  /** Leaves the session and goes on in another one, or in a new one. */
  async switchTo(id: string | null): Promise<void> {
    if (!this.#manager) return;
    const next =
      id === null ? await this.#manager.begin({ kind: 'human', agent: 'roo' }) : await this.#manager.resume(id);
    const before = this.#live;
    this.#live = next;
    await before?.close();
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
