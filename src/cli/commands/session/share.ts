// roo session share

import { text } from '../../args/values.ts';
import { usage } from '../../args/parse-args.ts';
import { defineCommand } from '../command.ts';
import { resolveRefs } from '../refs.ts';
import { encryptionAnswer } from './encryption-answer.ts';
import { REFS_ARGUMENT } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Lets others read encrypted sessions: writes their small key files anew, and nothing else. They need the session file ' +
      'and its key file, sessions/keys/<id>.age. What they read they keep: roo session rekey --without lets somebody out ' +
      'of what comes later.',
  ],
  flags: {
    with: { kind: 'list', placeholder: 'age1…', parse: text, summary: 'a recipient; repeat for several' },
  },
  arguments: { ref: REFS_ARGUMENT },
  examples: [{ command: 'roo session share 3f2a --with age1…', does: 'let a team mate read it' }],
  exits: [3, 4, 5, 6],
  async run(context, flags, args) {
    if (flags.with.length === 0)
      throw usage('say with whom', 'add --with age1…; they see theirs with roo session keys export');
    const ids = await resolveRefs(context, args.ref);
    const encryption = await (await context.services.storage()).encryption();
    return encryptionAnswer(context, 'shared', ids, (id) => encryption.share(id, flags.with));
  },
});
