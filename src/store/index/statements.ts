// Statements prepared once for each database: preparing costs more than running most of them.

import type { DatabaseSync, StatementSync } from 'node:sqlite';

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** For `get`, `all` and `run`, which end before they return; a statement that is iterated needs one of its own. */
export function statement(database: DatabaseSync, sql: string): StatementSync {
  let statements = prepared.get(database);
  if (!statements) prepared.set(database, (statements = new Map()));
  let found = statements.get(sql);
  if (!found) statements.set(sql, (found = database.prepare(sql)));
  return found;
}
