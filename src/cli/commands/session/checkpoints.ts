// roo session checkpoints

import type { CheckpointRecord } from '../../../core/record.ts';
import { age } from '../../output/units.ts';
import { rowsView } from '../../output/views.ts';
import { defineCommand, NO_FLAGS } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: ['Lists the points that roo session rewind can go back to, oldest first.'],
  flags: NO_FLAGS,
  arguments: { ref: REF_ARGUMENT },
  examples: [{ command: 'roo session checkpoints @last', does: 'where you can go back to' }],
  exits: [3, 5, 6, 8],
  async run(context, _flags, args) {
    const id = await resolveRef(context, args.ref);
    const checkpoints = (await context.services.checkpoints()).list(id).map(listed);
    const nowMs = context.system.nowMs();
    return {
      data: {},
      list: { key: 'checkpoints', items: checkpoints },
      view: rowsView(
        [
          { title: 'NAME', value: (one) => one.name, style: () => 'yellow' },
          { title: 'AT', value: (one) => one.at, shown: (one) => age(one.at, nowMs) },
          { title: 'KIND', value: (one) => one.kind },
          { title: 'DESCRIPTION', value: (one) => one.description, widthMin: 12 },
          { title: 'FILES', value: (one) => one.commit ?? '', shown: (one) => one.commit?.slice(0, 10) ?? 'none' },
          { title: 'MESSAGE', value: (one) => one.messageId ?? '' },
          { title: 'ID', value: (one) => one.id },
        ],
        checkpoints,
        'No checkpoints.',
      ),
    };
  },
});

/** `name` is what a person types behind rewind. */
function listed({ id, at, description, messageId, commit, kind }: CheckpointRecord, index: number): ListedCheckpoint {
  return { name: `c${index + 1}`, id, at, kind: kind ?? 'manual', description, messageId, commit: commit ?? null };
}

interface ListedCheckpoint {
  name: string;
  id: string;
  at: string;
  kind: 'manual' | 'automatic' | 'safety';
  description: string;
  messageId: string | null;
  commit: string | null;
}
