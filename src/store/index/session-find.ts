// Answers `roo session find`: asks the tables, ranks the sessions, reads their best places again for the snippets.

import type { DatabaseSync } from 'node:sqlite';
import { SessionError } from '../../core/errors.ts';
import { asksSessionsOnly, parseFindQuery } from '../../core/find-query.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import { readRow } from './catalogue-table.ts';
import type { SessionHits } from './find-rank.ts';
import { hitsBySession, sessionScore } from './find-rank.ts';
import type { FindScope } from './find-scope.ts';
import { findScope } from './find-scope.ts';
import { SPACELESS_TERMS_FROM } from './text-form.ts';
import { shownHits } from './find-hits.ts';
import type { FoundText } from './find-hits.ts';
import type { IndexContext } from './index-context.ts';
import { indexTrouble } from './index-errors.ts';
import { statement } from './statements.ts';
import type { Hit, TextShelf } from './text-hits.ts';
import { findHits } from './text-hits.ts';
import type { Endings, TextPlan } from './text-plan.ts';
import { piecePlan, wordPlan } from './text-plan.ts';
import { fillPieces, unfilled } from './substring-fill.ts';

export interface FindOptions {
  mode?: 'words' | 'regex';
  /** Only sessions of the project at this path; absent means all. */
  project?: string;
  limit?: number;
  /** From an earlier answer's `nextCursor`, for the same query. */
  cursor?: string;
}

export interface FoundRow {
  row: CatalogueRow;
  /** Between 0 and 1; 0 where a query asks for sessions only. */
  score: number;
  /** The best texts, the best first. Empty when their log cannot be read just now. */
  hits: FoundText[];
}

export interface FindPage {
  found: FoundRow[];
  nextCursor: string | null;
  /** True when there were so many hits that only the newest were ranked. */
  truncated: boolean;
}

const LIMIT_DEFAULT = 20;
/** What a search adds to its own time, so that later ones need not read messages one by one. */
const FILL_MS = 1_000;

/** A session in the order of the answer: by `key`, which is its score, or its last change where nothing is scored. */
interface Ranked {
  no: number;
  key: number;
  score: number;
  hits: Hit[];
}

/** The last session of a page, and when the first page was asked for. */
interface Cursor {
  nowMs: number;
  key: number;
  no: number;
}

/** A query, where to ask it, and what came of it. */
interface Search {
  context: IndexContext;
  /** What is known of sessions. */
  catalogue: DatabaseSync;
  /** What is known of their words. */
  shelves: readonly TextShelf[];
  scope: FindScope;
}

/** Finds sessions by what was said in them. Throws USAGE for a bad date, pattern or cursor. */
export async function findSessions(
  context: IndexContext,
  catalogue: DatabaseSync,
  shelves: readonly TextShelf[],
  text: string,
  options: FindOptions,
): Promise<FindPage> {
  const cursor = decodeCursor(options.cursor);
  // Later pages rank as the first did, or a session could be on both.
  const nowMs = cursor?.nowMs ?? context.now();
  const query = options.mode === 'regex' ? null : parseFindQuery(text, nowMs);
  const scope = findScope(catalogue, query, options.project, context.caseRule);
  const search: Search = { context, catalogue, shelves, scope };
  if (query && asksSessionsOnly(query)) {
    return { ...(await pageOf(search, null, sessionsOnly(search), options, nowMs)), truncated: false };
  }
  const regex = query ? null : (await import('./regex-matcher.ts')).regexSearch(text);
  try {
    const endings = endingsIn(shelves);
    const plans = query ? [() => wordPlan(query, endings), () => piecePlan(query, endings)] : [() => regex!.plan];
    for (const [i, planOf] of plans.entries()) {
      const plan = planOf();
      const { sessions, truncated } = await hitsOf(search, plan);
      if (sessions.size === 0 && i < plans.length - 1) continue;
      const page = await pageOf(search, plan, ranked(search, sessions, nowMs), options, nowMs);
      return { ...page, truncated };
    }
    throw new TypeError('a query has at least one plan');
  } finally {
    await regex?.close();
  }
}

