// roo session archive

import { size } from '../../output/units.ts';
import { defineCommand, NO_FLAGS } from '../command.ts';
import { resolveRefs } from '../refs.ts';
import { toEach } from './each-session.ts';
import { REFS_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Packs sessions small and takes them out of the list. They are still found, shown and gone on with.'],
  flags: NO_FLAGS,
  arguments: { ref: REFS_ARGUMENT },
  examples: [
    { command: 'roo session archive 3f2a', does: 'put one away' },
    { command: 'roo session list --archived', does: 'see what was put away' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, _flags, args) {
    const storage = await context.services.storage();
    return toEach(context, {
      key: 'archived',
      ids: await resolveRefs(context, args.ref),
      fields: ['sizeBefore', 'size'],
      act: async (id) => {
        const before = storage.details(id).session.size;
        await storage.archive(id);
        return { sizeBefore: before, size: storage.details(id).session.size };
      },
      say: (id, name, { sizeBefore, size: after }) =>
        `archived ${id}  ${name} (${size(sizeBefore as number)} to ${size(after as number)})`,
    });
  },
});
