// The life of a session, as the story names it: created, saved, loaded, found, exported, archived, cleaned up. Holds
// which session is active; everything on disk is the business of SessionStorage.

import { EventEmitter } from 'node:events';
import { SessionError } from '../../core/errors.ts';
import { keptEnvironment } from '../../core/environment.ts';
import type { Origin, State } from '../../core/record.ts';
import type { ISessionManager } from '../types/service-types.ts';
import type { ConversationMessage, ExportFormat, Session, SessionFilter, SessionInfo } from '../types/session-types.ts';
import type { RetentionPolicy, StorageInfo } from '../types/storage-types.ts';
import type { CaptureState } from './LiveSession.ts';
import { LiveSession } from './LiveSession.ts';
import type { OperationFigures } from './operation-meter.ts';
import { OperationMeter } from './operation-meter.ts';
import { projectOf } from './project.ts';
import type { SessionCleanup } from './SessionCleanup.ts';
import type { SessionSerializer } from './SessionSerializer.ts';
import type { SessionStorage } from './SessionStorage.ts';

export interface ManagerEvents {
  created: [Session];
  saved: [string];
  loaded: [Session];
  deleted: [string];
  archived: [string];
  autoSaved: [string];
  cleaned: [number];
  /** Something in the background went wrong, or caches were dropped to save memory. */
  warning: [string];
}

export interface ManagerOptions {
  storage: SessionStorage;
  serializer: SessionSerializer;
  cleanup: SessionCleanup;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Resident memory above which loaded sessions that are not active are let go, in bytes. */
  memoryLimitBytes?: number;
}

const MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024;

export class SessionManager extends EventEmitter<ManagerEvents> implements ISessionManager {
  readonly #storage: SessionStorage;
  readonly #serializer: SessionSerializer;
  readonly #cleanup: SessionCleanup;
  readonly #workingDirectory: string;
  readonly #environment: Record<string, string>;
  readonly #loaded = new Map<string, Session>();
  readonly #live = new Map<string, LiveSession>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #meter: OperationMeter;
  #activeId: string | null = null;

  constructor(options: ManagerOptions) {
    super();
    this.#storage = options.storage;
    this.#serializer = options.serializer;
    this.#cleanup = options.cleanup;
    this.#workingDirectory = options.workingDirectory;
    this.#environment = keptEnvironment(options.environment);
    this.#meter = new OperationMeter(options.memoryLimitBytes ?? MEMORY_LIMIT_BYTES, () => this.#shrink());
  }

