// roo session reindex

import { amount, duration } from '../../output/units.ts';
import { factsView } from '../../output/views.ts';
import { defineCommand, NO_ARGUMENTS, NO_FLAGS } from '../command.ts';

export const command = defineCommand({
  description: [
    'Builds the index again from the logs. It is never needed for correct answers: a missing or broken index is ' +
      'rebuilt by itself.',
  ],
  flags: NO_FLAGS,
  arguments: NO_ARGUMENTS,
  examples: [{ command: 'roo session reindex', does: 'start the index afresh' }],
  exits: [5, 7],
  async run(context) {
    const storage = await context.services.storage();
    const progress = context.report.progress('indexing');
    const index = await storage.reindex((done, total) => progress.step(done, total));
    progress.end();
    return {
      data: { index },
      view: factsView([
        { key: 'sessions', label: 'Sessions', value: index.sessions, shown: amount(index.sessions) },
        { key: 'texts', label: 'Texts', value: index.texts, shown: amount(index.texts) },
        { key: 'durationMs', label: 'Took', value: index.durationMs, shown: duration(index.durationMs) },
      ]),
    };
  },
});
