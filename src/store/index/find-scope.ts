// Which sessions, speakers and times a find is about.

import type { DatabaseSync } from 'node:sqlite';
import type { FindField, FindQuery, FindRole } from '../../core/find-query.ts';
import type { CaseRule } from '../../core/project-path.ts';
import { projectKey } from '../../core/project-path.ts';
import { tagKey } from './catalogue-table.ts';
import { statement } from './statements.ts';

export interface FindScope {
  /** Session numbers; null for all. */
  sessions: ReadonlySet<number> | null;
  /** Null for all. */
  roles: ReadonlySet<FindRole> | null;
  afterMs: number | null;
  beforeMs: number | null;
}

const ALL_ROLES: readonly FindRole[] = ['user', 'assistant', 'tool', 'system'];

/** The scope of a query, within one project when its path is given. */
export function findScope(
  database: DatabaseSync,
  query: FindQuery | null,
  project: string | undefined,
  caseRule: CaseRule,
): FindScope {
  const { tags = [], projects = [], statuses = [], roles = [], afterMs = null, beforeMs = null } = query ?? {};
  const narrows = project !== undefined || tags.length + projects.length + statuses.length > 0;
  return {
    sessions: narrows ? sessionsIn(database, { tags, projects, statuses, project, caseRule }) : null,
    roles: roles.length === 0 ? null : new Set(ALL_ROLES.filter((role) => fits(roles, (value) => value === role))),
    afterMs,
    beforeMs,
  };
}

interface SessionScope {
  tags: readonly FindField[];
  projects: readonly FindField[];
  statuses: readonly FindField[];
  project: string | undefined;
  caseRule: CaseRule;
}

function sessionsIn(database: DatabaseSync, scope: SessionScope): ReadonlySet<number> {
  const { tags, projects, statuses, project, caseRule } = scope;
  const exactly = project === undefined ? null : projectKey(project, caseRule);
  const keys = new Map<string, string>();
  const keyOf = (path: string): string => {
    let key = keys.get(path);
    if (key === undefined) keys.set(path, (key = projectKey(path, caseRule)));
    return key;
  };
  const tagged = tags.map(({ value, sign }) => ({ sessions: sessionsWithTag(database, value), sign }));
  const found = new Set<number>();
  for (const row of statement(database, 'SELECT no, project, status FROM session').all()) {
    const no = row['no'] as number;
    const path = row['project'] as string;
    if (exactly !== null && keyOf(path) !== exactly) continue;
    if (!fits(projects, (value) => isProject(keyOf(path), keyOf(value)))) continue;
    if (!fits(statuses, (value) => value === row['status'])) continue;
    if (tagged.every(({ sessions, sign }) => sessions.has(no) === (sign === 'with'))) found.add(no);
  }
  return found;
}

function sessionsWithTag(database: DatabaseSync, tag: string): Set<number> {
  const rows = statement(database, 'SELECT session FROM tag WHERE tag = ?').all(tagKey(tag));
  return new Set(rows.map(({ session }) => session as number));
}

/** The whole path, or the names it ends in: `project:roo` and `project:code/roo` are `/home/me/code/roo`. */
function isProject(key: string, asked: string): boolean {
  const small = key.toLowerCase();
  return key === asked || small.endsWith(`/${asked.toLowerCase()}`);
}

/** One of the wanted, if any are, and none of the unwanted. */
function fits(fields: readonly FindField[], is: (value: string) => boolean): boolean {
  const wanted = fields.filter(({ sign }) => sign === 'with');
  return (
    (wanted.length === 0 || wanted.some(({ value }) => is(value))) &&
    !fields.some(({ value, sign }) => sign === 'without' && is(value))
  );
}
