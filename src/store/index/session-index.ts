// The index as the services see it: a read model of all sessions, never wrong and never in the way. Whoever asks it
// brings it up to date first; it is made anew when it is damaged, and done without when it cannot be written.
// What only a search needs is loaded by the first search.

import type { Warning } from '../../core/errors.ts';
import { SessionError } from '../../core/errors.ts';
import type { CaseRule } from '../../core/project-path.ts';
import type { CatalogueFilter, CataloguePage } from './catalogue-query.ts';
import {
  allRows,
  encryptedIds,
  unreadRows,
  queryPage,
  rowById,
  rowsByName,
  rowsByOrigin,
  rowsByPrefix,
} from './catalogue-query.ts';
import type { CatchUpOptions, Progress } from './catalogue-refresh.ts';
import { catchUp, refresh, settleMarker, staleRows } from './catalogue-refresh.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import type { NameSeal } from '../../crypto/name-seal.ts';
import type { IndexContext } from './index-context.ts';
import type { IndexPlace } from './index-handle.ts';
import { IndexHandle } from './index-handle.ts';
import type { FindOptions, FindPage } from './session-find.ts';

export interface SessionIndexOptions extends Pick<IndexContext, 'source' | 'layout' | 'now' | 'isHeld'> {
  /** Whether a session can be read; those that are encrypted need a key at hand. */
  canRead?: (id: string) => boolean;
  /** How the file system of this machine compares names; by the platform when absent. */
  caseRule?: CaseRule;
}

export type Warned<Answer> = Answer & { warnings: Warning[] };

export type RebuildPhase = 'sessions' | 'texts' | 'pieces';

/** Rows that turn out to have changed are read again, which may bring others into view; but not for ever. */
const SETTLE_ROUNDS = 3;
const CANDIDATES_MAX = 20;
/** Half a second each: nobody else holds the index for so long at a time. */
const FORGET_ATTEMPTS_MAX = 20;

export class SessionIndex {
  readonly #context: IndexContext;
  readonly #handle: IndexHandle;
  readonly #canRead: (id: string) => boolean;
  #names: NameSeal | null = null;
  #warnings: Warning[] = [];

  /** Touches nothing until it is asked. The caller closes it. */
  constructor(options: SessionIndexOptions) {
    const warn = (warning: Warning): void => {
      if (!this.#warnings.some(({ message }) => message === warning.message)) this.#warnings.push(warning);
    };
    const caseRule = process.platform === 'win32' || process.platform === 'darwin' ? 'insensitive' : 'sensitive';
    this.#context = { caseRule, ...options, warn, names: () => this.#names, sealing: 'sealed' };
    this.#canRead = options.canRead ?? (() => false);
    this.#handle = new IndexHandle(options.layout.indexPath, warn);
  }

  /** One page of the list. Throws USAGE for a bad date or cursor, and what the sessions folder throws. */
  list(filter: CatalogueFilter = {}): Warned<CataloguePage> {
    const page = this.#settled((place) => queryPage(place.database, filter, this.#context));
    if (!this.#names) this.#sayLocked();
    return { ...page, warnings: this.takeWarnings() };
  }

  /** Every session, archived ones and subagents too, in the order of ids, after a look at every log's facts. */
  all(): Warned<{ rows: CatalogueRow[] }> {
    const rows = this.#handle.answer((place) => {
      this.#catchUp(place, 'all');
      return allRows(place.database, this.#names);
    });
    return { rows, warnings: this.takeWarnings() };
  }

  /** Null when there is no such session. */
  get(id: string): CatalogueRow | null {
    return this.#settled((place) => rowsOf(rowById(place.database, id, this.#names))).rows[0] ?? null;
  }

  /** Sessions whose id begins so, the first 20. */
  byPrefix(prefix: string): CatalogueRow[] {
    return this.#settled((place) => ({ rows: rowsByPrefix(place.database, prefix, CANDIDATES_MAX, this.#names) })).rows;
  }

  /** Sessions of exactly this name, the last changed first. */
  byName(name: string): CatalogueRow[] {
    return this.#settled((place) => ({ rows: rowsByName(place.database, name, this.#names) })).rows;
  }

  /** Sessions that were imported from another agent's session of this id, the last changed first. */
  byOrigin(originSessionId: string): CatalogueRow[] {
    return this.#settled((place) => ({ rows: rowsByOrigin(place.database, originSessionId, this.#names) })).rows;
  }

  /** The session of a project that was changed last, of those that a list shows. Null when it has none. */
  latest(projectPath: string): CatalogueRow | null {
    const filter: CatalogueFilter = { project: projectPath, limit: 1 };
    return this.#settled((place) => queryPage(place.database, filter, this.#context)).rows[0] ?? null;
  }

  /** Full text search, after taking in what is not indexed yet. Throws USAGE for a bad date, pattern or cursor. */
  async find(query: string, options: FindOptions = {}): Promise<Warned<FindPage>> {
    const { findIn } = await import('./find-place.ts');
    const page = await this.#handle.answerLater((place) => {
      this.#catchUp(place, 'some');
      return findIn(this.#context, place, () => this.#handle.disk(), this.#canRead, query, options);
    });
    return { ...page, warnings: this.takeWarnings() };
  }

