// roo session scrub

import { SessionError } from '../../../core/errors.ts';
import { usage } from '../../args/parse-args.ts';
import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { plural } from '../../output/units.ts';
import { deedsView } from '../../output/views.ts';
import type { ScrubReport } from '../../types/storage-types.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { idShortener, resolveEverywhere } from '../refs.ts';
import { remainsText } from './remains-text.ts';
import { REFS_ARGUMENT, YES_FLAG } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Takes secrets out of sessions that were written before roo kept them out, or by another program: out of the ' +
      'messages, the outputs, the search index, the trash, and what lies beside the log. A session is scrubbed together ' +
      'with its forks. In the place of each secret stands a placeholder.',
    'What recoveries, repairs and migrations kept of a session as it was is removed: it holds the same secrets. This ' +
      'cannot be undone: it asks first, and without a terminal it needs --yes. A secret that was sent somewhere is to be ' +
      'changed all the same.',
  ],
  flags: {
    all: { kind: 'switch', short: 'a', summary: 'every session, those in the trash too' },
    trash: { kind: 'switch', summary: 'every session in the trash' },
    dryRun: { kind: 'switch', summary: 'only show what would be taken out' },
    keepOriginals: { kind: 'switch', summary: 'leave torn, damaged and older originals as they are' },
    yes: YES_FLAG,
    force: { kind: 'switch', summary: 'the same as --yes' },
  },
  arguments: { ref: { ...REFS_ARGUMENT, min: 0 } },
  examples: [
    { command: 'roo session scrub --all --dry-run', does: 'what stands in the store that should not' },
    { command: 'roo session scrub 3f2a --yes', does: 'without a question' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    if ([flags.all, flags.trash, args.ref.length > 0].filter(Boolean).length !== 1) {
      throw usage('say which sessions to scrub', 'name them, or use --all or --trash');
    }
    const storage = await context.services.storage();
    const scrubber = await storage.scrubber();
    const ids = flags.all ? null : await idsOf(context, flags.trash, args.ref);
    // One in the trash says itself that it is locked.
    if (!flags.trash) for (const id of ids ?? []) await storage.unlock(id);
    const families = scrubber.families(ids ?? 'all');
    const originals = flags.keepOriginals ? 'keep' : 'remove';
    if (flags.dryRun) {
      return answerOf(context, await eachOf(context, families, (one) => scrubber.preview(one, originals)), false);
    }
    const action = actionOf(families.flat().length, originals);
    if (!(await confirm(context, { action, op: 'scrub', yes: flags.yes || flags.force }))) {
      return answerOf(context, [], false);
    }
    return answerOf(context, await eachOf(context, families, (one) => scrubber.scrub(one, originals)), true);
  },
});

async function idsOf(context: CommandContext, trash: boolean, refs: readonly string[]): Promise<string[]> {
  const found = trash
    ? (await context.services.cleanup()).trashed()
    : await Promise.all(refs.map((ref) => resolveEverywhere(context, ref)));
  return found.map(({ id }) => id);
}

function actionOf(sessions: number, originals: 'remove' | 'keep'): string {
  const action = `take secrets out of ${plural(sessions, 'session')} for good`;
  return originals === 'keep' ? action : `${action}, and remove what was kept of them as they were`;
}

/** One family that cannot be done does not keep the others from it. */
async function eachOf(
  context: CommandContext,
  families: readonly (readonly string[])[],
  act: (family: readonly string[]) => Promise<ScrubReport[]>,
): Promise<ScrubReport[]> {
  const reports: ScrubReport[] = [];
  const progress = context.report.progress('scrubbing');
  for (const [index, family] of families.entries()) {
    progress.step(index, families.length);
    try {
      reports.push(...(await act(family)));
    } catch (error) {
      if (families.length === 1 || !(error instanceof SessionError)) throw error;
      context.report.fail(error);
    }
    if (context.system.signal.aborted) break;
  }
  progress.end();
  return reports;
}

function answerOf(context: CommandContext, reports: readonly ScrubReport[], done: boolean): Answer {
  const shortId = idShortener(
    context,
    reports.map(({ id }) => id),
  );
  return {
    data: { done },
    list: { key: 'scrubbed', items: reports },
    view: deedsView(COLUMNS, reports, (report) => sentenceOf(shortId(report.id), report, done)),
  };
}

const COLUMNS: Column<ScrubReport>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'REPLACED', value: ({ replaced }) => replaced.map(({ rule, count }) => `${rule}=${count}`).join(',') },
  { title: 'RECORDS', value: ({ records }) => records },
  { title: 'BLOBS', value: ({ blobs }) => blobs },
  { title: 'FILES', value: ({ files }) => files.join(',') },
  { title: 'REMOVED', value: ({ removed }) => removed.join(',') },
  { title: 'REMAINS', value: ({ remains }) => remains.join(',') },
];

function sentenceOf(id: string, report: ScrubReport, done: boolean): string {
  const { name, trashed, status, replaced, records, blobs, files, removed, remains } = report;
  const who = `${id}  ${name}${trashed ? ' (in the trash)' : ''}`;
  const total = replaced.reduce((sum, { count }) => sum + count, 0);
  const rules = replaced.map(({ rule, count }) => `${count} ${rule}`).join(', ');
  const counts = [
    [records, 'record'],
    [blobs, 'large part'],
    [files.length, 'other file'],
  ] as const;
  const places = counts.flatMap(([many, what]) => (many === 0 ? [] : [plural(many, what)]));
  const what =
    status === 'clean'
      ? 'nothing was found'
      : `${plural(total, 'secret')} (${rules}) ${done ? 'taken out of' : 'would go from'} ${places.join(', ')}`;
  const gone = removed.length === 0 ? '' : `; ${done ? 'removed' : 'would be removed'}: ${removed.join('; ')}`;
  return `${who}: ${what}${gone}${remainsText(remains)}`;
}
