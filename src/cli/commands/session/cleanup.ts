// roo session cleanup

import { count, days, choices, sizeBytes, text } from '../../args/values.ts';
import { retentionPolicy } from '../../config/config.ts';
import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { plural, size } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import type { CleanupItem, CleanupReport, RetentionPolicy } from '../../types/storage-types.ts';
import { defineCommand, NO_ARGUMENTS } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { idShortener } from '../refs.ts';
import { STATUSES, YES_FLAG } from './session-flags.ts';

const ACTIONS = ['trash', 'archive'] as const;

export const command = defineCommand({
  description: [
    'Shows which sessions the rules would tidy away and why, then asks. They go to the trash, or to the archive; only ' +
      'roo session prune frees their bytes.',
    'Without rules, those of the settings hold: retention.*, else retentionDays. As soon as one of --older-than, ' +
      '--max-count or --max-total-size is given, only these decide what goes; what the settings protect stays protected.',
  ],
  flags: {
    olderThan: { kind: 'value', placeholder: 'AGE', parse: days, summary: 'not changed for this long: 30d, 8w' },
    maxCount: { kind: 'value', placeholder: 'N', parse: count, summary: 'the oldest beyond N sessions' },
    maxTotalSize: {
      kind: 'value',
      placeholder: 'SIZE',
      parse: sizeBytes,
      summary: 'the oldest until the rest is within 5GB',
    },
    keepLast: { kind: 'value', placeholder: 'N', parse: count, summary: 'keep the N newest in any case' },
    keepTag: { kind: 'list', placeholder: 'TAG', parse: text, summary: 'keep sessions with this tag in any case' },
    status: {
      kind: 'list',
      placeholder: 'STATUS',
      ...choices(STATUSES),
      summary: `only ${STATUSES.join(', ')}`,
    },
    action: { kind: 'value', placeholder: 'ACTION', ...choices(ACTIONS), summary: 'trash or archive' },
    dryRun: { kind: 'switch', summary: 'only show what would be done' },
    yes: YES_FLAG,
    force: { kind: 'switch', summary: 'the same as --yes' },
  },
  arguments: NO_ARGUMENTS,
  examples: [
    { command: 'roo session cleanup --dry-run', does: 'what the settings would tidy away' },
    { command: 'roo session cleanup --older-than 90d --keep-tag release', does: 'by age, with exceptions' },
    { command: 'roo session cleanup --max-total-size 5GB --yes', does: 'for a scheduled job' },
  ],
  exits: [4, 5, 7],
  async run(context, flags) {
    const cleanup = await context.services.cleanup();
    const plan = await cleanup.plan(policyOf(context, flags));
    if (flags.dryRun || plan.remove.length === 0) {
      if (plan.remove.length === 0) context.report.note('nothing to tidy away');
      return answerOf(context, plan);
    }
    const bytes = plan.remove.reduce((sum, item) => sum + item.bytes, 0);
    const action = `${plan.remove[0]!.action} ${plural(plan.remove.length, 'session')}, ${size(bytes)}`;
    const yes = flags.yes || flags.force;
    // The question stands below what it is about.
    if (!yes && context.report.format === 'table') await context.report.write(answerOf(context, plan));
    if (!(await confirm(context, { action, op: 'cleanup', yes }))) {
      return context.report.format === 'table' ? null : answerOf(context, plan);
    }
    const progress = context.report.progress('tidying');
    const report = await cleanup.run(plan, (done, total) => progress.step(done, total));
    progress.end();
    return answerOf(context, report);
  },
});

interface RuleFlags {
  olderThan: number | undefined;
  maxCount: number | undefined;
  maxTotalSize: number | undefined;
  keepLast: number | undefined;
  keepTag: readonly string[];
  status: NonNullable<RetentionPolicy['status']>;
  action: RetentionPolicy['action'] | undefined;
}

function policyOf(context: CommandContext, flags: RuleFlags): RetentionPolicy {
  const policy = retentionPolicy(context.config);
  if (flags.olderThan !== undefined || flags.maxCount !== undefined || flags.maxTotalSize !== undefined) {
    delete policy.olderThanDays;
    delete policy.maxCount;
    delete policy.maxTotalBytes;
  }
  const keepTags = [...(policy.keepTags ?? []), ...flags.keepTag];
  return {
    ...policy,
    ...(flags.olderThan !== undefined && { olderThanDays: flags.olderThan }),
    ...(flags.maxCount !== undefined && { maxCount: flags.maxCount }),
    ...(flags.maxTotalSize !== undefined && { maxTotalBytes: flags.maxTotalSize }),
    ...(flags.keepLast !== undefined && { keepLast: flags.keepLast }),
    ...(keepTags.length > 0 && { keepTags }),
    ...(flags.status.length > 0 && { status: flags.status }),
    ...(flags.action !== undefined && { action: flags.action }),
  };
}

function answerOf(context: CommandContext, report: CleanupReport): Answer {
  context.report.warn(...report.warnings);
  const shortId = idShortener(
    context,
    report.remove.map((item) => item.id),
  );
  const columns: Column<CleanupItem>[] = [
    { title: 'ID', value: (item) => item.id, shown: (item) => shortId(item.id), style: () => 'yellow' },
    { title: 'ACTION', value: (item) => item.action },
    { title: 'SIZE', value: (item) => item.bytes, shown: (item) => size(item.bytes), align: 'right' },
    { title: 'NAME', value: (item) => item.name, widthMin: 12 },
    { title: 'REASON', value: (item) => item.reason, widthMin: 12 },
  ];
  const rows = report.remove;
  const kept = `${plural(report.keep.length, 'session')} kept`;
  const view = rowsView(columns, rows, `Nothing to tidy away; ${kept}.`);
  return {
    data: { done: report.done, keep: report.keep },
    list: { key: 'remove', items: report.remove },
    view: {
      ...view,
      async *table(screen) {
        yield* view.table(screen);
        if (rows.length > 0) yield `${report.done ? 'Done' : 'Preview'}; ${kept}.\n`;
      },
    },
  };
}
