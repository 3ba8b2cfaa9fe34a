// What encrypt, decrypt, share and rekey answer: who can read the session now, and what could not be reached.

import type { Answer } from '../../output/answer.ts';
import { plural } from '../../output/units.ts';
import type { EncryptionReport } from '../../types/storage-types.ts';
import type { CommandContext } from '../context.ts';
import type { Outcome } from './each-session.ts';
import { toEach } from './each-session.ts';

export async function encryptionAnswer(
  context: CommandContext,
  key: string,
  ids: readonly string[],
  act: (id: string) => Promise<EncryptionReport>,
): Promise<Answer> {
  return toEach(context, {
    key,
    ids,
    fields: ['status', 'recipients', 'remains'],
    act: async (id) => {
      const { status, recipients, remains } = await act(id);
      return { status, recipients: [...recipients], remains };
    },
    say: (id, name, outcome) => `${sentence(outcome)} ${id}  ${name}${remainsText(outcome)}`,
  });
}

function remainsText({ remains }: Outcome): string {
  const left = remains as readonly string[];
  return left.length === 0 ? '' : `; what may still be read: ${left.join('; ')}`;
}

function sentence({ status, recipients }: Outcome): string {
  const readers = plural((recipients as readonly string[]).length, 'recipient');
  switch (status) {
    case 'encrypted':
      return `encrypted, for ${readers}:`;
    case 'decrypted':
      return 'readable by anybody who can read the file:';
    case 'shared':
      return `shared, now with ${readers}:`;
    case 'rekeyed':
      return `under a new key, for ${readers}:`;
    default:
      return 'unchanged:';
  }
}
