// Rows of the catalogue in SQLite: put, taken out, read back with their checksum tested.

import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { CaseRule } from '../../core/project-path.ts';
import { projectKey } from '../../core/project-path.ts';
import { isoTime } from '../../core/clock.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import { isListed } from './catalogue-row.ts';
import type { NameSeal } from '../../crypto/name-seal.ts';
import type { IndexContext } from './index-context.ts';
import { IndexDamaged } from './index-errors.ts';
import { NO_WORDS, openWords, sealedProjectHash, sealWords } from './sealed-words.ts';
import { orphanTexts } from './text-tables.ts';
import { shortHash, textHash } from '../../core/text-hash.ts';
import { statement } from './statements.ts';

/** How rows of encrypted sessions are kept. */
type Sealing = Pick<IndexContext, 'caseRule' | 'names' | 'sealing' | 'noteLocked'>;

export type SqlRow = Record<string, SQLOutputValue>;

/** Columns that are shown, in the order their checksum is made. */
// prettier-ignore
const SHOWN = [
  'id', 'name', 'description', 'status', 'outcome', 'tags', 'project', 'directory', 'created_ms', 'updated_ms',
  'accessed_ms', 'duration_ms', 'commands', 'messages', 'tool_calls', 'tokens_in', 'tokens_out', 'tokens', 'cost',
  'size', 'mtime_ms', 'agent', 'origin', 'origin_id', 'encrypted', 'archived', 'health', 'links', 'fork_of',
  'conflict_of', 'sealed',
] as const;
const HIDDEN = ['sum', 'listed', 'due', 'project_hash', 'name_key'] as const;
const COLUMNS = [...HIDDEN, ...SHOWN];
const PUT = `INSERT INTO session(no, ${COLUMNS.join(', ')}) VALUES(?${', ?'.repeat(COLUMNS.length)})
  ON CONFLICT(no) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`;

/** What people write, and what may be long. The rest is 300 bytes at most. */
const LONG = [
  'name',
  'description',
  'outcome',
  'tags',
  'project',
  'directory',
  'agent',
  'origin',
  'origin_id',
  'links',
  'sealed',
] as const;
const UTF8_BYTES_MAX = 3;
const PAGE_BYTES = 4096;

/** Long names and tags are compared by their beginnings, so that an index entry never needs a page of its own. */
const KEY_CHARACTERS_MAX = 100;

export function nameKey(name: string): string {
  return name.toLowerCase().slice(0, KEY_CHARACTERS_MAX).toWellFormed();
}

export function tagKey(tag: string): string {
  return tag.slice(0, KEY_CHARACTERS_MAX).toWellFormed();
}

export function projectHash(path: string, caseRule: CaseRule): number {
  return textHash(projectKey(path, caseRule));
}

/** Adds or replaces a session's row, inside the caller's transaction. Its texts are due when the log has changed. */
export function putRow(database: DatabaseSync, row: CatalogueRow, context: Sealing): void {
  const before = statement(database, 'SELECT no, due, size, mtime_ms, tags FROM session WHERE id = ?').get(row.id);
  const no = before ? (before['no'] as number) : freeNumber(database, row.id);
  // What the file beside a copy in memory has of an encrypted session are no words.
  const isOpened = row.encrypted && context.sealing === 'open';
  const changed = isOpened || before?.['size'] !== row.stamp.sizeBytes || before['mtime_ms'] !== row.stamp.mtimeMs;
  const isSealed = row.encrypted && context.sealing === 'sealed';
  const readable = row.health !== 'unreadable' && !isSealed && !row.isLocked;
  const { shown, keys, tags } = isSealed ? sealedColumns(row, context) : openColumns(row, context);
  const hidden: Record<(typeof HIDDEN)[number], SQLInputValue> = {
    sum: checksum(shown),
    listed: Number(isListed(row)),
    due: Number(readable && (changed || before?.['due'] === 1)),
    ...keys,
  };
  statement(database, PUT).run(no, ...HIDDEN.map((column) => hidden[column]), ...shown);
  if (!readable && before) orphanTexts(database, no);
  putTags(database, no, before ? (JSON.parse(before['tags'] as string) as string[]) : [], tags);
}

/** Takes a session out, inside the caller's transaction; its words are left behind, found by nobody. */
export function removeRow(database: DatabaseSync, id: string): void {
  const row = statement(database, 'SELECT no, tags FROM session WHERE id = ?').get(id);
  if (!row) return;
  const no = row['no'] as number;
  putTags(database, no, JSON.parse(row['tags'] as string) as string[], []);
  orphanTexts(database, no);
  statement(database, 'DELETE FROM session WHERE no = ?').run(no);
}

