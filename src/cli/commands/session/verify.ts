// roo session verify

import { SessionError, warningOf } from '../../../core/errors.ts';
import { usage } from '../../args/parse-args.ts';
import type { Column } from '../../output/column.ts';
import { amount, plural } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import type { VerifyReport } from '../../types/storage-types.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { allSessions, idShortener, resolveRefs } from '../refs.ts';
import { healthStyle } from './info.ts';
import { REFS_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Reads sessions from end to end and checks every frame. Nothing is changed. A torn tail, as a crash leaves it, is ' +
      'no damage; damage gives exit status 5, and roo session repair saves what there is.',
  ],
  flags: { all: { kind: 'switch', short: 'a', summary: 'every session, archived ones too' } },
  arguments: { ref: { ...REFS_ARGUMENT, min: 0 } },
  examples: [
    { command: 'roo session verify @last', does: 'the latest session' },
    { command: 'roo session verify --all -f json', does: 'the whole store, for a script' },
  ],
  exits: [3, 5, 6, 8],
  async run(context, flags, args) {
    if (flags.all === args.ref.length > 0) throw usage('say which sessions to verify', 'name them, or use --all');
    const storage = await context.services.storage();
    const ids = flags.all
      ? [...allSessions(storage, { archived: 'include' }, context)].map((session) => session.id)
      : await resolveRefs(context, args.ref);
    const reports: VerifyReport[] = [];
    const progress = context.report.progress('verifying');
    for (const [i, id] of ids.entries()) {
      progress.step(i, ids.length);
      reports.push(await storage.verify(id));
      if (context.system.signal.aborted) break;
    }
    progress.end();
    for (const report of reports) warnOf(context, report);
    return {
      data: {},
      list: { key: 'sessions', items: reports },
      view: rowsView(columnsOf(context, ids), reports, 'No sessions.'),
    };
  },
});

/** Damage is a warning of the answer: it is what makes the exit status 5. */
function warnOf(context: CommandContext, report: VerifyReport): void {
  if (report.health === 'ok') return;
  const code = report.health === 'torn' ? 'LOG_TORN' : report.health === 'damaged' ? 'LOG_DAMAGED' : 'LOG_UNREADABLE';
  const first = report.spans[0];
  const hint =
    report.health === 'torn'
      ? 'the next writer cuts it and keeps it beside the log'
      : `roo session repair ${report.id}`;
  const said = `${report.id} is ${report.health}${first === undefined ? '' : `: ${first.reason}`}`;
  const error = new SessionError(code, said, { op: 'verify', offsetBytes: first?.offsetBytes, hint });
  context.report.warn(warningOf(error));
}

function columnsOf(context: CommandContext, ids: readonly string[]): Column<VerifyReport>[] {
  const shortId = idShortener(context, ids);
  return [
    { title: 'ID', value: (one) => one.id, shown: (one) => shortId(one.id), style: () => 'yellow' },
    { title: 'HEALTH', value: (one) => one.health, style: (one) => healthStyle(one.health) },
    { title: 'RECORDS', value: (one) => one.recordsOk, shown: (one) => amount(one.recordsOk), align: 'right' },
    {
      title: 'DAMAGED',
      value: (one) => one.recordsDamaged,
      shown: (one) => (one.recordsDamaged === 0 ? '' : amount(one.recordsDamaged)),
      align: 'right',
    },
    { title: 'BYTES_KEPT', value: (one) => one.bytesKept, hidden: 'in-tables' },
    {
      title: 'WHERE',
      value: (one) => one.spans.map((span) => `${span.part}:${span.offsetBytes}+${span.lengthBytes}`).join(','),
      shown: (one) =>
        one.spans.length === 0
          ? ''
          : `${plural(one.spans.length, 'place')}, first at byte ${one.spans[0]!.offsetBytes}`,
      widthMin: 10,
    },
  ];
}
