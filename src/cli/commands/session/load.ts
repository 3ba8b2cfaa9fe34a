// roo session load

import { safeText } from '../../../core/safe-text.ts';
import { SessionError } from '../../../core/errors.ts';
import { SHELLS, shellLines } from '../../../core/shell-lines.ts';
import { hasEnvelope } from '../../output/format.ts';
import type { Answer } from '../../output/answer.ts';
import { choices } from '../../args/values.ts';
import { RESTORE_KINDS } from '../../services/session-restore.ts';
import type { RestoreResult } from '../../services/session-restore.ts';
import { defineCommand } from '../command.ts';
import { resolveToGoOn } from '../moved-session.ts';
import { restoreHere } from '../restore-here.ts';
import { mayGoOn, planSession, rememberMove } from '../restore.ts';
import type { Restoring } from '../restore.ts';
import { planView, resultView } from './restore-view.ts';
import { REF_ARGUMENT, YES_FLAG } from './session-flags.ts';

/** Everything but the conversation, which always comes. */
const ONLY_KINDS = RESTORE_KINDS.filter((kind) => kind !== 'conversation');

export const command = defineCommand({
  description: [
    'Prints what will be restored and why, then goes on in the interactive command line. The same as roo -r REF.',
    'A folder that may not be the session’s any more (gone, moved, another project’s) is asked about; without a terminal ' +
      'it needs --yes. Processes are never run again by themselves: /processes restart ID does.',
    'With --no-interactive, or -f json, all but the watched paths comes back for a moment: processes are looked at, servers ' +
      'reached, and what changed is told to the model with its next prompt. Each action reports done, skipped or failed.',
    'With --shell nothing is started: the lines that bring the folder and the environment into your shell are printed, ' +
      'for its eval.',
  ],
  flags: {
    dryRun: { kind: 'switch', summary: 'print the plan and do nothing' },
    only: {
      kind: 'list',
      placeholder: 'KIND',
      ...choices(ONLY_KINDS),
      summary: `restore only these: ${ONLY_KINDS.join(', ')}`,
    },
    shell: {
      kind: 'value',
      placeholder: 'SHELL',
      ...choices(SHELLS),
      summary: `print lines for the eval of ${SHELLS.join(', ')}`,
    },
    yes: YES_FLAG,
    noInteractive: { kind: 'switch', summary: 'restore what needs no terminal, and do not go on; as with -f json' },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: 'roo session load @last', does: 'go on with the latest session' },
    { command: 'roo session load 3f2a --dry-run', does: 'see first what that would do' },
    {
      command: 'roo session load 3f2a --shell bash',
      does: 'print lines for eval "$(…)" or, in fish, … | source',
    },
  ],
  exits: [3, 4, 5, 6, 8],
  async run(context, flags, args): Promise<Answer | null> {
    const id = await resolveToGoOn(context, args.ref);
    const restoring = await planSession(context, id, flags.only);
    const { storage, details, plan } = restoring;
    const answer: Answer = {
      data: { session: details.session, done: false, results: [] },
      list: { key: 'plan', items: plan },
      view: planView(plan),
    };
    if (flags.dryRun) return answer;
    if (flags.shell !== undefined) {
      if (!(await mayGoOn(restoring, flags.yes))) return null;
      await rememberMove(restoring);
      const lines = shellLines(flags.shell, shellState(restoring));
      // A shell reads them as they are; a person who only looks at them must not have the terminal steered.
      await context.report.writeRaw([context.report.isTerminal ? safeText(lines) : lines]);
      return null;
    }
    if (flags.noInteractive || hasEnvelope(context.report.format)) {
      // Without its conversation there is no session: that failure is the command's.
      await (await context.services.manager()).loadSession(id);
      const results = await restoreHere(restoring, flags.yes);
      for (const result of results) if (result.status === 'failed') context.report.fail(failure(result));
      return {
        data: { session: storage.details(id).session, done: true, results },
        list: { key: 'plan', items: plan },
        view: resultView(results),
      };
    }
    await context.report.write(answer);
    if (!(await mayGoOn(restoring, flags.yes))) return null;
    await context.startInteractive(context, {
      mode: 'resume',
      ref: id,
      fork: false,
      ephemeral: false,
      model: null,
      allow: [],
      only: flags.only,
      agreed: true,
    });
    return null;
  },
});

function failure({ kind, target, detail }: RestoreResult): SessionError {
  const code = kind === 'mcp' ? 'MCP_FAILED' : 'STORE_UNREADABLE';
  return new SessionError(code, `${kind} ${target} could not be restored: ${detail}`, { op: 'load' });
}

/** Where the folder is the shell's own, or is not there, nothing is said of it. */
function shellState({ details, prepared, plan }: Restoring): Parameters<typeof shellLines>[1] {
  const folder = plan.find(({ kind, action }) => kind === 'cwd' && action !== 'stay' && action !== 'missing')?.target;
  const names = plan.filter(({ kind, action }) => kind === 'env' && action === 'set').map(({ target }) => target);
  const variables = Object.fromEntries(names.map((name) => [name, prepared.environment[name]!]));
  return { folder: folder ?? null, environment: { ...variables, ROO_SESSION: details.session.id } };
}
