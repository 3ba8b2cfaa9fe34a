// The background processes of one session, for the verbs about them: loaded when one of these is run.

import type { SessionProcesses } from '../../services/session-processes.ts';
import type { CommandContext } from '../context.ts';

export async function processesOf(context: CommandContext, sessionId: string): Promise<SessionProcesses> {
  const { SessionProcesses } = await import('../../services/session-processes.ts');
  const storage = await context.services.storage();
  return new SessionProcesses(storage, sessionId, {
    home: context.places.home,
    door: await context.services.door(),
    nowMs: () => context.system.nowMs(),
  });
}
