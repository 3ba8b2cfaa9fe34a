// roo session migrate

import { plural } from '../../output/units.ts';
import { deedsView } from '../../output/views.ts';
import { defineCommand, NO_ARGUMENTS, NO_FLAGS } from '../command.ts';
import { idShortener } from '../refs.ts';

export const command = defineCommand({
  description: [
    'Turns session files of format 1 into logs of format 2. Each original is kept until the new log is verified and ' +
      'holds as many messages, and is then kept beside it.',
  ],
  flags: NO_FLAGS,
  arguments: NO_ARGUMENTS,
  examples: [{ command: 'roo session migrate', does: 'bring old files up to date' }],
  exits: [4, 5, 7],
  async run(context) {
    const storage = await context.services.storage();
    const { migrated, warnings } = await storage.migrate();
    context.report.warn(...warnings);
    if (migrated.length === 0) context.report.note('nothing to migrate');
    const shortId = idShortener(
      context,
      migrated.map((one) => one.id),
    );
    return {
      data: {},
      list: { key: 'migrated', items: migrated },
      view: deedsView(
        [
          { title: 'ID', value: (one) => one.id },
          { title: 'MESSAGES', value: (one) => one.messages },
          { title: 'ORIGINAL', value: (one) => one.originalPath },
        ],
        migrated,
        (one) =>
          `migrated ${shortId(one.id)} (${plural(one.messages, 'message')}); original kept at ${one.originalPath}`,
      ),
    };
  },
});
