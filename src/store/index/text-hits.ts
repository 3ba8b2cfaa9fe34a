// Candidates narrowed to hits: by speaker, by time, and where the tables cannot decide, by reading the text again.

import type { DatabaseSync } from 'node:sqlite';
import { SessionError, warningOf } from '../../core/errors.ts';
import type { FindRole } from '../../core/find-query.ts';
import type { FindScope } from './find-scope.ts';
import type { IndexContext } from './index-context.ts';
import type { IndexedText } from './index-source.ts';
import { statement } from './statements.ts';
import type { Candidate } from './text-candidates.ts';
import { candidates } from './text-candidates.ts';
import type { TextPlan } from './text-plan.ts';
import type { Span } from './text-reader.ts';
import { spanAt, textsFrom } from './text-reader.ts';
import { roleOf } from './text-rows.ts';
import type { Run } from './text-tables.ts';

/** One text that fits, where it is, and the session it is in. */
export interface Hit {
  database: DatabaseSync;
  no: number;
  ordinal: number;
  run: Run;
  role: FindRole;
}

/** Ranking looks at the newest so many hits: a word in every message must not make a find slow. */
export const HITS_MAX = 50_000;
/** Hits that had to be read cost a thousand times as much. */
export const READ_HITS_MAX = 2_000;

/** A full-text index to look into; several when one is on disk and what came since could not be written there. */
export interface TextShelf {
  database: DatabaseSync;
  /** Sessions whose texts another shelf knows better. */
  skipped: ReadonlySet<number>;
  /** Whether the table of pieces may be filled here. */
  use: 'read' | 'write';
}

/** The newest hits; `truncated` when there were more. */
export async function findHits(
  context: IndexContext,
  shelf: TextShelf,
  plan: TextPlan,
  scope: FindScope,
): Promise<{ hits: Hit[]; truncated: boolean }> {
  const { database, skipped } = shelf;
  const hits: Hit[] = [];
  const spans = new SpanFinder(database);
  const hasTimes = scope.afterMs !== null || scope.beforeMs !== null;
  let batch: Candidate[] = [];
  let batchSpan: Span | null = null;
  const read = async (): Promise<void> => {
    if (batchSpan) hits.push(...(await readHits(context, database, plan, scope, batchSpan, batch)));
    batch = [];
  };
  for (const candidate of candidates(database, plan, scope.sessions, skipped)) {
    if (candidate.row !== null && scope.roles && !scope.roles.has(roleOf(candidate.row))) continue;
    const span: Span | null = hasTimes || plan.decides === 'matcher' ? spans.at(candidate) : null;
    if (span && isOutside(span, scope)) continue;
    if (!span || (plan.decides === 'tables' && isInside(span, scope))) {
      if (candidate.row === null) continue;
      if (hits.length >= HITS_MAX) return { hits, truncated: true };
      hits.push({ database, ...placeOf(candidate), role: roleOf(candidate.row) });
      continue;
    }
    if (span !== batchSpan) {
      await read();
      batchSpan = span;
      if (hits.length >= READ_HITS_MAX) return { hits, truncated: true };
    }
    batch.push(candidate);
  }
  await read();
  return { hits, truncated: false };
}

/** The candidates of one span that fit, the newest first. */
async function readHits(
  context: IndexContext,
  database: DatabaseSync,
  plan: TextPlan,
  scope: FindScope,
  span: Span,
  batch: readonly Candidate[],
): Promise<Hit[]> {
  const { no, ordinal: last } = batch[0]!;
  const wanted = new Map(batch.map((candidate) => [candidate.ordinal, candidate]));
  const texts: { candidate: Candidate; text: IndexedText }[] = [];
  try {
    for (const { ordinal, text } of textsFrom(context, database, { no, id: idOf(database, no) }, span, last)) {
      const candidate = wanted.get(ordinal);
      if (candidate && fitsScope(text, scope)) texts.push({ candidate, text });
    }
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    context.warn(warningOf(error));
  }
  const places = plan.decides === 'matcher' ? await plan.matcher(texts.map(({ text }) => text.text)) : [];
  return texts
    .filter((_, i) => places[i] !== null)
    .map(({ candidate, text }) => ({ database, ...placeOf(candidate), role: text.role }))
    .reverse();
}

function placeOf({ no, ordinal, run }: Candidate): Pick<Hit, 'no' | 'ordinal' | 'run'> {
  return { no, ordinal, run };
}

export function idOf(database: DatabaseSync, no: number): string {
  return (statement(database, 'SELECT id FROM session WHERE no = ?').get(no)?.['id'] as string | undefined) ?? '';
}

function fitsScope({ role, at }: IndexedText, { roles, afterMs, beforeMs }: FindScope): boolean {
  const atMs = Date.parse(at) || 0;
  return (!roles || roles.has(role)) && atMs >= (afterMs ?? 0) && atMs < (beforeMs ?? Number.POSITIVE_INFINITY);
}

function isOutside({ fromMs, toMs }: Span, { afterMs, beforeMs }: FindScope): boolean {
  return toMs < (afterMs ?? 0) || fromMs >= (beforeMs ?? Number.POSITIVE_INFINITY);
}

function isInside({ fromMs, toMs }: Span, { afterMs, beforeMs }: FindScope): boolean {
  return fromMs >= (afterMs ?? 0) && toMs < (beforeMs ?? Number.POSITIVE_INFINITY);
}

/** Finds spans for candidates that mostly lie in the span of the one before. */
class SpanFinder {
  readonly #database: DatabaseSync;
  #span: Span | null = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  at({ ordinal, run }: Candidate): Span {
    if (!this.#span || ordinal < this.#span.first || ordinal > this.#span.last) {
      this.#span = spanAt(this.#database, ordinal, run);
    }
    return this.#span;
  }
}
