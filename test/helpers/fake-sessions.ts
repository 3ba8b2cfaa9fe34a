// An in-memory store behind the services' interfaces, for tests of the command line itself: flags, formats, exit codes.
// What the real services do is tested with real files elsewhere.

import type { AuditEntry, AuditProblem } from '../../src/core/audit.ts';
import { emptyFold } from '../../src/core/fold.ts';
import type { Fold } from '../../src/core/fold.ts';
import { SessionError } from '../../src/core/errors.ts';
import type { Warning } from '../../src/core/errors.ts';
import type { LogRecord, NewRecord } from '../../src/core/record.ts';
import { DEFAULT_SESSION_CONFIG } from '../../src/core/session-config.ts';
import type {
  ISessionEncryption,
  DiscoveredSession,
  FindOptions,
  ImportOptions,
  ISessionCleanup,
  ISessionSerializer,
  ISessionStorage,
  RefContext,
  SessionDetails,
  ShowRange,
} from '../../src/cli/types/service-types.ts';
import type { FoundPage, SessionFilter, SessionInfo, ShownMessage } from '../../src/cli/types/session-types.ts';
import type {
  EncryptionReport,
  CleanupReport,
  ImportedSession,
  RetentionPolicy,
  ScrubReport,
  VerifyReport,
} from '../../src/cli/types/storage-types.ts';

export const ID_A = '3f2a9c1b-0000-4000-8000-000000000001';
export const ID_B = '9c01dd42-0000-4000-8000-000000000002';

const FAKE_AUDIT: readonly AuditEntry[] = [
  { seq: 2, at: '2026-01-02T10:00:00.000Z', op: 'create', session: ID_A, user: 'dev', host: 'h', pid: 7, count: 1 },
  {
    seq: 3,
    at: '2026-01-02T11:00:00.000Z',
    op: 'read',
    session: ID_A,
    user: 'dev',
    host: 'h',
    pid: 8,
    count: 2,
    until: '2026-01-02T11:00:30.000Z',
  },
];

/** What a test wants to find in the store, and what it wants to go wrong. */
export interface FakeState {
  sessions: SessionInfo[];
  messages: ShownMessage[];
  trash: { id: string; name: string; deletedAt: string; expiresAt: string; bytes: number }[];
  discovered: DiscoveredSession[];
  imported: ImportedSession[];
  verify: VerifyReport[];
  fold: Partial<Fold>;
  holder: SessionDetails['holder'];
  warnings: Warning[];
  auditProblems: AuditProblem[];
  /** What comes up only while messages are read. */
  lateWarnings: Warning[];
  /** Thrown by the method of this name. */
  failures: Record<string, Error>;
  /** Every change that was asked for, in order. */
  calls: [method: string, ...args: unknown[]][];
}

export function fakeState(changes: Partial<FakeState> = {}): FakeState {
  return {
    sessions: [fakeSession({ id: ID_A, name: 'login fix' }), fakeSession({ id: ID_B, name: 'other' })],
    messages: fakeMessages(),
    trash: [],
    discovered: [],
    imported: [],
    verify: [],
    fold: {},
    holder: null,
    warnings: [],
    auditProblems: [],
    lateWarnings: [],
    failures: {},
    calls: [],
    ...changes,
  };
}

export function fakeSession(changes: Partial<SessionInfo> = {}): SessionInfo {
  return {
    id: ID_A,
    name: 'login fix',
    description: '',
    status: 'active',
    outcome: null,
    tags: [],
    project: '/home/dev/shop',
    workingDirectory: '/home/dev/shop',
    createdAt: '2026-01-01T10:00:00.000Z',
    updatedAt: '2026-01-02T10:00:00.000Z',
    lastAccessedAt: '2026-01-02T10:00:00.000Z',
    duration: 65_000,
    commandCount: 2,
    messageCount: 4,
    toolCallCount: 1,
    tokens: { input: 1000, output: 200, total: 1200 },
    cost: 0.05,
    size: 12_345,
    agent: 'roo',
    origin: 'human',
    encrypted: false,
    archived: false,
    health: 'ok',
    links: [],
    ...changes,
  };
}

