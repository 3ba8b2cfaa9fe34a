// Finding sessions: lists, full text search, references. Asks the index, which catches itself up; what the index cannot
// know (trash) is asked where it is.

import type { Clock } from '../../core/clock.ts';
import { SessionError } from '../../core/errors.ts';
import { assertSessionId, isSessionId } from '../../core/session-file-name.ts';
import type { NameSeal } from '../../crypto/name-seal.ts';
import type { CatalogueRow } from '../../store/index/catalogue-row.ts';
import { markDirty } from '../../store/index/dirty-markers.ts';
import type { IndexSource } from '../../store/index/index-source.ts';
import { SessionIndex } from '../../store/index/session-index.ts';
import { logExists } from '../../store/log-writer.ts';
import { isLocked } from '../../store/session-lock.ts';
import type { StoreLayout } from '../../store/store-layout.ts';
import { listTrash } from '../../store/trash.ts';
import type { FindOptions, RefContext } from '../types/service-types.ts';
import type { FoundPage, SessionFilter, SessionInfo, SessionPage } from '../types/session-types.ts';
import type { CatalogueHooks } from './session-maintenance.ts';
import type { WriteHooks } from './session-writers.ts';

/** A prefix shorter than this is more likely a mistake than a reference. */
const PREFIX_CHARACTERS_MIN = 4;

export class SessionCatalogue implements WriteHooks, CatalogueHooks {
  readonly #layout: StoreLayout;
  readonly #index: SessionIndex;

  constructor(layout: StoreLayout, source: IndexSource, clock: Clock) {
    this.#layout = layout;
    this.#index = new SessionIndex({
      source,
      layout,
      now: () => clock.now(),
      isHeld: (id) => isLocked(layout, id),
      canRead: (id) => layout.keys?.cipherOf(id) != null,
    });
  }

  exists(id: string): boolean {
    return logExists(this.#layout, id);
  }

  list(filter: SessionFilter): SessionPage {
    if (filter.trash === 'only') return this.#trash(filter);
    const { trash: _trash, ...wanted } = filter;
    const { rows, nextCursor, warnings } = this.#index.list(wanted);
    return { sessions: rows.map(sessionInfo), nextCursor, warnings };
  }

  /** Every session of the store: archived ones, and those of subagents. */
  all(): SessionPage {
    const { rows, warnings } = this.#index.all();
    return { sessions: rows.map(sessionInfo), nextCursor: null, warnings };
  }

  async find(query: string, options: FindOptions): Promise<FoundPage> {
    const { found, nextCursor, truncated, warnings } = await this.#index.find(query, options);
    const sessions = found.map(({ row, score, hits }) => ({ ...sessionInfo(row), score, hits }));
    return { sessions, nextCursor, truncated, warnings };
  }

  /** Throws SESSION_NOT_FOUND. */
  info(id: string): SessionInfo {
    const row = this.#index.get(id);
    if (row) return sessionInfo(row);
    throw notFound(id);
  }

  nameOf(id: string): string {
    return this.info(id).name;
  }

  /** Id under which a session of another agent was imported; null when it was not. */
  importedAs(agent: string, foreignId: string): string | null {
    return this.#index.byOrigin(foreignId).find((row) => row.agent === agent)?.id ?? null;
  }

  /** Throws SESSION_NOT_FOUND, or SESSION_REF_AMBIGUOUS with the candidates. */
  resolve(ref: string, { projectPath, currentId }: RefContext): string {
    if (ref === '@current' && currentId !== null) return this.resolve(currentId, { projectPath, currentId: null });
    if (ref === '@last' || ref === '@current') return this.#latest(projectPath);
    if (isSessionId(ref) && this.exists(ref)) return ref;
    const named = this.#index.byName(ref);
    if (named.length > 0) return only(ref, named);
    const imported = this.#index.byOrigin(ref);
    if (imported.length > 0) return only(ref, imported);
    const prefixed = ref.length >= PREFIX_CHARACTERS_MIN ? this.#index.byPrefix(ref) : [];
    if (prefixed.length > 0) return only(ref, prefixed);
    if (couldBeNoName(ref)) assertSessionId(ref, 'find');
    throw notFound(ref);
  }

  /** Goes on preparing substring searches for about so long; for idle moments. */
  async prepare(budgetMs: number): Promise<void> {
    await this.#index.fillSubstrings(budgetMs);
  }

  /** Shows the words of encrypted sessions from here on. */
  openNames(names: NameSeal): void {
    this.#index.openNames(names);
  }

  unread(): { id: string; note: string | null }[] {
    return this.#index.unread();
  }

  refreshSealed(ids: readonly string[], note: (id: string) => string): void {
    this.#index.refreshSealed(ids, note);
  }

  async rebuild(
    progress: (done: number, total: number) => void,
  ): Promise<{ sessions: number; texts: number; durationMs: number }> {
    const startMs = performance.now();
    const { sessions, texts } = await this.#index.rebuild((_phase, done, total) => progress(done, total));
    return { sessions, texts, durationMs: Math.round(performance.now() - startMs) };
  }

  beforeWrite(id: string): void {
    markDirty(this.#layout, id);
  }

  async afterWrite(id: string): Promise<void> {
    if (this.exists(id)) await this.#index.noteChanged(id);
  }

  async forget(id: string): Promise<void> {
    await this.#index.forget(id);
  }

  erase(id: string): Promise<string | null> {
    return this.#index.erase(id);
  }

  close(): void {
    this.#index.close();
  }

  #latest(projectPath: string): string {
    const row = this.#index.latest(projectPath);
    if (row) return row.id;
    throw new SessionError('SESSION_NOT_FOUND', 'this project has no session yet', {
      op: 'find',
      path: projectPath,
      hint: 'roo session list --all shows the sessions of other projects',
    });
  }

  #trash({ limit, cursor }: SessionFilter): SessionPage {
    const trashed = listTrash(this.#layout).toReversed();
    const start = cursor === undefined ? 0 : trashed.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && start === 0)
      throw new SessionError('USAGE', 'the cursor is of no list', { op: 'list' });
    const page = trashed.slice(start, limit === undefined ? undefined : start + limit);
    const sessions = page.map(({ id, name, deletedAt, bytes }) => ({
      ...EMPTY_INFO,
      id,
      name,
      size: bytes,
      encrypted: this.#layout.keys?.isSealed(id) ?? false,
      updatedAt: deletedAt,
      createdAt: deletedAt,
      lastAccessedAt: deletedAt,
    }));
    const hasMore = start + page.length < trashed.length;
    return { sessions, nextCursor: hasMore ? (page.at(-1)?.id ?? null) : null, warnings: [] };
  }
}

