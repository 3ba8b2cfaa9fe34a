// `@last` in a project that moved: no session knows the new place yet, and the repository's remote tells which ones were
// in the old. Only finds; going on asks.

import { existsSync } from 'node:fs';
import { SessionError } from '../../core/errors.ts';
import { remoteKey } from '../../core/git-remote.ts';
import { projectOf } from '../services/project.ts';
import type { CommandContext } from './context.ts';
import { allSessions, resolveRef } from './refs.ts';

/** Projects that are gone whose sessions are looked at, the newest first. */
const PROJECTS_MAX = 100;

/** Id of a session to go on with. Throws as `resolveRef` does. */
export async function resolveToGoOn(context: CommandContext, ref: string): Promise<string> {
  try {
    return await resolveRef(context, ref);
  } catch (error) {
    const isNone = ref === '@last' && error instanceof SessionError && error.code === 'SESSION_NOT_FOUND';
    const moved = isNone ? await movedSession(context) : null;
    if (moved === null) throw error;
    return moved;
  }
}

/** The latest session of a project that is gone and had this repository's remote; null where there is none. */
async function movedSession(context: CommandContext): Promise<string | null> {
  const { gitRemote } = projectOf(context.system.cwd);
  if (gitRemote === undefined) return null;
  const storage = await context.services.storage();
  const seen = new Set<string>();
  for (const { id, project, health } of allSessions(storage, {}, context)) {
    if (seen.has(project)) continue;
    seen.add(project);
    if (seen.size > PROJECTS_MAX) return null;
    if (health === 'unreadable' || existsSync(project)) continue;
    const was = storage.details(id).fold.project.gitRemote;
    if (was !== undefined && remoteKey(was) === remoteKey(gitRemote)) return id;
  }
  return null;
}
