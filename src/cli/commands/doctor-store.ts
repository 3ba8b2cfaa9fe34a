// Checks of what the store holds: the index, sessions with damage, files that repairs and crashes left.

import { readdirSync } from 'node:fs';
import { systemError } from '../../core/errors.ts';
import { plural } from '../output/units.ts';
import type { CommandContext } from './context.ts';
import type { Check } from './doctor.ts';
import { ok, warn } from './doctor-machine.ts';

const SHOWN_MAX = 3;
/** Names of what is kept beside a log: a torn tail that was cut, an original from before a repair or migration. */
const KEPT_TAIL = /\.torn-[0-9]+$/;

/** Listing is what uses the index, and says so when it could not. */
export async function checkIndex(context: CommandContext): Promise<Check> {
  const storage = await context.services.storage();
  const { warnings } = storage.list({ limit: 1 });
  const trouble = warnings.find((warning) => warning.code === 'INDEX_UNUSABLE');
  if (trouble !== undefined) return warn('index', trouble.message, trouble.hint ?? 'roo session reindex');
  return ok('index', 'answers');
}

export async function checkDamaged(context: CommandContext): Promise<Check> {
  const storage = await context.services.storage();
  const { sessions, nextCursor } = storage.list({ damaged: 'only', archived: 'include', limit: SHOWN_MAX });
  if (sessions.length === 0)
    return ok('damage', 'no session is known to be damaged; roo session verify --all reads them all');
  const names = sessions.map(({ id }) => id.slice(0, 8)).join(', ');
  const many = nextCursor === null ? plural(sessions.length, 'session') : `more than ${SHOWN_MAX} sessions`;
  return warn('damage', `${many} with damage: ${names}`, 'roo session verify, then roo session repair');
}

export function checkLeftovers({ places }: CommandContext): Check {
  const tails = namesIn(places.sessionsDir).filter((name) => KEPT_TAIL.test(name));
  if (tails.length === 0) return ok('leftovers', 'no tails of interrupted writes');
  const hint = 'nothing acknowledged is in them; they may be deleted once you do not miss anything';
  return warn('leftovers', `${plural(tails.length, 'cut tail')} of interrupted writes beside the sessions`, hint);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError(error, 'read', folder);
  }
}
