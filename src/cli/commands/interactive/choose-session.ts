// `roo -r` without a reference: asks which session it should be, and leaves where none is chosen.

import { SessionError } from '../../../core/errors.ts';
import type { CommandContext } from '../context.ts';

/** Id of the chosen session. Throws as `pickSession` does, and INTERRUPTED where the user left without one. */
export async function chooseSession(context: CommandContext): Promise<string> {
  const { pickSession } = await import('./pick-session.ts');
  const id = await pickSession(context);
  if (id === null) throw new SessionError('INTERRUPTED', 'no session was chosen', { op: 'resume' });
  return id;
}
