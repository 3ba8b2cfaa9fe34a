// What was kept of a session as it once was: the bytes that a crash, damage or an older format left. They cannot be
// changed without becoming something else, so whoever wants secrets out of a session has to let go of them.

import { basename, dirname, join } from 'node:path';
import { namesIn, ownNames } from '../../../store/session-files.ts';
import { unfinishedTraces } from '../local-traces.ts';
import type { LogLook } from './scrub-log.ts';
import type { ScrubPlace } from './scrub-files.ts';

/** Names that recoveries, repairs, migrations and rewrites give, the last where they were cut short. */
const KEPT = /\.(?:torn|damaged|format1|leftover)-\d+(?:\.part\d+)?(?:\.sealed)?$|\.tmp$/;

export interface Originals {
  paths: string[];
  /** Files under a name of the session that roo does not make. */
  strange: string[];
}

export function originalsOf(
  { id, layout, trashFolder }: ScrubPlace,
  look: Pick<LogLook, 'parts' | 'leftovers'>,
): Originals {
  const folder = trashFolder ?? dirname(layout.logPath(id));
  const names =
    trashFolder === null ? ownNames(layout, id) : namesIn(trashFolder).filter((name) => name.startsWith('session-'));
  const known = new Set([...look.parts, ...look.leftovers, layout.inboxDir(id)].map((path) => basename(path)));
  const others = names.filter((name) => !known.has(name));
  const inbox = layout.inboxDir(id);
  const unfinished = namesIn(inbox).filter((name) => name.endsWith('.tmp'));
  return {
    paths: [
      ...look.leftovers,
      ...others.filter((name) => KEPT.test(name)).map((name) => join(folder, name)),
      ...unfinished.map((name) => join(inbox, name)),
      ...unfinishedTraces(layout.home, id),
    ],
    strange: others.filter((name) => !KEPT.test(name)).map((name) => join(folder, name)),
  };
}
