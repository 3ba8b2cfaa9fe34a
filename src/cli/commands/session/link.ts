// roo session link

import { choices } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { defineCommand } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { LINK_KINDS, REF_ARGUMENT } from './session-flags.ts';
import { linksAnswer } from './session-links.ts';

export const command = defineCommand({
  description: ['Records in the first session how it relates to the second.'],
  flags: {
    as: {
      kind: 'value',
      placeholder: 'KIND',
      ...choices(LINK_KINDS),
      summary: `${LINK_KINDS.join(', ')} (related)`,
    },
  },
  arguments: { from: REF_ARGUMENT, to: REF_ARGUMENT },
  examples: [{ command: 'roo session link @last 3f2a --as continues', does: 'the latest session goes on with 3f2a' }],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const from = await resolveRef(context, args.from);
    const to = await resolveRef(context, args.to);
    if (from === to) throw usage('both references name the same session');
    const link = { sessionId: to, kind: flags.as ?? 'related' };
    const storage = await context.services.storage();
    const result = await storage.change(from, [{ type: 'meta', addLinks: [link] }]);
    return linksAnswer(context, 'linked', from, [link], result);
  },
});
