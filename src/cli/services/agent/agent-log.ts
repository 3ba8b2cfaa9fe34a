// The log as the agent loop is handed it: a live session's, or memory alone for a session that is not kept.

import { isoTime } from '../../../core/clock.ts';
import type { Fold } from '../../../core/fold.ts';
import type { Context, ContextRecord, LogRecord, NewRecord } from '../../../core/record.ts';
import type { TextFilter } from '../../../agent/answer-recorder.ts';
import type { OutputPort, TurnLog } from '../../../agent/turn.ts';
import { ConversationHistory } from './conversation-history.ts';
import type { HeldConversation } from './conversation-history.ts';
import type { LiveSession } from '../LiveSession.ts';
import type { RedactionDoor } from '../RedactionDoor.ts';
import { SessionGrants } from '../session-grants.ts';
import { SYSTEM_CLOCK } from '../SessionStorage.ts';
import type { SessionStorage } from '../SessionStorage.ts';

export interface AgentLog extends TurnLog {
  conversation(): HeldConversation;
  /** Reads the conversation again: a command changed the session by another door. */
  forget(): void;
  readonly context: Context | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  /** Calls without an end. */
  readonly openCalls: Fold['openCalls'];
  /** Rules that a person on this machine allowed in this session. */
  granted(): readonly string[];
  grant(rule: string): void;
  newId(): string;
}

export class LiveLog implements AgentLog {
  readonly #live: LiveSession;
  readonly #history: ConversationHistory;
  readonly #storage: SessionStorage;
  readonly #grants: SessionGrants;
  /** Also while it waits to be saved because autoSave is off. */
  #context: Context | undefined;
  readonly #take: (records: LogRecord[]) => void;

  constructor(live: LiveSession, storage: SessionStorage) {
    this.#live = live;
    this.#storage = storage;
    this.#grants = new SessionGrants(storage.layout.stateDir, live.id, live.isEncrypted ? 'in memory' : 'on disk');
    this.#history = new ConversationHistory(() => ({
      reader: storage.exists(live.id) ? storage.openReader(live.id) : null,
      openBase: storage.openBase,
      waiting: live.waiting,
    }));
    this.#take = (records) => {
      const last = records.findLast(({ type }) => type === 'context') as ContextRecord | undefined;
      if (last) this.#context = last.context;
      this.#history.take(records);
    };
    live.on('recorded', this.#take);
    live.on('changed', this.#take);
  }

  get leaf(): string | null {
    return this.#live.fold.head.messageId;
  }

  get context(): Context | undefined {
    return this.#context ?? this.#live.fold.context.value;
  }

  get config(): Readonly<Record<string, unknown>> {
    return this.#live.fold.config;
  }

  get openCalls(): Fold['openCalls'] {
    return this.#live.fold.openCalls;
  }

  conversation(): HeldConversation {
    return this.#history.get();
  }

  forget(): void {
    this.#history.forget();
  }

  append(...records: NewRecord[]): Promise<unknown> {
    // What is asked for next must hold what is appended now.
    this.#history.get();
    return this.#live.append(...records);
  }

  recordOutput(callId: string): OutputPort {
    return this.#live.recordOutput(callId);
  }

  textFilter(): TextFilter | null {
    return this.#storage.door?.textFilter() ?? null;
  }

  granted(): readonly string[] {
    return this.#grants.rules();
  }

  grant(rule: string): void {
    this.#grants.add(rule);
  }

  newId(): string {
    return this.#storage.clock.recordId();
  }

  /** Stops following the session. */
  release(): void {
    this.#live.off('recorded', this.#take);
    this.#live.off('changed', this.#take);
  }
}

/** Nothing of it is written anywhere. */
export class MemoryLog implements AgentLog {
  readonly #history = new ConversationHistory(null);
  readonly #door: RedactionDoor | null;
  #context: Context | undefined;
  #config: Record<string, unknown> = {};
  #leaf: string | null = null;
  readonly #granted: string[] = [];

  /** A model must not see the secrets either of what is kept nowhere. */
  constructor(door: RedactionDoor | null) {
    this.#door = door;
  }

  get leaf(): string | null {
    return this.#leaf;
  }

  get context(): Context | undefined {
    return this.#context;
  }

  get config(): Readonly<Record<string, unknown>> {
    return this.#config;
  }

  /** Its calls end with this process, or nobody is left to ask. */
  get openCalls(): Fold['openCalls'] {
    return {};
  }

  conversation(): HeldConversation {
    return this.#history.get();
  }

  /** Nothing else can change it. */
  forget(): void {}

  async append(...given: NewRecord[]): Promise<{ durable: false }> {
    const records = (await this.#door?.records(given)) ?? given;
    for (const record of records) {
      const stamped = { id: this.newId(), at: isoTime(SYSTEM_CLOCK.now()), ...record } as LogRecord;
      if (stamped.type === 'message') this.#leaf = stamped.id;
      if (record.type === 'context') this.#context = record.context;
      if (record.type === 'config') this.#config = { ...this.#config, ...record.patch };
      this.#history.take([stamped.type === 'message' ? { parentId: null, ...stamped } : stamped]);
    }
    return { durable: false };
  }

  /** Pieces of an answer are not kept. */
  textFilter(): null {
    return null;
  }

  recordOutput(): OutputPort {
    const pieces: Uint8Array[] = [];
    const filter = this.#door?.output() ?? null;
    return {
      take: async (bytes) => void pieces.push(filter?.write(bytes) ?? bytes),
      finish: async () => {
        if (filter) pieces.push(filter.end());
        return { output: Buffer.concat(pieces).toString('utf8') };
      },
    };
  }

  granted(): readonly string[] {
    return this.#granted;
  }

  grant(rule: string): void {
    this.#granted.push(rule);
  }

  newId(): string {
    return SYSTEM_CLOCK.recordId();
  }
}
