// roo session decrypt

import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { plural } from '../../output/units.ts';
import type { Answer } from '../../output/answer.ts';
import type { CommandContext } from '../context.ts';
import { resolveRefs } from '../refs.ts';
import { encryptionAnswer } from './encryption-answer.ts';
import { REFS_ARGUMENT, YES_FLAG } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Makes encrypted sessions readable by anybody who can read their files, as other sessions are, and removes their keys. ' +
      'It asks first; without a terminal it needs --yes.',
  ],
  flags: { yes: YES_FLAG },
  arguments: { ref: REFS_ARGUMENT },
  examples: [{ command: 'roo session decrypt 3f2a --yes', does: 'without a question' }],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    return decryptSessions(context, await resolveRefs(context, args.ref), flags.yes);
  },
});

export async function decryptSessions(context: CommandContext, ids: readonly string[], yes: boolean): Promise<Answer> {
  const action = `write ${plural(ids.length, 'session')} in plain`;
  const hint = `run it on a terminal to be asked, or roo session decrypt ${ids[0] ?? ''} --yes`;
  const agreed = await confirm(context, { action, op: 'decrypt', yes, hint });
  const encryption = await (await context.services.storage()).encryption();
  return encryptionAnswer(context, 'decrypted', agreed ? ids : [], (id) => encryption.decrypt(id));
}
