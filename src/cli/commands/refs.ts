// How every verb finds the session it is given: one rule, in one place.

import { SessionError } from '../../core/errors.ts';
import type { ISessionStorage, RefContext } from '../types/service-types.ts';
import type { SessionFilter, SessionInfo } from '../types/session-types.ts';
import { currentSessionId } from './context.ts';
import type { CommandContext } from './context.ts';

/**
 * Id for a reference, of a session that can be read: an encrypted one is unlocked. Throws SESSION_ENCRYPTED when it
 * cannot be.
 */
export async function resolveRef(context: CommandContext, ref: string): Promise<string> {
  const id = await findRef(context, ref);
  await (await context.services.storage()).unlock(id);
  return id;
}

/** The same for what is done to a session without reading it. `@current` outside a session is this project's latest. */
export async function findRef(context: CommandContext, ref: string): Promise<string> {
  const storage = await context.services.storage();
  const currentId = currentSessionId(context);
  const asked = ref === '@current' && currentId === null ? '@last' : ref;
  const where = { projectPath: context.places.projectPath, currentId };
  // The latest may be one whose project is not known before it is unlocked.
  if (asked === '@last') await storage.unlockNames('ask');
  try {
    return storage.resolve(asked, where);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'SESSION_NOT_FOUND') throw error;
    await storage.unlockNames('ask');
    return resolveUnlocked(storage, asked, where);
  }
}

/** What is not found may be among the sessions that nobody here can unlock: that is another answer than that it is not there. */
function resolveUnlocked(storage: ISessionStorage, ref: string, where: RefContext): string {
  try {
    return storage.resolve(ref, where);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'SESSION_NOT_FOUND') throw error;
    const locked = storage.list({ limit: 1 }).warnings.find(({ code }) => code === 'SESSION_ENCRYPTED');
    if (!locked) throw error;
    const hint = `${locked.message}; unlock your identity: ROO_IDENTITY, ROO_PASSPHRASE_FILE, or ask on a terminal`;
    const code = ref === '@last' ? 'SESSION_ENCRYPTED' : error.code;
    throw new SessionError(code, error.message, { op: 'find', path: error.path, hint, cause: error });
  }
}

/** All or nothing: a mistyped reference stops the command before anything is done to the others. No id comes twice. */
export async function resolveRefs(context: CommandContext, refs: readonly string[]): Promise<string[]> {
  const ids = await findRefs(context, refs);
  const storage = await context.services.storage();
  for (const id of ids) await storage.unlock(id);
  return ids;
}

/** The same for what is done to sessions without reading them. */
export async function findRefs(context: CommandContext, refs: readonly string[]): Promise<string[]> {
  const ids = new Set<string>();
  for (const ref of refs) ids.add(await findRef(context, ref));
  return [...ids];
}

/** As `resolveRef`, also for a session in the trash: it is no longer in the list, but can still be purged. */
export async function resolveEverywhere(
  context: CommandContext,
  ref: string,
): Promise<{ id: string; trashedName: string | null }> {
  try {
    return { id: await findRef(context, ref), trashedName: null };
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'SESSION_NOT_FOUND') throw error;
    const inTrash = (await context.services.cleanup()).trashed();
    const exact = inTrash.filter((one) => one.id === ref);
    const fits = exact.length > 0 ? exact : inTrash.filter((one) => one.name === ref || isPrefix(ref, one.id));
    const [found] = fits;
    if (found === undefined) throw error;
    if (fits.length > 1) {
      throw new SessionError(
        'SESSION_REF_AMBIGUOUS',
        `${JSON.stringify(ref)} fits ${fits.length} sessions in the trash`,
        {
          op: 'resolve',
          hint: 'use more of the id',
          data: { candidates: fits.map(({ id, name }) => ({ id, name })) },
        },
      );
    }
    return { id: found.id, trashedName: found.name };
  }
}

function isPrefix(ref: string, id: string): boolean {
  return ref.length >= 4 && id.startsWith(ref);
}

/** Id of the current session, or null where this project has none yet. */
export async function findCurrent(context: CommandContext): Promise<string | null> {
  const isSet = currentSessionId(context) !== null;
  let id: string;
  try {
    id = await findRef(context, '@current');
  } catch (error) {
    // A session that nobody here can unlock is none that is being worked on here.
    const isNone =
      error instanceof SessionError && (error.code === 'SESSION_NOT_FOUND' || error.code === 'SESSION_ENCRYPTED');
    if (!isSet && isNone) return null;
    throw error;
  }
  await (await context.services.storage()).unlock(id);
  return id;
}

const PAGE_SESSIONS = 1000;

/** Every session that the filter lets through, page by page. */
export function* allSessions(
  storage: ISessionStorage,
  filter: SessionFilter,
  context: CommandContext,
): Iterable<SessionInfo> {
  let cursor: string | undefined;
  do {
    const page = storage.list({ ...filter, limit: PAGE_SESSIONS, ...(cursor !== undefined && { cursor }) });
    context.report.warn(...page.warnings);
    yield* page.sessions;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

const PREFIX_CHARACTERS = 8;

/** Shortens ids for people: 8 characters, or as many as tell these ids apart. Scripts get them whole. */
export function idShortener(context: CommandContext, ids: readonly string[]): (id: string) => string {
  if (!context.report.isTerminal) return (id) => id;
  let length = PREFIX_CHARACTERS;
  const distinct = new Set(ids);
  while (length < 36 && new Set([...distinct].map((id) => id.slice(0, length))).size < distinct.size) length++;
  // The suffix that tells a conflict copy from its original is behind a full id.
  return (id) => (id.includes('~') ? id : id.slice(0, length));
}