function fakeMessages(): ShownMessage[] {
  const base = { parentId: null, at: '2026-01-02T10:00:00.000Z', model: null, usage: null };
  return [
    { ...base, id: 'm1', role: 'user', parts: [{ type: 'text', text: 'fix the login' }] },
    {
      ...base,
      id: 'm2',
      role: 'assistant',
      model: 'anthropic/opus',
      usage: { inputTokens: 10, outputTokens: 5 },
      parts: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', callId: 'c1', name: 'bash', input: '{"command":"ls -la"}' },
        {
          type: 'tool-result',
          callId: 'c1',
          name: 'bash',
          status: 'error',
          output: 'one\ntwo\nthree\nfour\nfive\nsix',
          exitCode: 1,
        },
      ],
    },
  ];
}

export class FakeStorage implements ISessionStorage {
  readonly state: FakeState;
  readonly audit: ISessionStorage['audit'] = {
    entries: (session) => FAKE_AUDIT.filter((entry) => session === null || entry.session === session),
    verify: () => ({
      ok: this.state.auditProblems.length === 0,
      entries: FAKE_AUDIT.length,
      files: 1,
      problems: this.state.auditProblems,
    }),
  };

  constructor(state: FakeState) {
    this.state = state;
  }

  async unlock(id: string): Promise<void> {
    if (this.state.sessions.some((one) => one.id === id && one.encrypted)) {
      throw new SessionError('SESSION_ENCRYPTED', `session ${id} is encrypted`, { op: 'unlock' });
    }
  }

  async unlockNames(): Promise<void> {}

  async encryption(): Promise<ISessionEncryption> {
    const report =
      (status: EncryptionReport['status']) =>
      async (id: string, names: readonly string[] = []) => {
        this.did(status, id, names);
        return { id, status, recipients: ['age1mine', ...names], remains: [] };
      };
    return {
      encrypt: report('encrypted'),
      decrypt: report('decrypted'),
      share: report('shared'),
      rekey: report('rekeyed'),
      rewrap: async () => ({ rewrapped: [], left: [] }),
    };
  }

  list(filter: SessionFilter = {}): ReturnType<ISessionStorage['list']> {
    this.did('list', filter);
    const fits = this.state.sessions.filter(
      (one) =>
        (filter.project === undefined || one.project === filter.project) &&
        (filter.damaged === undefined || one.health === 'damaged'),
    );
    const sessions = fits.slice(0, filter.limit ?? fits.length);
    const nextCursor = sessions.length < fits.length ? 'more' : null;
    return { sessions, nextCursor, warnings: this.state.warnings };
  }

  async find(query: string, options: FindOptions = {}): Promise<FoundPage> {
    this.did('find', query, options);
    const sessions = this.state.sessions.map((session) => ({
      ...session,
      score: 1,
      hits: [{ messageId: 'm1', role: 'user', at: session.updatedAt, snippet: 'fix the \u0001login\u0002' }],
    }));
    return { sessions, nextCursor: null, truncated: false, warnings: [] };
  }

  resolve(ref: string, context: RefContext): string {
    this.did('resolve', ref, context);
    const fits = this.state.sessions.filter(
      (one) => ref === '@last' || one.id === ref || one.name === ref || (ref.length >= 4 && one.id.startsWith(ref)),
    );
    const [first] = ref === '@current' ? this.state.sessions.filter((one) => one.id === context.currentId) : fits;
    if (first === undefined) {
      throw new SessionError('SESSION_NOT_FOUND', `no session is named ${ref}`, {
        op: 'resolve',
        hint: 'see roo session list',
      });
    }
    if (ref !== '@last' && fits.length > 1) {
      const candidates = fits.map(({ id, name }) => ({ id, name }));
      throw new SessionError('SESSION_REF_AMBIGUOUS', `${ref} fits ${fits.length} sessions`, {
        op: 'resolve',
        data: { candidates },
      });
    }
    return first.id;
  }

