// The index as the services see it: a read model of all sessions, never wrong and never in the way. Whoever asks it
// brings it up to date first; it is made anew when it is damaged, and done without when it cannot be written.
// What only a search needs is loaded by the first search.

import type { Warning } from '../../core/errors.ts';
import { SessionError } from '../../core/errors.ts';
import type { CaseRule } from '../../core/project-path.ts';
import type { CatalogueFilter, CataloguePage } from './catalogue-query.ts';
import { allRows, queryPage, rowById, rowsByName, rowsByOrigin, rowsByPrefix } from './catalogue-query.ts';
import type { CatchUpOptions, Progress } from './catalogue-refresh.ts';
import { catchUp, refresh, settleMarker, staleRows } from './catalogue-refresh.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import type { IndexContext } from './index-context.ts';
import type { IndexPlace } from './index-handle.ts';
import { IndexHandle } from './index-handle.ts';
import type { FindOptions, FindPage } from './session-find.ts';

export interface SessionIndexOptions extends Pick<IndexContext, 'source' | 'layout' | 'now' | 'isHeld'> {
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
  #warnings: Warning[] = [];

  /** Touches nothing until it is asked. The caller closes it. */
  constructor(options: SessionIndexOptions) {
    const warn = (warning: Warning): void => {
      if (!this.#warnings.some(({ message }) => message === warning.message)) this.#warnings.push(warning);
    };
    const caseRule = process.platform === 'win32' || process.platform === 'darwin' ? 'insensitive' : 'sensitive';
    this.#context = { caseRule, ...options, warn };
    this.#handle = new IndexHandle(options.layout.indexPath, warn);
  }

  /** One page of the list. Throws USAGE for a bad date or cursor, and what the sessions folder throws. */
  list(filter: CatalogueFilter = {}): Warned<CataloguePage> {
    const page = this.#settled((place) => queryPage(place.database, filter, this.#context.caseRule));
    return { ...page, warnings: this.takeWarnings() };
  }

  /** Every session, archived ones and subagents too, in the order of ids, after a look at every log's facts. */
  all(): Warned<{ rows: CatalogueRow[] }> {
    const rows = this.#handle.answer((place) => {
      this.#catchUp(place, 'all');
      return allRows(place.database);
    });
    return { rows, warnings: this.takeWarnings() };
  }

  /** Null when there is no such session. */
  get(id: string): CatalogueRow | null {
    return this.#settled((place) => rowsOf(rowById(place.database, id))).rows[0] ?? null;
  }

  /** Sessions whose id begins so, the first 20. */
  byPrefix(prefix: string): CatalogueRow[] {
    return this.#settled((place) => ({ rows: rowsByPrefix(place.database, prefix, CANDIDATES_MAX) })).rows;
  }

  /** Sessions of exactly this name, the last changed first. */
  byName(name: string): CatalogueRow[] {
    return this.#settled((place) => ({ rows: rowsByName(place.database, name) })).rows;
  }

  /** Sessions that were imported from another agent's session of this id, the last changed first. */
  byOrigin(originSessionId: string): CatalogueRow[] {
    return this.#settled((place) => ({ rows: rowsByOrigin(place.database, originSessionId) })).rows;
  }

  /** The session of a project that was changed last, of those that a list shows. Null when it has none. */
  latest(projectPath: string): CatalogueRow | null {
    const filter: CatalogueFilter = { project: projectPath, limit: 1 };
    return this.#settled((place) => queryPage(place.database, filter, this.#context.caseRule)).rows[0] ?? null;
  }

  /** Full text search, after taking in what is not indexed yet. Throws USAGE for a bad date, pattern or cursor. */
  async find(query: string, options: FindOptions = {}): Promise<Warned<FindPage>> {
    const { findIn } = await import('./find-place.ts');
    const page = await this.#handle.answerLater((place) => {
      this.#catchUp(place, 'some');
      return findIn(this.#context, place, () => this.#handle.disk(), query, options);
    });
    return { ...page, warnings: this.takeWarnings() };
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
