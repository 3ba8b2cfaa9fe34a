// roo session load

import { SessionError, warningOf } from '../../../core/errors.ts';
import { SHELLS, shellLines } from '../../../core/shell-lines.ts';
import { hasEnvelope } from '../../output/format.ts';
import type { Answer } from '../../output/answer.ts';
import type { ISessionStorage, SessionDetails } from '../../types/service-types.ts';
import { choices } from '../../args/values.ts';
import {
  carryOut,
  movedTo,
  needsYes,
  onlyKinds,
  prepareRestore,
  RESTORE_KINDS,
} from '../../services/session-restore.ts';
import type {
  Hand,
  PreparedRestore,
  RestoreAction,
  RestoreKind,
  RestoreResult,
} from '../../services/session-restore.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { resolveRef } from '../refs.ts';
import { planView, resultView } from './restore-view.ts';
import { REF_ARGUMENT, YES_FLAG } from './session-flags.ts';

/** Everything but the conversation, which always comes. */
const ONLY_KINDS = RESTORE_KINDS.filter((kind) => kind !== 'conversation');

export const command = defineCommand({
  description: [
    'Prints what will be restored and why, then goes on in the interactive command line. The same as roo -r REF.',
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
    const id = await resolveRef(context, args.ref);
    const storage = await context.services.storage();
    const details = storage.details(id);
    context.report.warn(...details.warnings);
    const prepared = await prepareRestore(details, worldOf(context));
    context.report.warn(...prepared.warnings);
    const plan = onlyKinds(prepared.plan, flags.only);
    const restoring: Restoring = { context, storage, details, prepared, plan };
    const answer: Answer = {
      data: { session: details.session, done: false, results: [] },
      list: { key: 'plan', items: plan },
      view: planView(plan),
    };
    if (flags.dryRun) return answer;
    if (flags.shell !== undefined) {
      if (!(await mayGoOn(restoring, flags.yes))) return null;
      await rememberMove(restoring);
      await context.report.writeRaw([shellLines(flags.shell, shellState(restoring))]);
      return null;
    }
    if (flags.noInteractive || hasEnvelope(context.report.format)) {
      // Without its conversation there is no session: that failure is the command's.
      await (await context.services.manager()).loadSession(id);
      const hands = handsOf(restoring, flags.yes);
      const results = await carryOut(plan, hands, 'only the interactive command line holds these: roo -r REF');
      for (const result of results) if (result.status === 'failed') context.report.fail(failure(result));
      return {
        data: { session: storage.details(id).session, done: true, results },
        list: { key: 'plan', items: plan },
        view: resultView(results),
      };
    }
    await context.report.write(answer);
    if (!(await mayGoOn(restoring, flags.yes))) return null;
    const here = plan.filter(({ kind }) => kind === 'cwd' || kind === 'env');
    for (const result of await carryOut(here, handsOf(restoring, true), '')) {
      if (result.status === 'failed') context.report.warn(warningOf(failure(result)));
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

function failure({ kind, target, detail }: RestoreResult): SessionError {
  return new SessionError('STORE_UNREADABLE', `${kind} ${target} could not be restored: ${detail}`, { op: 'load' });
}

interface Restoring {
  context: CommandContext;
  storage: ISessionStorage;
  details: SessionDetails;
  prepared: PreparedRestore;
  plan: readonly RestoreAction[];
}

function worldOf({ system, places }: CommandContext): Parameters<typeof prepareRestore>[1] {
  const { cwd, env } = system;
  return {
    cwd,
    environment: env,
    home: places.home,
    nowMs: system.nowMs,
    tools: null,
    processes: null,
    mcpServers: null,
  };
}

/** Asks where the session would go on in a folder that may not be its own. */
async function mayGoOn({ context, plan }: Restoring, yes: boolean): Promise<boolean> {
  const doubt = plan.find(needsYes);
  if (doubt === undefined) return true;
  const { target, reason } = doubt;
  const where = doubt.action === 'missing' ? context.system.cwd : target;
  return confirm(context, { action: `go on in ${where} (${reason})`, op: 'load', yes });
}

/** A project that was found again is not sought a second time. */
async function rememberMove({ storage, details, plan }: Restoring): Promise<void> {
  const move = plan.find(({ kind, action }) => kind === 'cwd' && action === 'move');
  if (move) await storage.change(details.session.id, movedTo(move.target));
}

/** What can be restored in this process. `yes`: the doubtful folder was agreed to. */
function handsOf(restoring: Restoring, yes: boolean): Partial<Record<RestoreKind, Hand>> {
  const { context, prepared } = restoring;
  const said: Hand = ({ reason }) => ({ status: 'done', detail: reason });
  return {
    conversation: said,
    async cwd(action) {
      if (needsYes(action) && !yes) return { status: 'skipped', detail: `${action.reason}; say --yes to go on there` };
      if (action.action === 'missing') return { status: 'skipped', detail: action.reason };
      if (action.action !== 'stay') context.system.chdir(action.target);
      if (action.action === 'move') await rememberMove(restoring);
      return { status: 'done', detail: action.reason };
    },
    env({ action, target, reason }) {
      if (action !== 'set') return { status: 'skipped', detail: reason };
      // Commands inherit the environment of this process.
      Object.assign(context.system.env, { [target]: prepared.environment[target] });
      return { status: 'done', detail: reason };
    },
    config: said,
    tools: said,
    files: said,
  };
}

/** Where the folder is the shell's own, or is not there, nothing is said of it. */
function shellState({ details, prepared, plan }: Restoring): Parameters<typeof shellLines>[1] {
  const folder = plan.find(({ kind, action }) => kind === 'cwd' && action !== 'stay' && action !== 'missing')?.target;
  const names = plan.filter(({ kind, action }) => kind === 'env' && action === 'set').map(({ target }) => target);
  const variables = Object.fromEntries(names.map((name) => [name, prepared.environment[name]!]));
  return { folder: folder ?? null, environment: { ...variables, ROO_SESSION: details.session.id } };
}
