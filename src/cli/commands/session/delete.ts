// roo session delete

import { SessionError } from '../../../core/errors.ts';
import { plural, size } from '../../output/units.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { resolveRef, resolveRefs } from '../refs.ts';
import { toEach } from './each-session.ts';
import { REFS_ARGUMENT, YES_FLAG } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Moves sessions to the trash, at once; roo session undelete brings them back as they were. With --purge they are ' +
      'gone for good, from the trash too: that asks first, and without a terminal it needs --yes.',
  ],
  flags: {
    purge: { kind: 'switch', summary: 'delete for good' },
    yes: YES_FLAG,
    force: { kind: 'switch', summary: 'the same as --yes' },
  },
  arguments: { ref: REFS_ARGUMENT },
  examples: [
    { command: 'roo session delete 3f2a 9c01', does: 'into the trash' },
    { command: 'roo session delete 3f2a --purge', does: 'for good, after asking' },
  ],
  exits: [3, 4, 5, 7],
  async run(context, flags, args) {
    const storage = await context.services.storage();
    if (!flags.purge) {
      return toEach(context, {
        key: 'deleted',
        ids: await resolveRefs(context, args.ref),
        fields: ['action'],
        act: async (id) => {
          await storage.trash(id, 'deleted by the user');
          return { action: 'trash' };
        },
        say: (id, name) => `moved to trash: ${id}  ${name}; roo session undelete ${id} brings it back`,
      });
    }
    const trashed = new Map<string, string>();
    const ids = await Promise.all(args.ref.map((ref) => resolveEverywhere(context, ref, trashed)));
    const action = `delete ${plural(ids.length, 'session')} for good`;
    if (!(await confirm(context, { action, op: 'purge', yes: flags.yes || flags.force }))) {
      return toEach(context, { key: 'deleted', ids: [], fields: [], act: () => Promise.resolve({}), say: () => '' });
    }
    return toEach(context, {
      key: 'deleted',
      ids: [...new Set(ids)],
      fields: ['action', 'bytesFreed', 'remains'],
      nameOf: (id) => trashed.get(id) ?? storage.details(id).session.name,
      act: async (id) => ({ action: 'purge', ...(await storage.purge(id)) }),
      say: (id, name, { bytesFreed, remains }) =>
        `deleted for good: ${id}  ${name} (${size(bytesFreed as number)} freed)${remainsText(remains as string[])}`,
    });
  },
});

/** A session in the trash is no longer in the list, but it can still be purged. */
async function resolveEverywhere(context: CommandContext, ref: string, trashed: Map<string, string>): Promise<string> {
  try {
    return await resolveRef(context, ref);
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
    trashed.set(found.id, found.name);
    return found.id;
  }
}

function isPrefix(ref: string, id: string): boolean {
  return ref.length >= 4 && id.startsWith(ref);
}

/** Deleting cannot reach what others hold; saying so is the honest part of deleting. */
function remainsText(remains: readonly string[]): string {
  return remains.length === 0 ? '' : `; what remains: ${remains.join('; ')}`;
}
