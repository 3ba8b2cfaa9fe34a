// roo session prune

import { safeLine } from '../../../core/safe-text.ts';
import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { age, plural, size } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import { defineCommand, NO_ARGUMENTS } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';
import { YES_FLAG } from './session-flags.ts';

interface Trashed {
  id: string;
  name: string;
  deletedAt: string;
  expiresAt: string;
  bytes: number;
}

export const command = defineCommand({
  description: [
    'Frees what the trash has held past its days (retention.trashDays), or with --all everything in it. This cannot be ' +
      'undone: it asks first, and without a terminal it needs --yes.',
  ],
  flags: {
    all: { kind: 'switch', short: 'a', summary: 'everything in the trash' },
    dryRun: { kind: 'switch', summary: 'only show what would be freed' },
    yes: YES_FLAG,
    force: { kind: 'switch', summary: 'the same as --yes' },
  },
  arguments: NO_ARGUMENTS,
  examples: [
    { command: 'roo session prune --dry-run', does: 'what would be freed' },
    { command: 'roo session prune --all --yes', does: 'empty the trash without a question' },
  ],
  exits: [4, 5],
  async run(context, flags) {
    const cleanup = await context.services.cleanup();
    const now = new Date(context.system.nowMs()).toISOString();
    const due = cleanup.trashed().filter((one) => flags.all || one.expiresAt <= now);
    if (flags.dryRun || due.length === 0) return answerOf(context, due);
    const bytes = due.reduce((sum, one) => sum + one.bytes, 0);
    const action = `delete ${plural(due.length, 'session')} in the trash for good, ${size(bytes)}`;
    const yes = flags.yes || flags.force;
    if (!yes && context.report.format === 'table') await context.report.write(answerOf(context, due));
    if (!(await confirm(context, { action, op: 'prune', yes }))) {
      return context.report.format === 'table' ? null : answerOf(context, due);
    }
    const { pruned, failures, ...done } = await cleanup.prune(flags.all ? 'all' : 'expired');
    for (const failure of failures) context.report.fail(failure);
    const gone = new Set(pruned.map((one) => one.id));
    return answerOf(
      context,
      due.filter((one) => gone.has(one.id)),
      done,
    );
  },
});

/** Without what was `done` it is a preview. */
function answerOf(
  context: CommandContext,
  rows: readonly Trashed[],
  { bytesFreed, remains }: { bytesFreed: number; remains: string[] } = { bytesFreed: 0, remains: [] },
): Answer {
  const nowMs = context.system.nowMs();
  const shortId = idShortener(
    context,
    rows.map((one) => one.id),
  );
  const columns: Column<Trashed>[] = [
    { title: 'ID', value: (one) => one.id, shown: (one) => shortId(one.id), style: () => 'yellow' },
    { title: 'SIZE', value: (one) => one.bytes, shown: (one) => size(one.bytes), align: 'right' },
    { title: 'DELETED', value: (one) => one.deletedAt, shown: (one) => age(one.deletedAt, nowMs) },
    { title: 'NAME', value: (one) => one.name, widthMin: 12 },
  ];
  const view = rowsView(columns, rows, 'Nothing in the trash is due.');
  return {
    data: { done: bytesFreed > 0, bytesFreed, remains },
    list: { key: 'pruned', items: rows },
    view: {
      ...view,
      async *table(screen) {
        yield* view.table(screen);
        if (bytesFreed > 0) yield `${size(bytesFreed)} freed.\n`;
        if (remains.length > 0) yield `What remains: ${safeLine(remains.join('; '))}\n`;
      },
    },
  };
}
