// A page of the list: which sessions, in which order, from where on.

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { SessionError } from '../../core/errors.ts';
import type { CaseRule } from '../../core/project-path.ts';
import type { Status } from '../../core/record.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import { nameKey, projectHash, readRow, tagKey } from './catalogue-table.ts';
import type { NameSeal } from '../../crypto/name-seal.ts';
import type { SqlRow } from './catalogue-table.ts';
import type { IndexContext } from './index-context.ts';
import { sealedProjectHash } from './sealed-words.ts';
import { statement } from './statements.ts';

export type CatalogueSort = 'updated' | 'created' | 'name' | 'size' | 'messages';

/** Everything is optional; fields narrow together. */
export interface CatalogueFilter {
  /** Path of a project, in any spelling. */
  project?: string;
  /** All of them. */
  tags?: readonly string[];
  /** One of them. */
  status?: readonly Status[];
  /** Bounds of the last change, inclusive, ISO 8601; a date alone is its whole day in UTC. */
  since?: string;
  until?: string;
  /** Kinds of origin; absent means all but subagents. */
  origin?: readonly string[];
  archived?: 'only' | 'include';
  damaged?: 'only';
  sort?: CatalogueSort;
  limit?: number;
  cursor?: string;
}

export interface CataloguePage {
  rows: CatalogueRow[];
  /** For the next page; null when this is the last. */
  nextCursor: string | null;
}

export const LIMIT_DEFAULT = 50;

const ORDERS = {
  updated: { column: 'updated_ms', direction: 'DESC' },
  created: { column: 'created_ms', direction: 'DESC' },
  name: { column: 'name_key', direction: 'ASC' },
  size: { column: 'size', direction: 'DESC' },
  messages: { column: 'messages', direction: 'DESC' },
} as const;

/** Reads one page. Throws USAGE for a date, sort or cursor that is none. */
export function queryPage(
  database: DatabaseSync,
  filter: CatalogueFilter,
  { caseRule, names }: Pick<IndexContext, 'caseRule' | 'names'>,
): CataloguePage {
  const seal = names();
  const sort = filter.sort ?? 'updated';
  if (!Object.hasOwn(ORDERS, sort)) throw usage(`sort ${sort} is unknown: use ${Object.keys(ORDERS).join(', ')}`);
  const { column, direction } = ORDERS[sort];
  const { clauses, values } = conditions(filter, caseRule, seal);
  if (filter.cursor !== undefined) {
    clauses.push(`(${column}, no) ${direction === 'ASC' ? '>' : '<'} (?, ?)`);
    values.push(...decodeCursor(filter.cursor, sort));
  }
  const limit = Math.max(1, Math.min(Number.MAX_SAFE_INTEGER - 1, Math.trunc(filter.limit ?? LIMIT_DEFAULT)));
  const found = statement(
    database,
    `SELECT * FROM session WHERE ${clauses.join(' AND ')}
     ORDER BY ${column} ${direction}, no ${direction} LIMIT ?`,
  ).all(...values, limit + 1);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => readRow(row, seal)),
    nextCursor: found.length > limit && last ? encodeCursor(sort, last[column]!, last['no'] as number) : null,
  };
}

/** What a filter says, as SQL. `listed = 1` stands alone, so that the partial indexes fit. */
function conditions(
  filter: CatalogueFilter,
  caseRule: CaseRule,
  seal: NameSeal | null,
): { clauses: string[]; values: SQLInputValue[] } {
  const clauses: string[] = [];
  const values: SQLInputValue[] = [];
  const and = (clause: string, ...more: SQLInputValue[]): void => {
    clauses.push(clause);
    values.push(...more);
  };
  if (filter.archived === undefined && filter.origin === undefined) {
    and('listed = 1');
  } else {
    if (filter.origin === undefined) and(`origin <> 'subagent'`);
    else and(`origin IN (${filter.origin.map(() => '?').join()})`, ...filter.origin);
    if (filter.archived !== 'include') and(`archived = ${filter.archived === 'only' ? 1 : 0}`);
  }
  // Of an encrypted session a column holds a hash in place of the words.
  if (filter.project !== undefined) {
    const hashes = [projectHash(filter.project, caseRule)];
    if (seal) hashes.push(sealedProjectHash(filter.project, caseRule, seal));
    and(`project_hash IN (${hashes.map(() => '?').join()})`, ...hashes);
  }
  for (const tag of filter.tags ?? []) {
    const keys = either(tagKey(tag), seal?.hash('tag', tagKey(tag)));
    and(`no IN (SELECT session FROM tag WHERE tag IN (${keys.map(() => '?').join()}))`, ...keys);
  }
  if (filter.status !== undefined) and(`status IN (${filter.status.map(() => '?').join()})`, ...filter.status);
  if (filter.since !== undefined) and('updated_ms >= ?', timeOf(filter.since, 'since'));
  if (filter.until !== undefined) and('updated_ms <= ?', timeOf(filter.until, 'until'));
  if (filter.damaged === 'only') and(`health IN ('damaged', 'unreadable')`);
  return { clauses, values };
}

