// roo session repair

import { amount } from '../../output/units.ts';
import { factsView } from '../../output/views.ts';
import { defineCommand, NO_FLAGS } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { healthStyle } from './info.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Writes every record that can be read into a sound log. The original file is kept beside it, and what could not be ' +
      'read is never thrown away.',
  ],
  flags: NO_FLAGS,
  arguments: { ref: REF_ARGUMENT },
  examples: [{ command: 'roo session repair 3f2a', does: 'save what there is' }],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, _flags, args) {
    const storage = await context.services.storage();
    const repair = await storage.repair(await resolveRef(context, args.ref));
    return {
      data: { repair },
      view: factsView([
        { key: 'id', label: 'Session', value: repair.id, style: 'yellow' },
        { key: 'health', label: 'Health now', value: repair.health, style: healthStyle(repair.health) },
        { key: 'recordsOk', label: 'Records', value: repair.recordsOk, shown: amount(repair.recordsOk) },
        {
          key: 'recordsDamaged',
          label: 'Lost records',
          value: repair.recordsDamaged,
          shown: repair.recordsDamaged === 0 ? '' : amount(repair.recordsDamaged),
        },
        {
          key: 'actions',
          label: 'Done',
          value: repair.actions.join('; '),
          shown: repair.actions.join('\n') || 'nothing: it was sound',
        },
        { key: 'originalPath', label: 'Original', value: repair.originalPath },
      ]),
    };
  },
});