  /** Has the words of encrypted sessions opened from here on, and sealed in what is written. */
  openNames(names: NameSeal): void {
    this.#names = names;
  }

  /**
   * Encrypted sessions, after a catch-up, whose words were not sealed by the identity at hand: because nobody had read
   * them, or somebody else did. `note` is what was noted of them when they were tried before.
   */
  unread(): { id: string; note: string | null }[] {
    return this.#handle.answer((place) => {
      this.#catchUp(place, 'some');
      return unreadRows(place.database, this.#names?.mark ?? '');
    });
  }

  /** Reads sessions again whose logs did not change, because keys are at hand now; `note` is kept of those still locked. */
  refreshSealed(ids: readonly string[], note: (id: string) => string): void {
    const context: IndexContext = { ...this.#context, noteLocked: note };
    this.#handle.answer((place) => refresh(context, place.database, ids));
  }

  /** Looks at the facts of every log, and reads those that changed. */
  refreshAll(progress?: Progress): void {
    this.#handle.answer((place) => this.#catchUp(place, 'all', progress));
  }

  /**
   * Takes one session in, its words too (up to one batch of 16 MB). For a writer that has closed it and given up its
   * lock, and for imports. Leaves everything to the next reader when another process is writing the index.
   */
  async noteChanged(id: string): Promise<void> {
    const { indexBatch } = await import('./text-writer.ts');
    this.#onDisk((place) => {
      refresh(this.#context, place.database, [id]);
      settleMarker(this.#context, place.database, id);
      indexBatch(this.#context, place.database, id);
    });
  }

  /**
   * Takes a session out, words and all. To be called before its log is moved to the trash, deleted, or rewritten with
   * other words: they can only be removed as long as the log still has them. Answers false when something stays behind
   * (never to be found, but in the file) until `rebuild`. Throws INDEX_UNUSABLE when another process keeps the index.
   */
  async forget(id: string): Promise<boolean> {
    const { forgetSession } = await import('./text-removal.ts');
    return this.#writing(id, ({ database }) => forgetSession(this.#context, database, id));
  }

  /**
   * As `forget`, and leaves nothing behind either: where words could not be taken out exactly, all sessions are indexed
   * anew by the next search. Answers what may still hold them, null when nothing does.
   */
  async erase(id: string): Promise<string | null> {
    await this.forget(id);
    const { cutWriteAheadLog, dropOrphans } = await import('./text-removal.ts');
    const { indexPath } = this.#context.layout;
    const { dropOtherIndexes } = await import('./other-indexes.ts');
    dropOtherIndexes(this.#context.layout, id);
    return this.#writing<string | null>(id, ({ database, kind }) => {
      dropOrphans(database);
      // A reader that is at work keeps the write-ahead log, and what was deleted in it.
      if (!cutWriteAheadLog(database)) return 'busy';
      return kind === 'disk' ? null : `the index ${indexPath}, which cannot be written`;
    });
  }

  /** Goes on filling what substring searches use, for about so long. Answers how many texts are left. */
  async fillSubstrings(budgetMs: number): Promise<number> {
    const { fillPieces, unfilled } = await import('./substring-fill.ts');
    const left = this.#onDisk((place) => fillPieces(this.#context, place.database, budgetMs));
    return left === 'busy' ? this.#handle.answer((place) => unfilled(place.database)) : left;
  }

  /** Makes everything anew from the logs. Lists are complete after the first phase. */
  async rebuild(
    progress?: (phase: RebuildPhase, done: number, total: number) => void,
  ): Promise<Warned<{ sessions: number; texts: number }>> {
    const { fillAll } = await import('./find-place.ts');
    this.#handle.discard();
    const counts = await this.#handle.answerLater(async (place) => {
      this.#catchUp(place, 'none', (done, total) => progress?.('sessions', done, total));
      return fillAll(this.#context, place.database, progress);
    });
    return { ...counts, warnings: this.takeWarnings() };
  }

  /** What was noticed since the last time; answers that carry warnings have taken them. */
  takeWarnings(): Warning[] {
    const warnings = this.#warnings;
    this.#warnings = [];
    return warnings;
  }

  close(): void {
    this.#handle.close();
  }

  #catchUp({ database, kind }: IndexPlace, sweep: CatchUpOptions['sweep'], progress?: Progress): void {
    catchUp(this.#context, database, { sweep, markers: kind === 'disk' ? 'clear' : 'keep', progress });
  }

  /** Catches up, asks, and asks again when what would be shown turns out to have changed. */
  #settled<Page extends { rows: CatalogueRow[] }>(ask: (place: IndexPlace) => Page): Page {
    return this.#handle.answer((place) => {
      this.#catchUp(place, 'some');
      const seen = new Set<string>();
      for (let round = 1; ; round++) {
        const page = ask(place);
        const stale = staleRows(this.#context, page.rows).filter((id) => round < SETTLE_ROUNDS && !seen.has(id));
        if (stale.length === 0) return page;
        for (const id of stale) seen.add(id);
        refresh(this.#context, place.database, stale);
      }
    });
  }

  /** A list that leaves words out says so. */
  #sayLocked(): void {
    const { length } = this.#handle.answer(({ database }) => encryptedIds(database));
    if (length === 0) return;
    this.#context.warn({
      code: 'SESSION_ENCRYPTED',
      message: `${length === 1 ? 'an encrypted session is' : `${length} encrypted sessions are`} locked: names, tags and projects are not shown, and not looked for`,
      hint: 'with ROO_IDENTITY or ROO_PASSPHRASE_FILE they are; --all lists them without their names',
    });
  }

  /** Work on the file that takes a session out of it, and waits for its turn. */
  #writing<Result>(id: string, work: (place: IndexPlace) => Result | 'busy'): Result {
    for (let attempt = 1; attempt <= FORGET_ATTEMPTS_MAX; attempt++) {
      const done = this.#onDisk(work);
      if (done !== 'busy') return done;
    }
    throw new SessionError('INDEX_UNUSABLE', `another process is at work on the index; ${id} was not taken out`, {
      op: 'forget',
      path: this.#context.layout.indexPath,
      hint: 'try again in a moment',
    });
  }

  /** Work that is worth doing on the file only. */
  #onDisk<Result>(work: (place: IndexPlace) => Result): Result | 'busy' {
    return this.#handle.answer((place) => (place.kind === 'copy' ? 'busy' : work(place)));
  }
}

function rowsOf(row: CatalogueRow | null): { rows: CatalogueRow[] } {
  return { rows: row ? [row] : [] };
}
