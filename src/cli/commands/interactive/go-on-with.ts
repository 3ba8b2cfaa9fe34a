// Going on with a session that was left: its directory and environment first, then the session itself, then what of its
// world lives in this process. What did not come back is said, each with its reason; the rest goes on.

import { SessionError } from '../../../core/errors.ts';
import { safeText } from '../../../core/safe-text.ts';
import type { RestoreKind, RestoreResult } from '../../services/session-restore.ts';
import { carryOut } from '../../services/session-restore.ts';
import type { CommandContext } from '../context.ts';
import { INSIDE, mayGoOn, placeHands, planSession } from '../restore.ts';
import type { Restoring } from '../restore.ts';
import type { Desk } from './desk.ts';

export interface Prepared extends Restoring {
  /** Where the session goes on. */
  workingDirectory: string;
  results: readonly RestoreResult[];
}

/**
 * Brings back what needs no open session. A folder that is in doubt is asked about: throws NEEDS_CONFIRMATION without a
 * yes, and nothing was done then.
 */
export async function preparePlace(
  context: CommandContext,
  id: string,
  only: readonly RestoreKind[],
  agreed: boolean,
): Promise<Prepared> {
  const restoring = await planSession(context, id, only);
  if (!(await mayGoOn(restoring, agreed))) {
    throw new SessionError('NEEDS_CONFIRMATION', 'without a yes, the session is left as it is', {
      op: 'load',
      hint: `roo session load ${id.slice(0, 8)} --dry-run shows where it would go on`,
    });
  }
  const outside = restoring.plan.filter(({ kind }) => !INSIDE.has(kind));
  const results = await carryOut(outside, placeHands(restoring, true), '');
  const entered = results.find(
    ({ kind, status, action }) => kind === 'cwd' && status === 'done' && action !== 'missing',
  );
  const workingDirectory = entered?.target ?? context.system.cwd;
  (await context.services.door())?.alsoIn(workingDirectory);
  return { ...restoring, results, workingDirectory };
}

/** Brings back the rest, into the session that the desk is in now. Answers the lines to say. */
export async function restoreWorld(desk: Desk, { plan, prepared, results }: Prepared): Promise<string[]> {
  const inside = plan.filter(({ kind }) => INSIDE.has(kind));
  const lines = results.filter(isWorthSaying).map(lineOf);
  if (inside.length === 0) return lines;
  const world = await desk.world();
  if (!world) return lines;
  const more = await carryOut(inside, world.hands(), '');
  // Who did not ask for the files is not told of them, and they stay news.
  if (inside.some(({ kind }) => kind === 'files' || kind === 'watchers')) await world.tellMissed(prepared);
  return [...lines, ...more.filter(isWorthSaying).map(lineOf)];
}

/** Goes on in another session from inside the interactive command line. */
export async function goOnWith(desk: Desk, id: string): Promise<void> {
  const prepared = await preparePlace(desk.context, id, [], false);
  await desk.conversation.switchTo(id, prepared.workingDirectory);
  for (const line of await restoreWorld(desk, prepared)) desk.say(line);
}

/** What simply is as it was is not said; a plan that wants to be read whole is `roo session load --dry-run`. */
function isWorthSaying({ kind, action, status }: RestoreResult): boolean {
  if (status !== 'done') return kind !== 'env';
  return INSIDE.has(kind) || action === 'move' || action === 'other';
}

function lineOf({ kind, target, status, detail }: RestoreResult): string {
  return safeText(`${kind} ${target}: ${status === 'done' ? '' : `${status}: `}${detail}`);
}
