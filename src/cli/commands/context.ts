// What a command is handed: the services, the settings, the terminal, the place it runs in. Commands take nothing from
// `process`, so a test can run each of them in its own process.

import type { Warning } from '../../core/errors.ts';
import type { Config } from '../config/config.ts';
import type { Reporter } from '../output/reporter.ts';
import type { OutputStream } from '../output/stream-writer.ts';
import type { ProcessObserved, RestoreKind, ServerObserved } from '../../core/restore-plan.ts';
import type { Tool } from '../../core/tool.ts';
import type { AgentSession, Consent, ContextNote } from '../services/AgentSession.ts';
import type { MemoryLog } from '../services/agent/agent-log.ts';
import type { LiveSession } from '../services/LiveSession.ts';
import type { KeptOut, RedactionDoor } from '../services/RedactionDoor.ts';
import type { SessionCheckpoints } from '../services/session-checkpoints.ts';
import type { SessionKeys } from '../services/SessionKeys.ts';
import type { SessionManager } from '../services/SessionManager.ts';
import type { SessionWorld } from '../services/SessionWorld.ts';
import type { ISessionCleanup, ISessionSerializer, ISessionStorage } from '../types/service-types.ts';

/** Each is made when first asked for: `list` must not pay for what `import` needs. */
export interface Services {
  /** Identities and recipients; what it asks, it asks at the terminal. */
  keys(): Promise<SessionKeys>;
  storage(): Promise<ISessionStorage>;
  serializer(): Promise<ISessionSerializer>;
  cleanup(): Promise<ISessionCleanup>;
  checkpoints(): Promise<
    Pick<SessionCheckpoints, 'take' | 'leftAlone' | 'list' | 'plan' | 'rewind' | 'tidy' | 'follow'>
  >;
  /** The class, because the interactive command line works with live sessions; verbs use ISessionManager of it. */
  manager(): Promise<SessionManager>;
  /** Tells of the secrets that were kept out of what is written, from now on. */
  onKeptOut(listener: (kept: readonly KeptOut[]) => void): Promise<void>;
  /** What keeps secrets out of what is written; null where nothing does. */
  door(): Promise<RedactionDoor | null>;
  /** For a conversation that is kept nowhere. */
  memory(): Promise<MemoryLog>;
  /** Puts a model into a session, or into a conversation that is kept nowhere. */
  agent(log: LiveSession | MemoryLog, request: AgentRequest): Promise<AgentSession>;
  /** What has become of the background processes that a session knows. */
  observedProcesses(id: string): Promise<ProcessObserved[]>;
  /** Servers of tools in a folder: those of its settings, and those among a session's `mcpConnections`. */
  toolServers(saved: readonly unknown[], folder: string): Promise<ServerObserved[]>;
  /** The processes, servers, watched paths and files around a session. The caller closes it, behind the session. */
  world(live: LiveSession, workingDirectory: string): Promise<SessionWorld>;
  /** What was noticed in the store and among the keys since it was asked last; what could not be logged is among it. */
  noticed(): Promise<Warning[]>;
  /** Closes what was opened. May be called more than once. */
  close(): Promise<void>;
}

/** The world outside, as `main` finds it and a test makes it up. */
export interface System {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** The user's own folder. */
  userFolder: string;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: OutputStream;
  stderr: OutputStream;
  nowMs(): number;
  /** Goes to another folder for good and answers its path, as `-C` asks. */
  chdir(folder: string): string;
  /** Aborted with the first Ctrl-C. */
  signal: AbortSignal;
  /** Until the answer is called, Ctrl-C calls the handler in place of aborting: for what lives on after it. */
  takeInterrupts(handler: () => void): () => void;
}

/** Where things are; all absolute. */
export interface Places {
  home: string;
  sessionsDir: string;
  /** The project as sessions record it: the nearest folder upward that holds `.git`, else the current folder. */
  projectPath: string;
}

/** How the interactive command line is entered. */
export interface InteractiveOptions {
  mode: 'new' | 'continue' | 'resume';
  /** For `resume`; null asks with the picker. */
  ref: string | null;
  fork: boolean;
  /** Nothing is kept. */
  ephemeral: boolean;
  /** provider/model; null leaves it to the session and the settings. */
  model: string | null;
  /** Rules of tool calls that run without being asked about. */
  allow: readonly string[];
  /** What of the session's world is brought back; everything when empty. */
  only: readonly RestoreKind[];
  /** The plan was shown and agreed to. */
  agreed: boolean;
}

/** A model in a session. */
export interface AgentRequest {
  workingDirectory: string;
  /** Named on the command line. */
  model: string | null;
  allow: readonly string[];
  /** Asks a person whether a tool may run; null where there is none. */
  ask: ((tool: Tool, subject: string) => Promise<Consent>) | null;
  /** Takes what a person is told of the project's instructions. */
  tell(note: ContextNote): void;
  /** Null for a conversation that is kept nowhere. */
  world: SessionWorld | null;
}

export interface CommandContext {
  system: System;
  places: Places;
  config: Config;
  services: Services;
  report: Reporter;
  startInteractive(context: CommandContext, options: InteractiveOptions): Promise<void>;
}

/** `$ROO_SESSION`: the session this command was started from, if any. */
export function currentSessionId(context: CommandContext): string | null {
  return context.system.env['ROO_SESSION'] || null;
}
