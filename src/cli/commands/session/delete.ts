// roo session delete

import { plural, size } from '../../output/units.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { findRefs, resolveEverywhere } from '../refs.ts';
import { toEach } from './each-session.ts';
import { remainsText } from './remains-text.ts';
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
        ids: await findRefs(context, args.ref),
        fields: ['action'],
        act: async (id) => {
          await storage.trash(id, 'deleted by the user');
          return { action: 'trash' };
        },
        say: (id, name) => `moved to trash: ${id}  ${name}; roo session undelete ${id} brings it back`,
      });
    }
    const found = await Promise.all(args.ref.map((ref) => resolveEverywhere(context, ref)));
    const trashed = new Map(found.map(({ id, trashedName }) => [id, trashedName]));
    const action = `delete ${plural(trashed.size, 'session')} for good`;
    if (!(await confirm(context, { action, op: 'purge', yes: flags.yes || flags.force }))) {
      return toEach(context, { key: 'deleted', ids: [], fields: [], act: () => Promise.resolve({}), say: () => '' });
    }
    return toEach(context, {
      key: 'deleted',
      ids: [...trashed.keys()],
      fields: ['action', 'bytesFreed', 'remains'],
      nameOf: (id) => trashed.get(id) ?? storage.details(id).session.name,
      act: async (id) => ({ action: 'purge', ...(await storage.purge(id)) }),
      say: (id, name, { bytesFreed, remains }) =>
        `deleted for good: ${id}  ${name} (${size(bytesFreed as number)} freed)${remainsText(remains as string[])}`,
    });
  },
});