  /** Begins a session in the manager's directory and makes it the active one. A name or description is durable at once. */
  createSession(name?: string, description?: string): Promise<Session> {
    return this.#meter.measure('create', async () => {
      // Its state is what the object says; nothing else is captured.
      const live = this.#begin({ kind: 'human', agent: 'roo' }, null);
      const session = this.#storage.sessionInMemory(live.id, live.fold);
      Object.assign(session.state, this.#capture());
      if (name !== undefined) session.name = name;
      if (description !== undefined) session.description = description;
      this.#keep(session);
      const hasWords = name !== undefined || description !== undefined;
      if (hasWords && session.config.autoSave) await this.#storage.saveSession(session);
      this.emit('created', session);
      return session;
    });
  }

  /** A live session whose records are appended one by one; what the interactive command line works with. */
  async begin(origin: Origin, capture: CaptureState = () => this.#capture()): Promise<LiveSession> {
    return this.#begin(origin, capture);
  }

  /** Goes on with a session as a live one. Throws SESSION_IN_USE when another process writes it. */
  async resume(sessionId: string, capture: CaptureState = () => this.#capture()): Promise<LiveSession> {
    return this.#live.get(sessionId) ?? this.#watch(await LiveSession.open(this.#storage, sessionId, capture));
  }

  /** Writes what is new in a session that this manager created or loaded. */
  saveSession(sessionId: string): Promise<void> {
    return this.#meter.measure('save', async () => {
      const live = this.#live.get(sessionId);
      const session = this.#loaded.get(sessionId);
      if (!live && !session) {
        throw new SessionError('SESSION_NOT_FOUND', `session ${sessionId} is not open here`, {
          op: 'save',
          hint: 'load it first: loadSession(id)',
        });
      }
      await live?.save();
      if (session) await this.#storage.saveSession(session);
      this.emit('saved', sessionId);
    });
  }

  /** The session with its newest messages; it becomes the active one. Older messages: `olderMessages`. */
  loadSession(sessionId: string): Promise<Session> {
    return this.#meter.measure('load', async () => {
      const session = await this.#storage.loadSession(sessionId);
      this.#keep(session);
      this.emit('loaded', session);
      return session;
    });
  }

  /** Messages older than the loaded window, newest first, read as they are asked for. */
  olderMessages(session: Session): AsyncIterable<ConversationMessage> {
    const oldest = session.history.messages[0]?.id;
    return oldest === undefined ? nothing() : this.#storage.olderMessages(session.id, oldest);
  }

  /** Moves a session to trash. One that was never saved is only forgotten. */
  deleteSession(sessionId: string): Promise<void> {
    return this.#meter.measure('delete', async () => {
      const wasOpen = this.#live.has(sessionId);
      await this.#release(sessionId);
      if (!wasOpen || this.#storage.exists(sessionId)) await this.#storage.trash(sessionId, 'deleted');
      this.emit('deleted', sessionId);
    });
  }

  listSessions(filter: SessionFilter = {}): Promise<SessionInfo[]> {
    return this.#meter.measure('list', async () => {
      await this.#storage.unlockNames('quietly');
      return this.#storage.list(filter).sessions;
    });
  }

  findSessions(query: string): Promise<SessionInfo[]> {
    return this.#meter.measure('find', async () => (await this.#storage.find(query)).sessions);
  }

  getActiveSession(): Session | null {
    return (this.#activeId !== null && this.#loaded.get(this.#activeId)) || null;
  }

  exportSession(sessionId: string, format: ExportFormat): Promise<string> {
    return this.#meter.measure('export', () => this.#serializer.exportSession(sessionId, format));
  }

  /** Imports a file with one session and loads it. Throws USAGE when the file holds several: see the serializer. */
  importSession(filePath: string): Promise<Session> {
    return this.#meter.measure('import', async () => {
      const { imported } = await this.#serializer.importFile(filePath, {});
      const [only] = imported;
      if (!only || imported.length > 1) {
        throw new SessionError('USAGE', `${filePath} holds ${imported.length} sessions`, {
          op: 'import',
          path: filePath,
        });
      }
      return this.loadSession(only.id);
    });
  }

  archiveSession(sessionId: string): Promise<void> {
    return this.#meter.measure('archive', async () => {
      await this.#release(sessionId);
      await this.#storage.archive(sessionId);
      this.emit('archived', sessionId);
    });
  }

  /** Carries a policy out and answers how many sessions it moved. Asking first is the caller's business. */
  cleanupOldSessions(retentionPolicy: RetentionPolicy): Promise<number> {
    return this.#meter.measure('cleanup', async () => {
      const report = await this.#cleanup.run(await this.#cleanup.plan(retentionPolicy), () => {});
      this.emit('cleaned', report.remove.length);
      return report.remove.length;
    });
  }

  getStorageUsage(): Promise<StorageInfo> {
    return this.#meter.measure('usage', () => this.#cleanup.usage());
  }

  /** Memory and time by operation since this manager was made. */
  operationFigures(): Record<string, OperationFigures> {
    return this.#meter.figures();
  }

  /** Saves loaded sessions whose autoSave is on, closes live ones and the store. Rejects when one could not be saved. */
  async close(): Promise<void> {
    try {
      for (const session of this.#loaded.values()) await this.#saveIfBegun(session);
    } finally {
      for (const id of [...this.#live.keys(), ...this.#loaded.keys()]) await this.#release(id);
      await this.#storage.close();
    }
  }

  #begin(origin: Origin, capture: CaptureState | null): LiveSession {
    const record = this.#storage.newSessionRecord({ project: projectOf(this.#workingDirectory), origin });
    const live = this.#watch(LiveSession.create(this.#storage, record, capture));
    for (const { message } of this.#storage.writers.warnings.splice(0)) this.emit('warning', message);
    return live;
  }

  #keep(session: Session): void {
    this.#forgetLoaded(session.id);
    this.#loaded.set(session.id, session);
    this.#activeId = session.id;
    const intervalMs = session.config.autoSaveInterval * 60_000;
    if (!session.config.autoSave || intervalMs <= 0) return;
    const timer = setInterval(() => void this.#autoSave(session), Math.min(intervalMs, 0x7fffffff)).unref();
    this.#timers.set(session.id, timer);
  }

  /** Answers whether the session is on disk as it is in memory. */
  async #autoSave(session: Session): Promise<boolean> {
    try {
      const isSaved = await this.#saveIfBegun(session);
      if (isSaved) this.emit('autoSaved', session.id);
      return isSaved;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.emit('warning', `session ${session.id} could not be saved: ${error.message}`);
      return false;
    }
  }

  /** A session in which nothing was said leaves no file, and one whose autoSave is off is written by `saveSession`. */
  async #saveIfBegun(session: Session): Promise<boolean> {
    const isBegun = session.history.messages.length > 0 || this.#storage.exists(session.id);
    if (!isBegun || !session.config.autoSave) return false;
    await this.#storage.saveSession(session);
    return true;
  }

  #forgetLoaded(sessionId: string): void {
    clearInterval(this.#timers.get(sessionId));
    this.#timers.delete(sessionId);
    this.#loaded.delete(sessionId);
  }

  #watch(live: LiveSession): LiveSession {
    this.#live.set(live.id, live);
    live.on('autoSaved', () => this.emit('autoSaved', live.id));
    live.once('closed', () => this.#live.delete(live.id));
    live.on('failed', (error) => this.emit('warning', `${error.message}${error.hint ? ` (${error.hint})` : ''}`));
    return live;
  }

  async #release(sessionId: string): Promise<void> {
    this.#forgetLoaded(sessionId);
    const live = this.#live.get(sessionId);
    this.#live.delete(sessionId);
    await live?.close();
  }

  /**
   * Lets go of sessions that are not active: they are on disk, and loading one again costs its window. One whose
   * autoSave is off, or that cannot be saved, stays: it may hold what was never written.
   */
  async #shrink(): Promise<void> {
    let count = 0;
    for (const [id, session] of this.#loaded) {
      if (id === this.#activeId || this.#live.has(id) || !session.config.autoSave) continue;
      if (!(await this.#autoSave(session))) continue;
      this.#forgetLoaded(id);
      count++;
    }
    if (count > 0) this.emit('warning', `memory is above its limit: ${count} loaded sessions were let go`);
  }

  #capture(): Partial<State> {
    return { workingDirectory: this.#workingDirectory, environment: this.#environment };
  }
}

async function* nothing(): AsyncIterable<ConversationMessage> {}
