// roo session audit

import type { AuditEntry, AuditProblem, AuditReport } from '../../../core/audit.ts';
import { SessionError, warningOf } from '../../../core/errors.ts';
import { count } from '../../args/values.ts';
import type { Answer } from '../../output/answer.ts';
import type { Column } from '../../output/column.ts';
import { localTime, plural } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import type { ISessionStorage } from '../../types/service-types.ts';
import { defineCommand } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { findRef, idShortener } from '../refs.ts';

const LAST_ON_A_TERMINAL = 50;
/** Shorter beginnings of ids are more likely a mistake, as everywhere. */
const PREFIX_CHARACTERS_MIN = 4;

export const command = defineCommand({
  description: [
    'Shows who did what to which session on this machine, oldest first: ids, never titles. Reads are counted; lists and ' +
      'searches are not logged. A session that is gone for good still has its entries.',
    'With --verify the whole log is checked instead: a line that was changed, put in, left out or cut off gives exit ' +
      'status 5. docs/threat-model.md says what somebody who has the key could still do.',
  ],
  flags: {
    verify: { kind: 'switch', summary: 'check that the log is as it was written' },
    last: { kind: 'value', short: 'n', placeholder: 'N', parse: count, summary: 'only the last N entries' },
  },
  arguments: {
    ref: { kind: 'optional', summary: 'only this session: id, beginning of an id, name, @last', complete: 'ref' },
  },
  examples: [
    { command: 'roo session audit @last', does: 'who was at the latest session' },
    { command: 'roo session audit --verify', does: 'is the log as it was written?' },
    { command: 'roo session audit -n 20 -f jsonl', does: 'the latest twenty, for a script' },
  ],
  exits: [3, 5],
  async run(context, flags, args): Promise<Answer> {
    const storage = await context.services.storage();
    const id = args.ref === undefined ? null : await auditedId(context, storage, args.ref);
    return flags.verify ? verified(context, storage.audit.verify()) : listed(context, storage, id, flags.last);
  },
});

function listed(
  context: CommandContext,
  storage: ISessionStorage,
  id: string | null,
  last: number | undefined,
): Answer {
  const isShortened = last === undefined && context.report.isTerminal && context.report.format === 'table';
  const countMax = last ?? (isShortened ? LAST_ON_A_TERMINAL : Infinity);
  const all = [...storage.audit.entries(id, (warning) => context.report.warn(warning))];
  const entries = countMax === 0 ? [] : all.slice(-countMax);
  if (isShortened && entries.length < all.length) {
    context.report.note(`the last ${entries.length} of ${all.length} entries; more with --last N`);
  }
  const ids = [...new Set(entries.map((entry) => entry.session))];
  const view = rowsView(columnsOf(context, ids), entries, 'Nothing was logged yet.');
  return { data: {}, list: { key: 'entries', items: entries }, view };
}

function verified(context: CommandContext, report: AuditReport): Answer {
  if (!report.ok) {
    const message = `the audit log is not as it was written: ${plural(report.problems.length, 'problem')}`;
    const hint = 'docs/threat-model.md says what that can mean, and how to begin a new log';
    context.report.warn(warningOf(new SessionError('AUDIT_CHANGED', message, { op: 'audit', hint })));
  }
  const { problems, ...facts } = report;
  const good = `${plural(report.entries, 'deed')} in ${plural(report.files, 'file')}, as they were written.`;
  return { data: facts, list: { key: 'problems', items: problems }, view: rowsView(PROBLEM_COLUMNS, problems, good) };
}

/** A session that was purged is in no list any more, but in the log. */
async function auditedId(context: CommandContext, storage: ISessionStorage, ref: string): Promise<string> {
  try {
    return await findRef(context, ref);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'SESSION_NOT_FOUND') throw error;
    const ids = new Set<string>();
    for (const { session } of storage.audit.entries(null, () => {})) if (fits(ref, session)) ids.add(session);
    const [found] = ids;
    if (found === undefined || ids.size > 1) throw error;
    return found;
  }
}

function fits(ref: string, id: string): boolean {
  return id === ref || (ref.length >= PREFIX_CHARACTERS_MIN && id.startsWith(ref));
}

function columnsOf(context: CommandContext, ids: readonly string[]): Column<AuditEntry>[] {
  const shortId = idShortener(context, ids);
  return [
    { title: 'AT', value: (one) => one.at, shown: (one) => localTime(one.at) },
    { title: 'OP', value: (one) => one.op },
    { title: 'SESSION', value: (one) => one.session, shown: (one) => shortId(one.session), style: () => 'yellow' },
    { title: 'USER', value: (one) => one.user },
    { title: 'HOST', value: (one) => one.host },
    { title: 'PID', value: (one) => one.pid, align: 'right' },
    { title: 'COUNT', value: (one) => one.count, align: 'right' },
    { title: 'UNTIL', value: (one) => one.until ?? null, hidden: 'in-tables' },
    { title: 'SEQ', value: (one) => one.seq, hidden: 'in-tables' },
  ];
}

const PROBLEM_COLUMNS: Column<AuditProblem>[] = [
  { title: 'FILE', value: (one) => one.file },
  { title: 'LINE', value: (one) => one.line, align: 'right' },
  { title: 'REASON', value: (one) => one.reason, widthMin: 20 },
];
