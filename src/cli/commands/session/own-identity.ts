// An identity for whoever encrypts for the first time: without one nobody could read the session again.

import { SessionError } from '../../../core/errors.ts';
import type { CommandContext } from '../context.ts';

/** Makes an identity where there is none, and says where it is kept. Throws KEY_MISSING where nothing would protect it. */
export async function ensureIdentity(context: CommandContext, protection: 'key-file' | undefined): Promise<void> {
  const keys = await context.services.keys();
  try {
    await keys.knownRecipient();
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'KEY_MISSING' || keys.own() !== null) throw error;
    const { recipient, keptIn } = await keys.create({ protection });
    context.report.note(
      `made an identity (${keptIn}): ${recipient}; keep a copy elsewhere: roo session keys export --secret -o FILE`,
    );
  }
}
