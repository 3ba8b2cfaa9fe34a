// roo session encrypt

import { text } from '../../args/values.ts';
import { plural } from '../../output/units.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Answer } from '../../output/answer.ts';
import type { CommandContext } from '../context.ts';
import { resolveRefs } from '../refs.ts';
import { encryptionAnswer } from './encryption-answer.ts';
import { ensureIdentity } from './own-identity.ts';
import { REFS_ARGUMENT, YES_FLAG } from './session-flags.ts';

export const command = defineCommand({
  description: [
    'Encrypts sessions: only who has an identity that they are for can read them, and nothing of them stands in plain in ' +
      'the search index or anywhere else in the store. Without --recipient they are for you, and for those that roo ' +
      'session keys add named. Where you have no identity yet one is made: in the keychain of the system, else under a ' +
      'passphrase, else, with --key-file, as a bare file, which protects nothing from whoever reads it.',
    'Checkpoints of an encrypted session are removed, because they hold files and words in plain; it asks first.',
    'New sessions are encrypted from their first byte with: roo config set encryptionEnabled true.',
  ],
  flags: {
    recipient: {
      kind: 'list',
      placeholder: 'age1…',
      parse: text,
      summary: 'who can read it, in place of those of new sessions; repeat for several',
    },
    keyFile: { kind: 'switch', summary: 'make an identity as a bare file, where there is none' },
    yes: YES_FLAG,
  },
  arguments: { ref: REFS_ARGUMENT },
  examples: [
    { command: 'roo session encrypt @last', does: 'the latest session of this project' },
    { command: 'roo session encrypt 3f2a --recipient age1…', does: 'for somebody else alone' },
  ],
  exits: [3, 4, 5, 6, 7, 8],
  async run(context, flags, args) {
    return encryptSessions(context, await resolveRefs(context, args.ref), flags);
  },
});

interface EncryptFlags {
  readonly recipient: readonly string[];
  readonly keyFile: boolean;
  readonly yes: boolean;
}

export async function encryptSessions(
  context: CommandContext,
  ids: readonly string[],
  { recipient, keyFile, yes }: EncryptFlags,
): Promise<Answer> {
  if (recipient.length === 0) await ensureIdentity(context, keyFile ? 'key-file' : undefined);
  const agreed = await mayDropCheckpoints(context, ids, yes);
  const encryption = await (await context.services.storage()).encryption();
  return encryptionAnswer(context, 'encrypted', agreed ? ids : [], (id) => encryption.encrypt(id, recipient));
}

async function mayDropCheckpoints(context: CommandContext, ids: readonly string[], yes: boolean): Promise<boolean> {
  const storage = await context.services.storage();
  const count = ids.reduce((sum, id) => {
    const { session, fold } = storage.details(id);
    return session.encrypted ? sum : sum + fold.checkpoints.filter(({ commit }) => commit !== undefined).length;
  }, 0);
  if (count === 0) return true;
  return confirm(context, { action: `remove ${plural(count, 'checkpoint')}, with files in plain`, op: 'encrypt', yes });
}
