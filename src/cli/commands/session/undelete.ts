// roo session undelete

import { deedsView } from '../../output/views.ts';
import { defineCommand } from '../command.ts';
import { idShortener } from '../refs.ts';
import { readable } from './each-session.ts';

export const command = defineCommand({
  description: ['Brings sessions back from the trash, byte for byte as they were.'],
  flags: {},
  arguments: {
    ref: { kind: 'rest', min: 1, summary: 'ids, beginnings of ids or exact names of sessions in the trash' },
  },
  examples: [
    { command: 'roo session list --trash --all', does: 'what is in the trash' },
    { command: 'roo session undelete 3f2a', does: 'bring one back' },
  ],
  exits: [3, 5, 7],
  async run(context, _flags, args) {
    const storage = await context.services.storage();
    const restored: { id: string; name: string }[] = [];
    for (const ref of args.ref) {
      try {
        const id = await storage.undelete(ref);
        restored.push({ id, name: readable(() => storage.details(id).session.name) });
      } catch (error) {
        if (args.ref.length === 1) throw error;
        context.report.fail(error);
      }
    }
    const shortId = idShortener(
      context,
      restored.map((one) => one.id),
    );
    return {
      data: {},
      list: { key: 'restored', items: restored },
      view: deedsView(
        [
          { title: 'ID', value: (one) => one.id },
          { title: 'NAME', value: (one) => one.name },
        ],
        restored,
        (one) => `back from trash: ${shortId(one.id)}  ${one.name}`,
      ),
    };
  },
});
