// Brings the catalogue up to date with the logs. Nothing is ever pushed into it while a session runs: whoever lists
// looks first at what may have changed, which costs the same in a store of ten sessions and of a hundred thousand.

import type { DatabaseSync } from 'node:sqlite';
import { SessionError, systemError, warningOf } from '../../core/errors.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import { catalogueRow, sameStamp } from './catalogue-row.ts';
import { putRow, removeRow } from './catalogue-table.ts';
import { clearMarker, dirtyIds } from './dirty-markers.ts';
import { changedNames } from './folder-names.ts';
import type { IndexContext } from './index-context.ts';
import type { LogStamp } from './index-source.ts';
import { statement } from './statements.ts';
import { writing } from './write-transaction.ts';

/**
 * Rows whose log is looked at by the way, so that changes made in place by other programs are found sooner or later;
 * what is shown is always looked at. A small store is looked at whole. In a large one a list could spend half its time
 * on it: a row takes three calls of the system, 30 µs in a process that has just begun.
 */
const SWEEP_WHOLE_ROWS = 500;
const SWEEP_ROWS = 100;
/** Sessions summarized in one transaction. */
const CHUNK_ROWS = 500;

export type Progress = (done: number, total: number) => void;

export interface CatchUpOptions {
  sweep: 'some' | 'all' | 'none';
  /** `keep` when the database is a copy: the marker is still needed by whoever writes the real one. */
  markers: 'clear' | 'keep';
  progress?: Progress | undefined;
}

/** Takes in what came, went, was marked, or is found by the sweep. */
export function catchUp(context: IndexContext, database: DatabaseSync, options: CatchUpOptions): void {
  const names = changedNames(context, database);
  const dirty = dirtyIds(context.layout);
  const known: Known[] = dirty.map((id) => [id, stampInCatalogue(database, id)]);
  known.push(...sweptRows(database, placeOf(context.now()), options.sweep));
  const ids = new Set([...(names?.gone ?? []), ...(names?.added ?? []), ...changedOf(context, known)]);
  refresh(context, database, [...ids], options.progress);
  if (names) writing(database, () => names.remember());
  if (options.markers === 'clear') for (const id of dirty) settleMarker(context, database, id);
}

/** Clears the marker of a session that was taken in, if nobody is at it. */
export function settleMarker(context: IndexContext, database: DatabaseSync, id: string): void {
  const isDirty = (): boolean =>
    context.isHeld(id) || changedOf(context, [[id, stampInCatalogue(database, id)]]).length > 0;
  try {
    clearMarker(context.layout, id, isDirty);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // A marker that stays costs a look at its log with every list, and no more.
    context.warn(warningOf(error));
  }
}

/** Reads the logs of these sessions again and puts what they say into the catalogue; those that are gone go. */
export function refresh(
  context: IndexContext,
  database: DatabaseSync,
  ids: readonly string[],
  progress?: Progress,
): void {
  for (let start = 0; start < ids.length; start += CHUNK_ROWS) {
    // Logs are read outside the transaction: reading takes far longer than writing.
    const rows = ids.slice(start, start + CHUNK_ROWS).map((id) => ({ id, row: readLog(context, id) }));
    writing(database, () => {
      for (const { id, row: read } of rows) {
        // What was deleted or scrubbed since it was read was taken out of here as well, and must not come back.
        const row = read && isAsRead(context, read) ? read : read && readLog(context, id);
        if (row) putRow(database, row, context);
        else removeRow(database, id);
      }
    });
    progress?.(start + rows.length, ids.length);
  }
}

/**
 * Ids of rows whose log is not as the catalogue says, and of those that could not be read: what was wrong with them may
 * leave no trace in the log's facts. Refreshes the access time of the others in passing.
 */
