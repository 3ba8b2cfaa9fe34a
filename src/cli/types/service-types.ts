// The four services as callers see them: commands are written against these, an embedding program may replace one.
// Every method that fails throws a SessionError; none returns an empty answer for something it could not read.

import type { AuditEntry, AuditReport } from '../../core/audit.ts';
import type { Fold } from '../../core/fold.ts';
import type { LogRecord, MetaRecord, NewRecord } from '../../core/record.ts';
import type { Warning } from '../../core/errors.ts';
import type {
  ExportFormat,
  FoundPage,
  Session,
  SessionConfig,
  SessionFilter,
  SessionInfo,
  SessionPage,
  ShownMessage,
} from './session-types.ts';
import type {
  CleanupReport,
  EncryptionReport,
  ImportedSession,
  PruneReport,
  RepairReport,
  RetentionPolicy,
  ScrubReport,
  StorageInfo,
  VerifyReport,
} from './storage-types.ts';

/** The story's interface, with its twelve methods. */
export interface ISessionManager {
  createSession(name?: string, description?: string): Promise<Session>;
  saveSession(sessionId: string): Promise<void>;
  loadSession(sessionId: string): Promise<Session>;
  deleteSession(sessionId: string): Promise<void>;
  listSessions(filter?: SessionFilter): Promise<SessionInfo[]>;
  findSessions(query: string): Promise<SessionInfo[]>;
  getActiveSession(): Session | null;
  exportSession(sessionId: string, format: ExportFormat): Promise<string>;
  importSession(filePath: string): Promise<Session>;
  archiveSession(sessionId: string): Promise<void>;
  cleanupOldSessions(retentionPolicy: RetentionPolicy): Promise<number>;
  getStorageUsage(): Promise<StorageInfo>;
}

/** What `where` a reference is looked up: this project's latest session is `@last`, `$ROO_SESSION` is `@current`. */
export interface RefContext {
  projectPath: string;
  currentId: string | null;
}

/** Which messages of the active branch; at most one of `last`, `from`/`to`. Message ids or 1-based ordinals. */
export interface ShowRange {
  last?: number;
  from?: string;
  to?: string;
}

export interface ShownSession {
  session: SessionInfo;
  /** Oldest first; read lazily, so a caller may stop early. */
  messages: AsyncIterable<ShownMessage>;
  warnings: Warning[];
}

/** All that is known of one session without its messages. */
export interface SessionDetails {
  session: SessionInfo;
  fold: Fold;
  config: SessionConfig;
  holder: { pid: number; host: string; since: string } | null;
  /** Who can read it, where it is encrypted and its key says so; none where anybody can. */
  recipients: readonly string[];
  warnings: Warning[];
}

/** Whether a change went into the log, or into the inbox because another process holds the session. */
export interface ChangeResult {
  via: 'log' | 'inbox';
  /** False only where `autoSave` is off and the change waits for `saveSession`. */
  durable: boolean;
}

/** Who did what to which session on this machine. */
export interface ISessionAudit {
  /** Of one session, or of all; oldest first. `unreadable` is told of lines that are none. */
  entries(session: string | null, unreadable: (warning: Warning) => void): Iterable<AuditEntry>;
  verify(): AuditReport;
}

/** Takes secrets out of what was written before. A family is a session with its forks; it is done together. */
export interface ISessionScrub {
  families(ids: readonly string[] | 'all'): string[][];
  /** What `scrub` would answer. Changes nothing. */
  preview(family: readonly string[], originals: 'remove' | 'keep'): Promise<ScrubReport[]>;
  scrub(family: readonly string[], originals: 'remove' | 'keep'): Promise<ScrubReport[]>;
}

export interface FindOptions {
  project?: string;
  limit?: number;
  cursor?: string;
  mode?: 'words' | 'regex';
}

/** Who can read a session. */
export interface ISessionEncryption {
  encrypt(id: string, recipients?: readonly string[]): Promise<EncryptionReport>;
  decrypt(id: string): Promise<EncryptionReport>;
  share(id: string, recipients: readonly string[]): Promise<EncryptionReport>;
  rekey(id: string, without?: readonly string[]): Promise<EncryptionReport>;
  rewrap(previous: string, current: string): Promise<{ rewrapped: string[]; left: Warning[] }>;
}