function either(plain: string, hashed: string | undefined): string[] {
  return hashed === undefined ? [plain] : [plain, hashed];
}

const DAY_MS = 24 * 3_600_000;

function timeOf(text: string, bound: 'since' | 'until'): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw usage(`${bound} ${text} is no ISO 8601 date`);
  return bound === 'until' && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? atMs + DAY_MS - 1 : atMs;
}

/** Sort, last value and last number of the page before: rows that come or go meanwhile shift nothing. */
function encodeCursor(sort: CatalogueSort, value: unknown, no: number): string {
  return Buffer.from(JSON.stringify([sort, value, no])).toString('base64url');
}

function decodeCursor(cursor: string, sort: CatalogueSort): [string | number, number] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parsed = null;
  }
  if (Array.isArray(parsed) && parsed.length === 3) {
    const [ofSort, value, no] = parsed as unknown[];
    const kind = sort === 'name' ? 'string' : 'number';
    if (ofSort === sort && typeof value === kind && Number.isSafeInteger(no)) return [value as string, no as number];
  }
  throw usage('the cursor is not from an earlier answer with the same sort');
}

// Looking one session up -----------------------------------------------------------------------------------------

/** Every row, in the order of ids. */
export function allRows(database: DatabaseSync, seal: NameSeal | null): CatalogueRow[] {
  return rowsOf(statement(database, 'SELECT * FROM session ORDER BY id').all(), seal);
}

export function encryptedIds(database: DatabaseSync): string[] {
  const rows = statement(database, 'SELECT id FROM session WHERE encrypted = 1').all();
  return rows.map(({ id }) => id as string);
}

/** Sessions of which not one record can be read, whatever key is at hand. */
export function unreadableIds(database: DatabaseSync): string[] {
  const rows = statement(database, `SELECT id FROM session WHERE health = 'unreadable' AND encrypted = 0`).all();
  return rows.map(({ id }) => id as string);
}

/** Encrypted sessions without words that this mark's identity sealed, with the note that stands in their place. */
export function unreadRows(database: DatabaseSync, mark: string): { id: string; note: string | null }[] {
  const sql = `SELECT id, sealed FROM session WHERE encrypted = 1
    AND (sealed IS NULL OR substr(sealed, 1, ?) <> ? OR substr(sealed, ? + 1, 1) = '!')`;
  const rows = statement(database, sql).all(mark.length, mark, mark.length);
  return rows.map(({ id, sealed }) => ({ id: id as string, note: lockedNote(sealed as string | null, mark) }));
}

function lockedNote(sealed: string | null, mark: string): string | null {
  return sealed?.startsWith(`${mark}!`) ? sealed.slice(mark.length + 1) : null;
}

function rowsOf(rows: readonly SqlRow[], seal: NameSeal | null): CatalogueRow[] {
  return rows.map((row) => readRow(row, seal));
}

/** The row of a session, null when there is none of this id. */
export function rowById(database: DatabaseSync, id: string, seal: NameSeal | null): CatalogueRow | null {
  const row = statement(database, 'SELECT * FROM session WHERE id = ?').get(id);
  return row ? readRow(row, seal) : null;
}

/** Rows whose id begins so, in the order of ids. */
export function rowsByPrefix(
  database: DatabaseSync,
  prefix: string,
  limit: number,
  seal: NameSeal | null,
): CatalogueRow[] {
  // Ids are ASCII, so U+FFFF sorts behind whatever may follow the prefix.
  const sql = 'SELECT * FROM session WHERE id >= ? AND id < ? ORDER BY id LIMIT ?';
  return rowsOf(statement(database, sql).all(prefix, `${prefix}\uffff`, limit), seal);
}

/** Rows of exactly this name, the last changed first. */
export function rowsByName(database: DatabaseSync, name: string, seal: NameSeal | null): CatalogueRow[] {
  if (name === '') return [];
  const sql = `SELECT * FROM session WHERE (name_key = ? AND name = ?) OR name_key = ?
    ORDER BY updated_ms DESC, no DESC`;
  const plain = name.toWellFormed();
  return rowsOf(statement(database, sql).all(nameKey(name), plain, seal?.hash('name', plain) ?? null), seal);
}

/** Rows imported from another agent's session of this id. */
export function rowsByOrigin(database: DatabaseSync, originSessionId: string, seal: NameSeal | null): CatalogueRow[] {
  const sql = 'SELECT * FROM session WHERE origin_id IN (?, ?) ORDER BY updated_ms DESC, no DESC';
  const plain = originSessionId.toWellFormed();
  return rowsOf(statement(database, sql).all(plain, seal?.hash('origin', plain) ?? null), seal);
}

function usage(message: string): SessionError {
  return new SessionError('USAGE', message, { op: 'list' });
}
