// roo session load

import { statSync } from 'node:fs';
import { systemError } from '../../../core/errors.ts';
import { hasEnvelope } from '../../output/format.ts';
import { rowsView } from '../../output/views.ts';
import type { Column } from '../../output/column.ts';
import type { Answer } from '../../output/answer.ts';
import type { SessionDetails } from '../../types/service-types.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { resolveRef } from '../refs.ts';
import { planRestore } from '../restore-plan.ts';
import type { RestoreAction } from '../restore-plan.ts';
import { REF_ARGUMENT, YES_FLAG } from './session-flags.ts';

const COLUMNS: Column<RestoreAction>[] = [
  { title: 'WHAT', value: (one) => one.kind, style: () => 'bold' },
  { title: 'ACTION', value: (one) => one.action, style: (one) => (isProblem(one) ? 'yellow' : undefined) },
  { title: 'TARGET', value: (one) => one.target, widthMin: 20 },
  { title: 'REASON', value: (one) => one.reason, widthMin: 20 },
];

export const command = defineCommand({
  description: [
    'Prints what will be restored and why, then goes on in the interactive command line. The same as roo -r REF.',
  ],
  flags: {
    dryRun: { kind: 'switch', summary: 'print the plan and do nothing' },
    yes: YES_FLAG,
    noInteractive: { kind: 'switch', summary: 'check that the session loads, and do not go on; as with -f json' },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: 'roo session load @last', does: 'go on with the latest session' },
    { command: 'roo session load 3f2a --dry-run', does: 'see first what that would do' },
  ],
  exits: [3, 4, 5, 6, 8],
  async run(context, flags, args): Promise<Answer | null> {
    const id = await resolveRef(context, args.ref);
    const details = (await context.services.storage()).details(id);
    context.report.warn(...details.warnings);
    const plan = planRestore(details, { cwd: context.system.cwd, sessionFolder: folderState(details) });
    const answer = (done: boolean): Answer => ({
      data: { session: details.session, done },
      list: { key: 'plan', items: plan },
      view: rowsView(COLUMNS, plan, ''),
    });
    if (flags.dryRun) return answer(false);
    if (flags.noInteractive || hasEnvelope(context.report.format)) {
      await (await context.services.manager()).loadSession(id);
      return answer(true);
    }
    await context.report.write(answer(false));
    const missing = plan.find((one) => one.action === 'missing');
    if (missing !== undefined) {
      const action = `go on in ${context.system.cwd}, because ${missing.target} is not there`;
      if (!(await confirm(context, { action, op: 'load', yes: flags.yes }))) return null;
    }
    await context.startInteractive(context, {
      mode: 'resume',
      ref: id,
      fork: false,
      ephemeral: false,
      model: null,
      allow: [],
    });
    return null;
  },
});

function isProblem(action: RestoreAction): boolean {
  return action.action === 'blocked' || action.action === 'missing';
}

function folderState({ session, fold }: SessionDetails): 'there' | 'missing' {
  const path = fold.state.workingDirectory || session.workingDirectory;
  try {
    return statSync(path).isDirectory() ? 'there' : 'missing';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw systemError(error, 'look at', path);
  }
}