export function staleRows(context: IndexContext, rows: readonly CatalogueRow[]): string[] {
  const stale: string[] = [];
  for (const row of rows) {
    const stamp = stampOf(context, row.id);
    if (stamp === 'unknown') continue;
    if (!stamp || !sameStamp(stamp, row.stamp) || row.health === 'unreadable') stale.push(row.id);
    else row.lastAccessedAt = new Date(stamp.accessedAtMs).toISOString();
  }
  return stale;
}

function isAsRead(context: IndexContext, { id, stamp: read }: CatalogueRow): boolean {
  const stamp = stampOf(context, id);
  return stamp === 'unknown' || (stamp !== null && sameStamp(stamp, read));
}

/** Null when the log is gone. One that cannot be read is a row that says so. */
function readLog(context: IndexContext, id: string): CatalogueRow | null {
  try {
    return catalogueRow(id, context.source.summarize(id));
  } catch (error) {
    if (error instanceof SessionError && error.code === 'SESSION_NOT_FOUND') return null;
    const trouble = systemError(error, 'summarize', id);
    if (trouble.code === 'INTERNAL') throw error;
    context.warn(warningOf(trouble));
    const stamp = { sizeBytes: 0, mtimeMs: 0, accessedAtMs: 0 };
    return catalogueRow(id, { stamp, fold: null, health: 'unreadable', encrypted: false, conflictOf: null });
  }
}

/** The facts of a log, null when it is gone, `unknown` when even they cannot be had: then its row stays as it is. */
function stampOf(context: IndexContext, id: string): LogStamp | null | 'unknown' {
  try {
    return context.source.stamp(id);
  } catch (error) {
    const trouble = systemError(error, 'stat', id);
    if (trouble.code === 'INTERNAL') throw error;
    context.warn(warningOf(trouble));
    return 'unknown';
  }
}

type Known = [id: string, stamp: Pick<LogStamp, 'sizeBytes' | 'mtimeMs'> | null];

function changedOf(context: IndexContext, rows: readonly Known[]): string[] {
  const changed: string[] = [];
  for (const [id, known] of rows) {
    const stamp = stampOf(context, id);
    if (stamp === 'unknown' || (!stamp && !known)) continue;
    if (!stamp || !known || stamp.sizeBytes !== known.sizeBytes || stamp.mtimeMs !== known.mtimeMs) changed.push(id);
  }
  return changed;
}

function stampInCatalogue(database: DatabaseSync, id: string): Known[1] {
  const row = statement(database, 'SELECT size, mtime_ms FROM session WHERE id = ?').get(id);
  return row ? { sizeBytes: row['size'] as number, mtimeMs: row['mtime_ms'] as number } : null;
}

/**
 * Rows from a place in the circle of session numbers on. The place is drawn by the clock: remembering it would make
 * every list a writer. Numbers are hashes, so every row is as likely as any other.
 */
/** A place among the row numbers: multiplied by the golden ratio, times that follow each other lie far apart. */
function placeOf(nowMs: number): number {
  return Math.imul(nowMs, 0x9e3779b1) >>> 0;
}

function sweptRows(database: DatabaseSync, start: number, sweep: CatchUpOptions['sweep']): Known[] {
  if (sweep === 'none') return [];
  const select = (where: string, limit: number): Known[] =>
    statement(database, `SELECT id, size, mtime_ms FROM session WHERE no ${where} ? ORDER BY no LIMIT ?`)
      .all(start, limit)
      .map((row) => [row['id'] as string, { sizeBytes: row['size'] as number, mtimeMs: row['mtime_ms'] as number }]);
  if (sweep === 'all' || !hasMoreRows(database, SWEEP_WHOLE_ROWS)) return [...select('>=', -1), ...select('<', -1)];
  const rows = select('>=', SWEEP_ROWS);
  return rows.length < SWEEP_ROWS ? [...rows, ...select('<', SWEEP_ROWS - rows.length)] : rows;
}

function hasMoreRows(database: DatabaseSync, count: number): boolean {
  return statement(database, 'SELECT 1 FROM session LIMIT 1 OFFSET ?').get(count) !== undefined;
}