/** What is known of a trashed session without reading its log. */
const EMPTY_INFO: Omit<
  SessionInfo,
  'id' | 'name' | 'size' | 'encrypted' | 'createdAt' | 'updatedAt' | 'lastAccessedAt'
> = {
  description: '',
  status: 'active',
  outcome: null,
  tags: [],
  project: '',
  workingDirectory: '',
  duration: 0,
  commandCount: 0,
  messageCount: 0,
  toolCallCount: 0,
  tokens: { input: 0, output: 0, total: 0 },
  cost: 0,
  agent: '',
  origin: '',
  archived: false,
  health: 'ok',
  links: [],
};

/** A row without what only the index needs. A conflict copy shows as a fork of the session it is a version of. */
function sessionInfo({
  stamp: _stamp,
  forkOf,
  conflictOf,
  originSessionId: _origin,
  isLocked: _isLocked,
  ...row
}: CatalogueRow): SessionInfo {
  const parent = conflictOf ?? forkOf;
  const isLinked = parent === null || row.links.some((link) => link.sessionId === parent && link.kind === 'parent');
  return {
    ...row,
    name: row.name === '' ? `session ${row.id.slice(0, 8)}` : row.name,
    links: isLinked ? row.links : [...row.links, { sessionId: parent, kind: 'parent' }],
  };
}

function only(ref: string, rows: readonly CatalogueRow[]): string {
  const [first, ...others] = rows;
  if (others.length === 0) return first!.id;
  const candidates = rows.map(({ id, name, updatedAt }) => ({ id, name, updatedAt }));
  throw new SessionError('SESSION_REF_AMBIGUOUS', `${ref} fits ${rows.length} sessions`, {
    op: 'find',
    hint: candidates.map(({ id, name }) => `${id} ${name}`).join('\n'),
    data: { candidates },
  });
}

/** True for a path, and for one long word: that nobody has such a session is less than is wrong with it. */
function couldBeNoName(ref: string): boolean {
  return /[\\/\0]|^\.{1,2}$|^[\w-]+$/.test(ref);
}

function notFound(ref: string): SessionError {
  return new SessionError('SESSION_NOT_FOUND', `there is no session ${ref}`, {
    op: 'find',
    hint: 'roo session list --all shows the sessions there are',
  });
}
