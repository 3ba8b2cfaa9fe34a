// Checkpoints of a session: the files by the shadow repository of its project, the conversation by its log. A record
// names both, so that they go back together or apart.

import { SessionError } from '../../core/errors.ts';
import type { CheckpointRecord, NewRecord, RewindScope } from '../../core/record.ts';
import type { Fold } from '../../core/fold.ts';
import { Checkpoints } from '../../workspace/checkpoints/checkpoints.ts';
import type { FileChangePlan, LeftOut } from '../../workspace/checkpoints/checkpoints.ts';
import type { ChangeResult } from '../types/service-types.ts';
import { pastCheckpoints } from './past-checkpoints.ts';
import { rewindTarget, undoTarget } from './rewind-target.ts';
import type { RewindTarget } from './rewind-target.ts';
import type { SessionStorage } from './SessionStorage.ts';

export interface MadeCheckpoint extends ChangeResult {
  id: string;
  /** Of the shadow repository. */
  commit: string;
  description: string;
  messageId: string | null;
  changedFiles: number;
  leftOut: LeftOut[];
}

export interface RewindPlan {
  /** Message the conversation goes back to; null for its beginning. */
  messageId: string | null;
  /** Checkpoint the files are taken from; null where they stay. */
  checkpoint: CheckpointRecord | null;
  scope: RewindScope;
  changes: FileChangePlan[];
}

export interface Rewound extends RewindPlan, ChangeResult {
  /** Id of the checkpoint of how it was before: `--redo` goes there. */
  safetyId: string;
  leftOut: LeftOut[];
}

/** Where a session that is being worked in takes its records; by default they go through the storage. */
export type Append = (records: NewRecord[]) => Promise<ChangeResult>;

export interface CheckpointOptions {
  /** Variables that git is run with; the process's own when absent. */
  environment?: NodeJS.ProcessEnv;
}

