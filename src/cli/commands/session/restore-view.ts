// How the plan of a restore, and what became of it, is shown.

import type { View } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { rowsView } from '../../output/views.ts';
import { needsYes } from '../../services/session-restore.ts';
import type { RestoreAction, RestoreResult } from '../../services/session-restore.ts';

const PLAN_COLUMNS: Column<RestoreAction>[] = [
  { title: 'WHAT', value: (one) => one.kind, style: () => 'bold' },
  { title: 'ACTION', value: (one) => one.action, style: (one) => (isProblem(one) ? 'yellow' : undefined) },
  { title: 'TARGET', value: (one) => one.target, widthMin: 20 },
  { title: 'REASON', value: (one) => one.reason, widthMin: 20 },
];

const RESULT_COLUMNS: Column<RestoreResult>[] = [
  { title: 'WHAT', value: (one) => one.kind, style: () => 'bold' },
  { title: 'ACTION', value: (one) => one.action },
  { title: 'TARGET', value: (one) => one.target, widthMin: 20 },
  { title: 'RESULT', value: (one) => one.status, style: (one) => (one.status === 'failed' ? 'red' : undefined) },
  { title: 'DETAIL', value: (one) => one.detail, widthMin: 20 },
];

export function planView(plan: readonly RestoreAction[]): View {
  return rowsView(PLAN_COLUMNS, plan, '');
}

export function resultView(results: readonly RestoreResult[]): View {
  return rowsView(RESULT_COLUMNS, results, '');
}

function isProblem(action: RestoreAction): boolean {
  return action.action === 'blocked' || action.action === 'missing' || needsYes(action);
}
