// Going on with a session, by whichever command: looks at its world, plans, asks where it must, and carries out what
// lives in this process. `load`, `-c` and `-r` are this one operation.

import { SessionError, warningOf } from '../../core/errors.ts';
import type { ISessionStorage, SessionDetails } from '../types/service-types.ts';
import { projectOf } from '../services/project.ts';
import { movedTo, needsYes, onlyKinds, prepareRestore } from '../services/session-restore.ts';
import type { Hand, PreparedRestore, RestoreAction, RestoreKind } from '../services/session-restore.ts';
import { confirm } from './confirm.ts';
import type { CommandContext } from './context.ts';

/** Kinds that need the session to be open. */
export const INSIDE: ReadonlySet<RestoreKind> = new Set(['files', 'watchers', 'processes', 'mcp']);

export interface Restoring {
  context: CommandContext;
  storage: ISessionStorage;
  details: SessionDetails;
  prepared: PreparedRestore;
  plan: readonly RestoreAction[];
}

/** Looks and plans; changes nothing. An empty list of kinds asks for everything. */
export async function planSession(
  context: CommandContext,
  id: string,
  only: readonly RestoreKind[],
): Promise<Restoring> {
  const { system, places, services, report } = context;
  const storage = await services.storage();
  const details = storage.details(id);
  const { activeProcesses, mcpConnections } = details.fold.state;
  const prepared = await prepareRestore(details, {
    cwd: system.cwd,
    environment: system.env,
    home: places.home,
    door: await services.door(),
    nowMs: system.nowMs,
    tools: null,
    // What the session has none of is not loaded.
    processes: activeProcesses.length === 0 ? [] : await services.observedProcesses(id),
    mcpServers: mcpConnections.length === 0 ? null : (folder) => services.toolServers(mcpConnections, folder),
  });
  report.warn(...details.warnings, ...prepared.warnings);
  return { context, storage, details, prepared, plan: onlyKinds(prepared.plan, only) };
}

/** Asks where the session would go on in a folder that may not be its own. Throws NEEDS_CONFIRMATION without a terminal. */
export async function mayGoOn({ context, details, plan }: Restoring, yes: boolean): Promise<boolean> {
  const doubt = plan.find(needsYes);
  if (doubt === undefined) return true;
  const { target, reason } = doubt;
  const where = doubt.action === 'missing' ? context.system.cwd : target;
  const hint = `run it on a terminal to be asked, or: roo session load ${details.session.id.slice(0, 8)} --yes`;
  return confirm(context, { action: `go on in ${where} (${reason})`, op: 'load', yes, hint });
}

/** A project that was found again is not sought a second time. */
export async function rememberMove({ context, storage, details, plan }: Restoring): Promise<void> {
  const move = plan.find(({ kind, action }) => kind === 'cwd' && action === 'move');
  if (!move) return;
  await storage.change(details.session.id, movedTo(move.target));
  try {
    const checkpoints = await context.services.checkpoints();
    await checkpoints.follow(details.fold.project.path, projectOf(move.target).path);
  } catch (error) {
    // The session goes on without its old checkpoints, and that is said.
    if (!(error instanceof SessionError)) throw error;
    context.report.warn(warningOf(error));
  }
}

/** What needs no open session. `yes`: the doubtful folder was agreed to. */
export function placeHands(restoring: Restoring, yes: boolean): Partial<Record<RestoreKind, Hand>> {
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
    tools: ({ action, reason }) => ({ status: action === 'missing' ? 'skipped' : 'done', detail: reason }),
  };
}
