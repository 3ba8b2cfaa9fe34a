// roo session fork

import { text } from '../../args/values.ts';
import { deedsView } from '../../output/views.ts';
import { defineCommand } from '../command.ts';
import { idShortener, resolveRef } from '../refs.ts';
import { REF_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'The new session shares the past of the other one without copying it, and goes its own way from there.',
  ],
  flags: {
    at: {
      kind: 'value',
      placeholder: 'MESSAGE',
      parse: text,
      summary: 'fork at this message: its id or number (the last)',
    },
    name: { kind: 'value', placeholder: 'NAME', parse: text, summary: 'name of the new session' },
  },
  arguments: { ref: REF_ARGUMENT },
  examples: [
    { command: 'roo session fork @last', does: 'try something without touching the original' },
    { command: "roo session fork 3f2a --at 12 --name 'other way'", does: 'go back to message 12 and take another way' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const from = await resolveRef(context, args.ref);
    const storage = await context.services.storage();
    const id = await storage.fork(from, flags.at ?? null, flags.name ?? null);
    const { session } = storage.details(id);
    const shortId = idShortener(context, [from, id]);
    return {
      data: { session, from },
      view: deedsView(
        [
          { title: 'ID', value: (one) => one.id },
          { title: 'NAME', value: (one) => one.name },
          { title: 'FROM', value: () => from },
        ],
        [session],
        (one) => `forked ${shortId(from)} into ${shortId(one.id)}  ${one.name}; go on with roo -r ${shortId(one.id)}`,
      ),
    };
  },
});
