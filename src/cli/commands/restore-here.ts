// Restoring without going on: everything that does not need somebody at work in the session is carried out, recorded,
// and closed again. What was found is told to the model with its next prompt, whoever makes it.

import { warningOf } from '../../core/errors.ts';
import { carryOut } from '../services/session-restore.ts';
import type { RestoreResult } from '../services/session-restore.ts';
import { INSIDE, placeHands } from './restore.ts';
import type { Restoring } from './restore.ts';

/** A result for each action, in the plan's order. `yes`: a doubtful folder was agreed to. */
export async function restoreHere(restoring: Restoring, yes: boolean): Promise<RestoreResult[]> {
  const { context, details, plan, prepared } = restoring;
  const outside = plan.filter(({ kind }) => !INSIDE.has(kind));
  const inside = plan.filter(({ kind }) => INSIDE.has(kind));
  const results = await carryOut(outside, placeHands(restoring, yes), '');
  if (inside.length === 0) return results;
  const isElsewhere = results.some(({ kind, status }) => kind === 'cwd' && status !== 'done');
  if (isElsewhere) return [...results, ...(await carryOut(inside, {}, 'its folder was not entered'))];
  if (details.holder) return [...results, ...(await carryOut(inside, {}, 'another process has the session open'))];
  const entered = results.find(({ kind }) => kind === 'cwd');
  const folder = entered?.target ?? prepared.root ?? context.system.cwd;
  const { manager, world: openWorld } = context.services;
  // Where this command stands is not where the session goes on.
  const live = await (await manager()).resume(details.session.id, () => ({}));
  const world = await openWorld(live, folder);
  world.on('failed', (error) => context.report.warn(warningOf(error)));
  try {
    if (inside.some(({ kind }) => kind === 'mcp')) world.connect();
    const { watchers: _armedOnlyAtWork, ...hands } = world.hands();
    const more = await carryOut(inside, hands, 'watched while the session is worked in: roo -r REF');
    if (inside.some(({ kind }) => kind === 'files' || kind === 'watchers')) await world.tellMissed(prepared);
    return [...results, ...more];
  } finally {
    await live.close();
    await world.close();
  }
}
