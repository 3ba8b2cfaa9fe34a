// Saving Session objects: what differs from when they were loaded or saved last goes into the log, and nothing else.

import type { Clock } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import type { Fold } from '../../core/fold.ts';
import { emptyFold } from '../../core/fold.ts';
import type { NewRecord, SessionRecord } from '../../core/record.ts';
import { assertSessionId } from '../../core/session-file-name.ts';
import type { ChangeResult } from '../types/service-types.ts';
import type { Session } from '../types/session-types.ts';
import { changesOf } from './session-changes.ts';
import type { SessionImage } from './session-image.ts';
import { imageOf } from './session-image.ts';

/** What saving needs of the storage around it. */
export interface SaveStore {
  clock: Clock;
  /** True when the session has a log, or a writer of this process that is about to make one. */
  has(id: string): boolean;
  /** The session as the log has it, with at least the messages back to the given one if that is in it. */
  loadBackTo(id: string, messageId: string | undefined): Session;
  sessionOfFold(id: string, fold: Fold): Session;
  create(session: SessionRecord, records: NewRecord[]): Promise<void>;
  change(id: string, records: NewRecord[]): Promise<ChangeResult>;
  newSessionRecord(fields: Pick<SessionRecord, 'project' | 'origin' | 'sessionId' | 'at'>): SessionRecord;
}

interface Remembered {
  image: SessionImage;
  /** False for a session that has no log yet. */
  isStored: boolean;
}

export class SessionSaves {
  readonly #store: SaveStore;
  readonly #remembered = new WeakMap<Session, Remembered>();
  /** Two saves of one object after each other: the second would write again what the first has not written yet. */
  readonly #saving = new WeakMap<Session, Promise<unknown>>();

  constructor(store: SaveStore) {
    this.#store = store;
  }

  /** Says that an object is as the log is; `leaf` is the log's active message. */
  remember(session: Session, leaf: string | null, isStored = true): void {
    this.#remembered.set(session, { image: imageOf(session, leaf), isStored });
  }

  /** Writes what is new, making the log when there is none. Nothing new writes nothing. */
  save(session: Session): Promise<ChangeResult> {
    const before = this.#saving.get(session) ?? Promise.resolve();
    const saved = before.then(
      () => this.#save(session),
      () => this.#save(session),
    );
    this.#saving.set(session, saved);
    return saved;
  }

  async #save(session: Session): Promise<ChangeResult> {
    const { id } = session;
    assertSessionId(id, 'save');
    const known = this.#remembered.get(session);
    const isThere = this.#store.has(id);
    if (!isThere && known?.isStored) throw goneError(id);
    const first = isThere ? null : this.#firstRecord(session);
    const image = known?.image ?? (first ? this.#emptyImage(first) : this.#imageOfLog(session));
    const records = changesOf(session, image, this.#store.clock);
    // Now: what the caller changes while the disk is at work is for the next save.
    const next = imageOf(session, image.leaf);
    let result: ChangeResult = { via: 'log', durable: true };
    if (first) await this.#store.create(first, records);
    // A session that was begun here and never written gets its file also when there is nothing to say.
    else if (records.length > 0 || known?.isStored === false) result = await this.#store.change(id, records);
    this.#remembered.set(session, { image: next, isStored: true });
    return result;
  }

  #firstRecord({ id, metadata, state }: Session): SessionRecord {
    return this.#store.newSessionRecord({
      sessionId: id,
      at: new Date(metadata.createdAt).toISOString(),
      project: metadata.project ?? { path: state.workingDirectory },
      origin: { kind: 'human', agent: 'roo' },
    });
  }

  #emptyImage(first: SessionRecord): SessionImage {
    return imageOf(this.#store.sessionOfFold(first.sessionId, emptyFold(first)), null);
  }

  /** Of an object that came from elsewhere. Its end is taken for meant: it may be older than the log's, and is no rewind. */
  #imageOfLog({ id, history }: Session): SessionImage {
    const image = imageOf(this.#store.loadBackTo(id, history.messages[0]?.id), null);
    const last = history.messages.findLast((message) => message.id !== undefined && image.messages.has(message.id));
    return { ...image, leaf: last?.id ?? image.leaf };
  }
}

function goneError(id: string): SessionError {
  return new SessionError('SESSION_NOT_FOUND', `session ${id} was removed since it was loaded`, {
    op: 'save',
    hint: `bring it back (roo session undelete ${id}), or save a copy under another id`,
  });
}
