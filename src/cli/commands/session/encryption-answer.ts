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
    fields: ['status', 'recipients'],
    act: async (id) => {
      const { status, recipients, remains } = await act(id);
      if (remains.length > 0) context.report.note(`of ${id.slice(0, 8)} may still be readable: ${remains.join('; ')}`);
      return { status, recipients: [...recipients], remains };
    },
    say: (id, name, outcome) => `${sentence(outcome)} ${id}  ${name}`,
  });
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
