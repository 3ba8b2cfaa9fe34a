// The automatic checkpoints of a session that is worked in: one before the calls of an answer change files, however
// many they are. Work goes on without one where none can be taken.

import { SessionError } from '../../../core/errors.ts';
import type { LogRecord } from '../../../core/record.ts';
import type { SessionCheckpoints } from '../session-checkpoints.ts';
import type { SessionStorage } from '../SessionStorage.ts';
import type { WorldPort } from './world-part.ts';

export class WorldCheckpoints {
  readonly #port: WorldPort;
  readonly #storage: SessionStorage;
  readonly #mode: 'automatic' | 'off';
  /** Since the last message. */
  #isTaken = false;
  #hasTaken = false;
  /** That none can be taken was said. */
  #isSaid = false;

  constructor(port: WorldPort, storage: SessionStorage, mode: 'automatic' | 'off') {
    this.#port = port;
    this.#storage = storage;
    this.#mode = mode;
  }

  /** With each message a new one may be due. */
  heed(record: LogRecord): void {
    if (record.type === 'message') this.#isTaken = false;
  }

  async beforeChange(): Promise<void> {
    const { live } = this.#port;
    const isOff = this.#mode === 'off' || live.isEncrypted;
    if (isOff || this.#isTaken || !this.#storage.exists(live.id)) return;
    this.#isTaken = true;
    await this.#tried(async (checkpoints) => {
      await checkpoints.take(live.id, 'before a tool changed files', 'automatic', async (records) => {
        await live.append(...records);
        return { via: 'log', durable: true };
      });
      this.#hasTaken = true;
    });
  }

  /** For the end of the work; costs something only where much was kept. */
  async close(): Promise<void> {
    if (this.#hasTaken) await this.#tried((checkpoints) => checkpoints.tidy(this.#port.live.id));
  }

  async #tried(work: (checkpoints: SessionCheckpoints) => Promise<void>): Promise<void> {
    const { SessionCheckpoints } = await import('../session-checkpoints.ts');
    try {
      await work(new SessionCheckpoints(this.#storage));
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (!this.#isSaid) this.#port.fail(error);
      this.#isSaid = true;
    }
  }
}
