// roo session unarchive

import { defineCommand, NO_FLAGS } from '../command.ts';
import { resolveRefs } from '../refs.ts';
import { toEach } from './each-session.ts';
import { REFS_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Puts archived sessions back into the list.'],
  flags: NO_FLAGS,
  arguments: { ref: REFS_ARGUMENT },
  examples: [{ command: 'roo session unarchive 3f2a', does: 'bring one back into the list' }],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, _flags, args) {
    const storage = await context.services.storage();
    return toEach(context, {
      key: 'unarchived',
      ids: await resolveRefs(context, args.ref),
      fields: [],
      act: async (id) => {
        await storage.unarchive(id);
        return {};
      },
      say: (id, name) => `back in the list: ${id}  ${name}`,
    });
  },
});
