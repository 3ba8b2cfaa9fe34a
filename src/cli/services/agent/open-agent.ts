// Puts a session, its tools and its settings together to what a command line talks to.

import type { Permissions } from '../../../core/permissions.ts';
import type { Tool } from '../../../core/tool.ts';
import { builtInTools } from '../../../workspace/tools/built-in-tools.ts';
import type { AgentLimits, Consent, ContextNote } from '../AgentSession.ts';
import { AgentSession } from '../AgentSession.ts';
import { LiveLog, MemoryLog } from './agent-log.ts';
import type { LiveSession } from '../LiveSession.ts';
import type { SessionStorage } from '../SessionStorage.ts';
import type { SessionWorld } from '../SessionWorld.ts';

export interface OpenAgentOptions {
  storage: SessionStorage;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  userFolder: string;
  /** Named on the command line. */
  model: string | null;
  allow: readonly string[];
  settings: { model: string | null; permissions: Permissions } & AgentLimits;
  ask: ((tool: Tool, subject: string) => Promise<Consent>) | null;
  tell(note: ContextNote): void;
  /** Null for a conversation that is kept nowhere: it has the built-in tools alone. */
  world: SessionWorld | null;
  nowMs(): number;
}

export async function openAgent(session: LiveSession | MemoryLog, options: OpenAgentOptions): Promise<AgentSession> {
  const { storage, settings, model, allow, world, ...rest } = options;
  const log = session instanceof MemoryLog ? session : new LiveLog(session, storage);
  const builtIn = world ? [] : builtInTools();
  const { permissions } = settings;
  const environment =
    session instanceof MemoryLog ? rest.environment : { ...rest.environment, ROO_SESSION: session.id };
  return new AgentSession({
    ...rest,
    environment,
    door: storage.door,
    log,
    modelFlag: model,
    modelName: settings.model,
    permissions: { ...permissions, allow: [...permissions.allow, ...allow] },
    limits: settings,
    tools: () => world?.tools() ?? builtIn,
    ...(world && {
      ready: () => world.ready(),
      takeNotes: () => world.takeNotes(),
      beforeChange: () => world.beforeChange(),
    }),
  });
}
