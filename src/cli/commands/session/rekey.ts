// roo session rekey

import { text } from '../../args/values.ts';
import { defineCommand } from '../command.ts';
import { resolveRefs } from '../refs.ts';
import { encryptionAnswer } from './encryption-answer.ts';
import { REFS_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Gives encrypted sessions a new key, and writes them anew under it: for the same recipients, but for those named with ' +
      '--without. Who is let out keeps what was read or copied before.',
  ],
  flags: {
    without: { kind: 'list', placeholder: 'age1…', parse: text, summary: 'a recipient to let out; repeat for several' },
  },
  arguments: { ref: REFS_ARGUMENT },
  examples: [{ command: 'roo session rekey 3f2a --without age1…', does: 'for everybody but one' }],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    const ids = await resolveRefs(context, args.ref);
    const encryption = await (await context.services.storage()).encryption();
    return encryptionAnswer(context, 'rekeyed', ids, (id) => encryption.rekey(id, flags.without));
  },
});