export interface ISessionStorage {
  readonly audit: ISessionAudit;
  list(filter?: SessionFilter): SessionPage;
  find(query: string, options?: FindOptions): Promise<FoundPage>;
  /** Id for a full id, a unique prefix (≥ 4), an exact name, the id in another agent, `@last` or `@current`. */
  resolve(ref: string, context: RefContext): string;
  details(id: string): SessionDetails;
  show(id: string, range: ShowRange): ShownSession;
  /** New messages as they are written, by whichever process, until the signal ends it. */
  follow(id: string, signal: AbortSignal): AsyncIterable<ShownMessage>;
  /** Every record of the session as it stands in the log, all branches, oldest first. */
  records(id: string): AsyncIterable<LogRecord>;
  /** Has the key of an encrypted session at hand from here on. Throws SESSION_ENCRYPTED when it cannot be. */
  unlock(id: string): Promise<void>;
  /** Has the names of encrypted sessions at hand, as far as they can be; `quietly` asks nobody for a passphrase. */
  unlockNames(how: 'ask' | 'quietly'): Promise<void>;
  encryption(): Promise<ISessionEncryption>;
  change(id: string, records: NewRecord[]): Promise<ChangeResult>;
  loadSession(id: string): Promise<Session>;
  /** Appends what differs from the log; answers what was written. */
  saveSession(session: Session): Promise<ChangeResult>;
  fork(id: string, at: string | null, name: string | null): Promise<string>;
  /** Rewritten small and out of the default list; back again. */
  archive(id: string): Promise<void>;
  unarchive(id: string): Promise<void>;
  trash(id: string, reason: string): Promise<void>;
  undelete(ref: string): Promise<string>;
  purge(id: string): Promise<{ bytesFreed: number; remains: string[] }>;
  scrubber(): Promise<ISessionScrub>;
  verify(id: string): Promise<VerifyReport>;
  repair(id: string): Promise<RepairReport>;
  /** Format 1 files into logs; the originals are kept. */
  migrate(): Promise<{ migrated: { id: string; messages: number; originalPath: string }[]; warnings: Warning[] }>;
  reindex(
    progress: (done: number, total: number) => void,
  ): Promise<{ sessions: number; texts: number; durationMs: number }>;
  close(): Promise<void>;
}

export interface ExportOptions {
  format: ExportFormat;
}

export interface ImportOptions {
  /** Adapter name or format; detected when absent. */
  from?: string;
  name?: string;
  dryRun?: 'dry-run';
}

export interface ImportResult {
  imported: ImportedSession[];
  warnings: Warning[];
}

export interface DiscoveredSession {
  agent: string;
  id: string;
  path: string;
  /** All files that hold it, in reading order; most agents have one. */
  paths: readonly string[];
  title: string;
  project: string;
  updatedAt: string;
  sizeBytes: number;
  /** Session here that was imported from it, and whether it has grown since. */
  importedAs: string | null;
  status: 'new' | 'unchanged' | 'updated';
}

/** What is read item by item, and what was noticed on the way; the warnings are complete when it is read to its end. */
export type Reported<T> = AsyncIterable<T> & { readonly warnings: readonly Warning[] };

export interface ISessionSerializer {
  /** The document as one string. Throws EXPORT_TOO_LARGE above 256 MiB. */
  exportSession(id: string, format: ExportFormat): Promise<string>;
  /** The document in chunks of text, whatever its size. */
  exportStream(id: string, format: ExportFormat): Reported<string>;
  /** A document as an age file for these recipients, as text. Throws USAGE for what is no recipient. */
  sealed(document: AsyncIterable<string>, recipients: readonly string[]): Promise<AsyncIterable<string>>;
  importFile(path: string, options: ImportOptions): Promise<ImportResult>;
  discover(home: string): Reported<DiscoveredSession>;
  importDiscovered(found: DiscoveredSession): Promise<ImportResult>;
}

export interface ISessionCleanup {
  plan(policy: RetentionPolicy): Promise<CleanupReport>;
  run(report: CleanupReport, progress: (done: number, total: number) => void): Promise<CleanupReport>;
  usage(): Promise<StorageInfo>;
  /** What trash holds, oldest first. */
  trashed(): { id: string; name: string; deletedAt: string; expiresAt: string; bytes: number }[];
  /** What cannot be freed stays in the trash, and does not keep the others from it. */
  prune(which: 'expired' | 'all'): Promise<PruneReport>;
}

/** Changes of what a list shows, as `roo session edit` makes them. */
export type MetaChange = Omit<MetaRecord, 'type' | 'id' | 'at'>;