/** Looks pairs up among the terms of the index: those of scripts without spaces stand together, behind all others. */
function endingsIn(shelves: readonly TextShelf[]): Endings {
  return (character) => {
    const found = new Set<string>();
    for (const { database } of shelves) {
      const terms = statement(database, 'SELECT term FROM words_terms WHERE term >= ? AND term LIKE ?');
      for (const { term } of terms.all(SPACELESS_TERMS_FROM, `_${character}`)) found.add(term as string);
    }
    return [...found];
  };
}

/** Hits of all shelves by session. */
async function hitsOf(
  { context, shelves, scope }: Search,
  plan: TextPlan,
): Promise<{ sessions: Map<number, SessionHits>; truncated: boolean }> {
  const all: Hit[] = [];
  let truncated = false;
  for (const shelf of shelves) {
    const left = plan.decides === 'matcher' && plan.pieces !== null ? prepare(context, shelf) : 0;
    if (left > 0) {
      context.warn({
        code: 'INDEX_UNUSABLE',
        message: `pieces of words are not indexed yet for ${left} messages: these were read one by one`,
        hint: 'the next searches will be faster; roo session reindex makes them fast at once',
      });
    }
    const found = await findHits(context, shelf, plan, scope);
    all.push(...found.hits);
    truncated ||= found.truncated;
  }
  return { sessions: hitsBySession(all), truncated };
}

/** Fills the table of pieces before it is asked, for a while. Answers how many texts it still lacks. */
function prepare(context: IndexContext, { database, use }: TextShelf): number {
  if (use === 'read') return unfilled(database);
  try {
    return fillPieces(context, database, FILL_MS);
  } catch (error) {
    if (indexTrouble(error) !== 'busy') throw error;
    return unfilled(database);
  }
}

function ranked({ catalogue }: Search, sessions: ReadonlyMap<number, SessionHits>, nowMs: number): Ranked[] {
  const found: Ranked[] = [];
  for (const [no, hits] of sessions) {
    const row = statement(catalogue, 'SELECT updated_ms, messages FROM session WHERE no = ?').get(no);
    if (!row) continue;
    const score = sessionScore(hits, row['messages'] as number, nowMs - (row['updated_ms'] as number));
    found.push({ no, key: score, score, hits: hits.best() });
  }
  return found;
}

/** For queries without words: the sessions that fit the fields. */
function sessionsOnly({ catalogue, scope }: Search): Ranked[] {
  const { sessions, afterMs, beforeMs } = scope;
  return statement(catalogue, 'SELECT no, updated_ms FROM session WHERE updated_ms >= ? AND created_ms < ?')
    .all(afterMs ?? Number.MIN_SAFE_INTEGER, beforeMs ?? Number.MAX_SAFE_INTEGER)
    .map((row) => ({ no: row['no'] as number, key: row['updated_ms'] as number, score: 0, hits: [] }))
    .filter(({ no }) => sessions === null || sessions.has(no));
}

async function pageOf(
  { context, catalogue }: Search,
  plan: TextPlan | null,
  sessions: Ranked[],
  { cursor: after, limit = LIMIT_DEFAULT }: FindOptions,
  nowMs: number,
): Promise<Omit<FindPage, 'truncated'>> {
  const cursor = decodeCursor(after);
  const rest = sessions
    .filter(({ key, no }) => !cursor || key < cursor.key || (key === cursor.key && no < cursor.no))
    .sort((a, b) => b.key - a.key || b.no - a.no);
  const shown = rest.slice(0, Math.max(1, limit));
  const last = shown.at(-1);
  const found: FoundRow[] = [];
  for (const { no, score, hits } of shown) {
    const row = readRow(statement(catalogue, 'SELECT * FROM session WHERE no = ?').get(no)!, context.names());
    found.push({ row, score, hits: plan ? await shownHits(context, hits, plan.matcher) : [] });
  }
  return { found, nextCursor: last && rest.length > shown.length ? encodeCursor({ nowMs, ...last }) : null };
}

function encodeCursor({ nowMs, key, no }: Cursor): string {
  return Buffer.from(JSON.stringify([nowMs, key, no])).toString('base64url');
}

function decodeCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    parsed = null;
  }
  if (Array.isArray(parsed) && parsed.length === 3 && parsed.every((value) => Number.isFinite(value))) {
    const [nowMs, key, no] = parsed as [number, number, number];
    return { nowMs, key, no };
  }
  throw new SessionError('USAGE', 'the cursor is not from an earlier answer', { op: 'find' });
}
