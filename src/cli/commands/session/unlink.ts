// roo session unlink

import { choices } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { defineCommand } from '../command.ts';
import { resolveRef } from '../refs.ts';
import { LINK_KINDS, REF_ARGUMENT } from './session-flags.ts';
import { linksAnswer } from './session-links.ts';

export const command = defineCommand({
  description: ['Takes away the links from the first session to the second: all of them, or those of one kind.'],
  flags: {
    as: {
      kind: 'value',
      placeholder: 'KIND',
      ...choices(LINK_KINDS),
      summary: `only ${LINK_KINDS.join(', ')}`,
    },
  },
  arguments: { from: REF_ARGUMENT, to: REF_ARGUMENT },
  examples: [{ command: 'roo session unlink @last 3f2a', does: 'forget how they relate' }],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const from = await resolveRef(context, args.from);
    const storage = await context.services.storage();
    const known = storage.details(from).session.links;
    // A link may outlive the session it leads to: then its full id still names it.
    const isKnown = known.some((link) => link.sessionId === args.to);
    const to = isKnown ? args.to : await resolveRef(context, args.to);
    const links = known.filter((link) => link.sessionId === to && (flags.as === undefined || link.kind === flags.as));
    if (links.length === 0) {
      throw usage('there is no such link', `roo session info ${from} lists the links of a session`);
    }
    const result = await storage.change(from, [{ type: 'meta', removeLinks: links }]);
    return linksAnswer(context, 'unlinked', from, links, result);
  },
});
