// Sessions that rest on another one: which they are, and how they get a past of their own before that one goes.

import type { Clock } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import type { ForkBase } from '../../core/record.ts';
import { convertLog } from '../../store/log-convert.ts';
import { LogReader } from '../../store/log-reader.ts';
import { LogSource } from '../../store/log-source.ts';
import { openPast } from '../../store/open-log.ts';
import { pastOf } from '../../store/session-fork.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import { listTrash, trashedLayout } from '../../store/trash.ts';
import type { SessionWriters } from './session-writers.ts';

const LEVEL = 6;

export class SessionForks {
  readonly #layout: StoreLayout;
  readonly #clock: Clock;
  readonly #writers: SessionWriters;
  readonly #catalogue: { afterWrite(id: string): Promise<void> };

  constructor(
    layout: StoreLayout,
    clock: Clock,
    writers: SessionWriters,
    catalogue: { afterWrite(id: string): Promise<void> },
  ) {
    this.#layout = layout;
    this.#clock = clock;
    this.#writers = writers;
    this.#catalogue = catalogue;
  }

  /** Messages of a session that forks of it, in store or trash, begin at. */
  pointsIn(id: string): string[] {
    return [...this.#forksOf(id)].map(({ base }) => base.messageId);
  }

  /**
   * Copies the past of every fork of a session into the fork itself, and answers which they are. Throws SESSION_IN_USE
   * for one that is open.
   */
  async standAloneFrom(id: string): Promise<string[]> {
    const forks: string[] = [];
    for (const { forkId, layout } of this.#forksOf(id)) {
      const lock = this.#writers.lock(forkId);
      try {
        await this.#rewrite(layout, forkId);
      } finally {
        lock.release();
      }
      if (layout === this.#layout) await this.#catalogue.afterWrite(forkId);
      forks.push(forkId);
    }
    return forks;
  }

  *#forksOf(id: string): Generator<{ forkId: string; layout: StoreLayout; base: ForkBase }> {
    const stored = new LogSource(this.#layout).ids().map((forkId) => ({ forkId, layout: this.#layout }));
    const trashed = listTrash(this.#layout).map((each) => ({
      forkId: each.id,
      layout: trashedLayout(this.#layout, each.id),
    }));
    for (const each of [...stored, ...trashed]) {
      const base = each.forkId === id ? null : baseOf(each.layout, each.forkId);
      if (base?.sessionId === id) yield { ...each, base };
    }
  }

  async #rewrite(layout: StoreLayout, id: string): Promise<void> {
    const options = { clock: this.#clock, lock: (other: string) => this.#writers.lock(other) };
    const reader = LogReader.open(layout, id);
    try {
      const openBase = (base: string): LogReader => openPast(this.#layout, base, options);
      await convertLog(layout, id, {
        clock: this.#clock,
        level: LEVEL,
        to: reader.blobs,
        past: () => pastOf(reader, openBase, () => this.#clock.recordId()),
        session: { base: undefined },
        // What was lost before is still named, and `verify` still tells.
        onFault: () => undefined,
      });
    } finally {
      reader.close();
    }
  }
}

/** Where nothing can be read nothing needs a past; and an encrypted session has its own. */
const WITHOUT_PAST: ReadonlySet<string> = new Set(['LOG_UNREADABLE', 'SESSION_NOT_FOUND', 'SESSION_ENCRYPTED']);

function baseOf(layout: StoreLayout, id: string): ForkBase | null {
  let reader: LogReader | undefined;
  try {
    reader = LogReader.open(layout, id);
    return reader.session.base ?? null;
  } catch (error) {
    // What only this build cannot read needs one.
    if (error instanceof SessionError && WITHOUT_PAST.has(error.code)) return null;
    throw error;
  } finally {
    reader?.close();
  }
}