  details(id: string): SessionDetails {
    this.did('details', id);
    const session = this.state.sessions.find((one) => one.id === id) ?? fakeSession({ id });
    const fold = emptyFold({
      type: 'session',
      id: 'r1',
      at: session.createdAt,
      format: 2,
      sessionId: id,
      generation: 'g',
      part: 1,
      family: id,
      project: { path: session.project },
      origin: { kind: 'human', agent: 'roo' },
    });
    return {
      session,
      fold: { ...fold, ...this.state.fold },
      config: { ...DEFAULT_SESSION_CONFIG },
      holder: this.state.holder,
      recipients: [],
      warnings: this.state.warnings,
    };
  }

  show(id: string, range: ShowRange): ReturnType<ISessionStorage['show']> {
    this.did('show', id, range);
    const { messages, failures, lateWarnings } = this.state;
    const warnings = [...this.state.warnings];
    const read = async function* (): AsyncIterable<ShownMessage> {
      yield* range.last === undefined ? messages : messages.slice(-range.last);
      if (failures['messages']) throw failures['messages'];
      warnings.push(...lateWarnings);
    };
    return { session: this.details(id).session, messages: read(), warnings };
  }

  async *follow(id: string, signal: AbortSignal): AsyncIterable<ShownMessage> {
    this.did('follow', id);
    yield { ...this.state.messages[0]!, id: 'm3' };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  async *records(id: string): AsyncIterable<LogRecord> {
    this.did('records', id);
    yield { type: 'message', id: 'm1', at: '2026-01-02T10:00:00.000Z', text: 'fix' };
  }

  async change(id: string, records: NewRecord[]): ReturnType<ISessionStorage['change']> {
    this.did('change', id, records);
    return { via: 'log', durable: true };
  }

  async loadSession(): ReturnType<ISessionStorage['loadSession']> {
    throw new TypeError('commands load sessions through the manager');
  }
  async saveSession(): ReturnType<ISessionStorage['saveSession']> {
    throw new TypeError('commands save sessions through the manager');
  }

  async fork(id: string, at: string | null, name: string | null): Promise<string> {
    this.did('fork', id, at, name);
    return ID_B;
  }
  async archive(id: string): Promise<void> {
    this.did('archive', id);
  }
  async unarchive(id: string): Promise<void> {
    this.did('unarchive', id);
  }
  async trash(id: string, reason: string): Promise<void> {
    this.did('trash', id, reason);
  }
  async undelete(ref: string): Promise<string> {
    this.did('undelete', ref);
    return ID_A;
  }
  async purge(id: string): ReturnType<ISessionStorage['purge']> {
    this.did('purge', id);
    return { bytesFreed: 12_345, remains: ['2 forks keep a copy of the shared past'] };
  }
  async scrubber(): ReturnType<ISessionStorage['scrubber']> {
    const report = (id: string, status: ScrubReport['status']): ScrubReport => ({
      id,
      name: 'fix login',
      trashed: false,
      status,
      replaced: [{ rule: 'github-token', count: 2 }],
      records: 1,
      blobs: 1,
      files: ['/home/me/log'],
      removed: ['/home/me/torn'],
      remains: ['copies in backups'],
    });
    return {
      families: (ids) => (ids === 'all' ? this.state.sessions.map(({ id }) => [id]) : ids.map((id) => [id])),
      preview: async (family) => {
        this.did('scrubPreview', family);
        return family.map((id) => report(id, 'found'));
      },
      scrub: async (family, originals) => {
        this.did('scrub', family, originals);
        return family.map((id) => report(id, 'scrubbed'));
      },
    };
  }
  async verify(id: string): Promise<VerifyReport> {
    this.did('verify', id);
    return this.state.verify.find((one) => one.id === id) ?? fakeVerify({ id });
  }
  async repair(id: string): ReturnType<ISessionStorage['repair']> {
    this.did('repair', id);
    return { ...fakeVerify({ id }), actions: ['kept the original', 'wrote 4 records'], originalPath: '/home/me/kept' };
  }
  async migrate(): ReturnType<ISessionStorage['migrate']> {
    this.did('migrate');
    return { migrated: [{ id: ID_A, messages: 4, originalPath: '/home/me/old' }], warnings: [] };
  }
  async reindex(progress: (done: number, total: number) => void): ReturnType<ISessionStorage['reindex']> {
    this.did('reindex');
    progress(1, 2);
    return { sessions: 2, texts: 8, durationMs: 5 };
  }
  async close(): Promise<void> {
    this.did('close');
  }

  private did(method: string, ...args: unknown[]): void {
    did(this.state, method, ...args);
  }
}

export function fakeVerify(changes: Partial<VerifyReport> = {}): VerifyReport {
  return { id: ID_A, health: 'ok', recordsOk: 8, recordsDamaged: 0, bytesKept: 0, spans: [], ...changes };
}

export function fakeSerializer(state: FakeState): ISessionSerializer {
  return {
    async exportSession(): Promise<string> {
      throw new TypeError('commands export in chunks');
    },
    async sealed(document: AsyncIterable<string>, recipients: readonly string[]): Promise<AsyncIterable<string>> {
      did(state, 'sealed', recipients);
      return document;
    },
    exportStream(id, format) {
      const chunks = async function* (): AsyncGenerator<string> {
        yield `<${format} of `;
        did(state, 'exportStream', id, format);
        yield `${id}>\n`;
      };
      return Object.assign(chunks(), { warnings: state.lateWarnings });
    },
    async importFile(path: string, options: ImportOptions) {
      did(state, 'importFile', path, options);
      return { imported: state.imported, warnings: state.warnings };
    },
    discover(home: string) {
      const found = async function* (): AsyncGenerator<DiscoveredSession> {
        did(state, 'discover', home);
        yield* state.discovered;
      };
      return Object.assign(found(), { warnings: state.lateWarnings });
    },
    async importDiscovered(found: DiscoveredSession) {
      did(state, 'importDiscovered', found.id);
      return { imported: state.imported, warnings: [] };
    },
  };
}

export function fakeCleanup(state: FakeState): ISessionCleanup {
  return {
    async plan(policy: RetentionPolicy): Promise<CleanupReport> {
      did(state, 'plan', policy);
      const item = { name: 'login fix', bytes: 12_345 };
      return {
        remove: [{ ...item, id: ID_A, action: policy.action ?? 'trash', reason: 'not changed for 40 days' }],
        keep: [{ ...item, id: ID_B, action: 'keep', reason: 'changed yesterday' }],
        done: false,
        warnings: [],
      };
    },
    async run(report, progress) {
      did(state, 'run', report.remove.length);
      progress(1, 1);
      return { ...report, done: true };
    },
    async usage() {
      did(state, 'usage');
      return {
        sessionCount: 2,
        totalBytes: 30_000,
        logBytes: 24_690,
        blobBytes: 0,
        trashBytes: 0,
        indexBytes: 5_000,
        checkpointBytes: 0,
        keptBytes: 310,
        freeDiskBytes: 9e9,
        reclaimableBytes: 12_345,
        largest: [{ id: ID_A, name: 'login fix', bytes: 12_345 }],
        warnings: [],
      };
    },
    trashed: () => state.trash,
    async prune(which) {
      did(state, 'prune', which);
      const pruned = state.trash.map(({ id, bytes }) => ({ id, bytes }));
      const bytesFreed = pruned.reduce((sum, one) => sum + one.bytes, 0);
      return { pruned, bytesFreed, remains: ['copies in backups'], failures: [] };
    },
  };
}

/** Notes the call, and fails where the test wants it to. */
export function did(state: FakeState, method: string, ...args: unknown[]): void {
  state.calls.push([method, ...args]);
  const failure = state.failures[method];
  if (failure) throw failure;
}