/** A row as it was put. Throws IndexDamaged when it is not. `names` opens the words of encrypted sessions. */
export function readRow(row: SqlRow, names: NameSeal | null): CatalogueRow {
  if (mayContinue(row) && checksum(SHOWN.map((column) => row[column]!)) !== row['sum']) {
    throw new IndexDamaged(`the row of session ${String(row['id'])} does not fit its checksum`);
  }
  const text = (column: (typeof SHOWN)[number]): string => row[column] as string;
  const number = (column: (typeof SHOWN)[number]): number => row[column] as number;
  const sealed = row['sealed'] as string | null;
  const words = sealed === null ? null : names && openWords(text('id'), sealed, names);
  const encrypted = number('encrypted') === 1;
  return {
    id: text('id'),
    name: text('name'),
    description: text('description'),
    status: text('status') as CatalogueRow['status'],
    outcome: row['outcome'] as string | null,
    tags: JSON.parse(text('tags')) as string[],
    project: text('project'),
    workingDirectory: (row['directory'] as string | null) ?? text('project'),
    createdAt: isoTime(number('created_ms')),
    updatedAt: isoTime(number('updated_ms')),
    lastAccessedAt: isoTime(number('accessed_ms')),
    duration: number('duration_ms'),
    commandCount: number('commands'),
    messageCount: number('messages'),
    toolCallCount: number('tool_calls'),
    tokens: { input: number('tokens_in'), output: number('tokens_out'), total: number('tokens') },
    cost: number('cost'),
    size: number('size'),
    agent: text('agent'),
    origin: text('origin'),
    encrypted,
    archived: number('archived') === 1,
    health: text('health') as CatalogueRow['health'],
    links: JSON.parse(text('links')) as CatalogueRow['links'],
    forkOf: row['fork_of'] as string | null,
    conflictOf: row['conflict_of'] as string | null,
    originSessionId: row['origin_id'] as string | null,
    stamp: { sizeBytes: number('size'), mtimeMs: number('mtime_ms'), accessedAtMs: number('accessed_ms') },
    isLocked: encrypted && words === null && (sealed !== null || text('agent') === ''),
    ...(sealed !== null && (words ?? NO_WORDS)),
  };
}

/** What a row stands under in the columns and tables that are searched. */
interface Columns {
  shown: SQLInputValue[];
  keys: { project_hash: number; name_key: string };
  tags: readonly string[];
}

function openColumns(row: CatalogueRow, { caseRule }: Sealing): Columns {
  const keys = { project_hash: projectHash(row.project, caseRule), name_key: nameKey(row.name) };
  return { shown: shownValues(row, null), keys, tags: row.tags };
}

/** Without an identity at hand nothing of the words is kept: whoever has one reads the session again. */
function sealedColumns(row: CatalogueRow, context: Sealing): Columns {
  const names = context.names();
  if (!names || row.isLocked) {
    const note = names && context.noteLocked ? `${names.mark}!${context.noteLocked(row.id)}` : null;
    return { shown: shownValues({ ...row, ...NO_WORDS }, note), keys: { project_hash: -1, name_key: '' }, tags: [] };
  }
  const tags = row.tags.map((tag) => names.hash('tag', tagKey(tag)));
  const originSessionId = row.originSessionId === null ? null : names.hash('origin', row.originSessionId);
  return {
    shown: shownValues({ ...row, ...NO_WORDS, tags, originSessionId }, sealWords(row, names)),
    keys: {
      project_hash: sealedProjectHash(row.project, context.caseRule, names),
      name_key: names.hash('name', row.name),
    },
    tags,
  };
}

function shownValues(row: CatalogueRow, sealed: string | null): SQLInputValue[] {
  const values: Record<(typeof SHOWN)[number], SQLInputValue> = {
    id: row.id,
    name: row.name,
    description: row.description,
    status: row.status,
    outcome: row.outcome,
    tags: JSON.stringify(row.tags),
    project: row.project,
    // Most sessions stay where they began.
    directory: row.workingDirectory === row.project ? null : row.workingDirectory,
    created_ms: Date.parse(row.createdAt),
    updated_ms: Date.parse(row.updatedAt),
    accessed_ms: Math.floor(row.stamp.accessedAtMs),
    duration_ms: row.duration,
    commands: row.commandCount,
    messages: row.messageCount,
    tool_calls: row.toolCallCount,
    tokens_in: row.tokens.input,
    tokens_out: row.tokens.output,
    tokens: row.tokens.total,
    cost: row.cost,
    size: row.stamp.sizeBytes,
    mtime_ms: row.stamp.mtimeMs,
    agent: row.agent,
    origin: row.origin,
    origin_id: row.originSessionId,
    encrypted: Number(row.encrypted),
    archived: Number(row.archived),
    health: row.health,
    links: JSON.stringify(row.links),
    fork_of: row.forkOf,
    conflict_of: row.conflictOf,
    sealed,
  };
  return SHOWN.map((column) => values[column]);
}

/** Whether SQLite may have put a part of the row on a page of its own. All others it checks by itself. */
function mayContinue(row: SqlRow): boolean {
  let characters = 0;
  for (const column of LONG) characters += (row[column] as string | null)?.length ?? 0;
  return characters * UTF8_BYTES_MAX > PAGE_BYTES / 2;
}

function checksum(values: readonly (SQLInputValue | SQLOutputValue)[]): number {
  return shortHash(values.join('\u0001'));
}

function putTags(database: DatabaseSync, no: number, before: readonly string[], after: readonly string[]): void {
  const old = new Set(before.map(tagKey));
  const now = new Set(after.map(tagKey));
  for (const tag of old.difference(now))
    statement(database, 'DELETE FROM tag WHERE tag = ? AND session = ?').run(tag, no);
  for (const tag of now.difference(old)) statement(database, 'INSERT INTO tag(tag, session) VALUES(?, ?)').run(tag, no);
}

/** The hash of the id, or the next number that is free. */
function freeNumber(database: DatabaseSync, id: string): number {
  const taken = statement(database, 'SELECT 1 FROM session WHERE no = ?');
  let no = shortHash(id);
  while (taken.get(no)) no++;
  return no;
}