export class SessionCheckpoints {
  readonly #storage: SessionStorage;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(storage: SessionStorage, { environment = process.env }: CheckpointOptions = {}) {
    this.#storage = storage;
    this.#environment = environment;
  }

  /** Records the project's files and where the conversation stands. Throws CHECKPOINT_FAILED, NOT_SUPPORTED. */
  async take(id: string, text: string, kind?: 'automatic', append?: Append): Promise<MadeCheckpoint> {
    // It stands in a commit as well as in the log.
    const description = (await this.#storage.door?.text(text)) ?? text;
    const { fold } = this.#plainDetails(id);
    const { commit, changedFiles, leftOut } = await this.#of(fold).take({
      ...this.#request(id, description),
      ...(kind && { kind }),
    });
    const record = this.#record({ description, messageId: fold.head.messageId, commit, ...(kind && { kind }) });
    const result = await (append ?? this.#through(id))([record]);
    return { ...result, id: record.id, commit, description, messageId: record.messageId, changedFiles, leftOut };
  }

  /** What no checkpoint of the session's project holds: ignored files and empty folders. Walks the whole project. */
  leftAlone(id: string): Promise<LeftOut[]> {
    return this.#of(this.#plainDetails(id).fold).leftAlone();
  }

  /** Oldest first, the automatic and safety ones among them; of a fork, those of its shared past too. */
  list(id: string): CheckpointRecord[] {
    return this.#foldOf(id).checkpoints;
  }

  /** What `rewind` would do. `target` is a checkpoint or a message, see rewind-target.ts; null the last rewind undone. */
  async plan(id: string, target: string | null, scope: RewindScope | null): Promise<RewindPlan> {
    const found = this.#target(id, target, scope);
    const { commit } = found.checkpoint ?? {};
    const changes = commit === undefined ? [] : await this.#of(this.#plainDetails(id).fold).planRestore(commit);
    return { ...found, changes };
  }

  /**
   * Goes back to a checkpoint or message; null undoes the last rewind. Throws SESSION_IN_USE, before any file changes,
   * where the conversation is to go back and another process has the session open: only its writer can move the head.
   */
  async rewind(id: string, target: string | null, scope: RewindScope | null, append?: Append): Promise<Rewound> {
    const found = this.#target(id, target, scope);
    const { fold, holder } = this.#storage.details(id);
    const isMine = append !== undefined || this.#storage.writers.get(id) !== undefined;
    if (found.scope !== 'files' && holder && !isMine) throw heldError(id, found);
    const write = append ?? this.#through(id);
    const description = `before rewinding to ${found.name}`;
    const commit = found.scope === 'conversation' ? undefined : found.checkpoint?.commit;
    if (commit !== undefined) this.#plainDetails(id);
    const safety = this.#record({
      description,
      messageId: fold.head.messageId,
      kind: 'safety',
      rewound: found.scope,
    });
    const restored =
      commit === undefined
        ? await write([safety]).then(() => null)
        : await this.#of(fold).restore(commit, this.#request(id, description), (safetyCommit) =>
            write([{ ...safety, commit: safetyCommit }]),
          );
    const head: NewRecord = { type: 'head', messageId: found.messageId, pointer: null, reason: 'rewind' };
    const result = found.scope === 'files' ? FILES_DONE : await write([head]);
    const { messageId, checkpoint, scope: done } = found;
    const { changes = [], leftOut = [] } = restored ?? {};
    return { ...result, messageId, checkpoint, scope: done, changes, leftOut, safetyId: safety.id };
  }

  /** The project of a session has moved: its checkpoints go with it. Answers whether there were any. */
  async follow(from: string, to: string): Promise<boolean> {
    const { followProject } = await import('../../workspace/checkpoints/follow-project.ts');
    return followProject(this.#storage.layout.home, from, to);
  }

  /** Packs what came in, where that is much: for moments when nobody waits. */
  async tidy(id: string): Promise<void> {
    await this.#of(this.#storage.details(id).fold).tidy();
  }

  #target(id: string, target: string | null, scope: RewindScope | null): RewindTarget {
    const fold = this.#foldOf(id);
    return target === null ? undoTarget(fold, scope) : rewindTarget(this.#storage, id, fold, target, scope ?? 'both');
  }

  /** With the checkpoints of the shared past of a fork before its own. */
  #foldOf(id: string): Fold {
    const { fold } = this.#storage.details(id);
    return { ...fold, checkpoints: [...pastCheckpoints(this.#storage, id), ...fold.checkpoints] };
  }

  #of(fold: Fold): Checkpoints {
    const { home, sessionsDir } = this.#storage.layout;
    const environment = this.#environment;
    return new Checkpoints({ home, workTree: fold.project.path, excluded: [sessionsDir], environment });
  }

  #plainDetails(id: string): ReturnType<SessionStorage['details']> {
    const details = this.#storage.details(id);
    if (!details.session.encrypted) return details;
    throw new SessionError('NOT_SUPPORTED', 'checkpoints are off for encrypted sessions: they hold files as they are', {
      op: 'checkpoint',
      hint: 'keep such a project in a repository of your own',
    });
  }

  #request(id: string, description: string): { sessionId: string; description: string; nowMs: number } {
    return { sessionId: id, description, nowMs: this.#storage.clock.now() };
  }

  #record(fields: Omit<CheckpointRecord, 'type' | 'id' | 'at'>): CheckpointRecord & NewRecord {
    const { clock } = this.#storage;
    return { type: 'checkpoint', id: clock.recordId(), at: new Date(clock.now()).toISOString(), ...fields };
  }

  #through(id: string): Append {
    return (records) => this.#storage.change(id, records);
  }
}

/** The files are as they were, and the safety checkpoint is written down. */
const FILES_DONE: ChangeResult = { via: 'log', durable: true };

function heldError(id: string, { scope }: RewindTarget): SessionError {
  return new SessionError(
    'SESSION_IN_USE',
    `session ${id} is open in another process, which alone can rewind what was said`,
    {
      op: 'rewind',
      hint: scope === 'both' ? 'use /rewind there, or rewind the files alone (--files)' : 'use /rewind there',
    },
  );
}
