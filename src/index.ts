// The public API: what an embedding program may rely on. docs/library.md shows it at work.

export { SessionManager } from './cli/services/SessionManager.ts';
export type { ManagerEvents, ManagerOptions } from './cli/services/SessionManager.ts';
export { LiveSession } from './cli/services/LiveSession.ts';
export { SessionStorage } from './cli/services/SessionStorage.ts';
export type { StorageOptions } from './cli/services/SessionStorage.ts';
export { SessionSerializer } from './cli/services/SessionSerializer.ts';
export { SessionCleanup } from './cli/services/SessionCleanup.ts';
export type { CleanupOptions } from './cli/services/SessionCleanup.ts';
export { RedactionDoor } from './cli/services/RedactionDoor.ts';
export type { DoorOptions, KeptOut } from './cli/services/RedactionDoor.ts';
export { openSessions } from './cli/services/open-sessions.ts';
export type { OpenSessionsOptions, Sessions } from './cli/services/open-sessions.ts';

export { sessionCommands } from './cli/commands/session-commands.ts';
export type { RunWords, SessionCommands } from './cli/commands/session-commands.ts';

export { DEFAULT_SESSION_CONFIG } from './core/session-config.ts';
export { ERROR_CODES, SessionError } from './core/errors.ts';
export type { ErrorCode, ErrorDetails, Warning } from './core/errors.ts';
export type { Clock } from './core/clock.ts';
export type { Fold } from './core/fold.ts';
export type * from './core/record.ts';
export type * from './cli/types/service-types.ts';
export type * from './cli/types/session-types.ts';
export type * from './cli/types/storage-types.ts';
export type {
  Adapter,
  ForeignHeader,
  ForeignRecord,
  ForeignSession,
  Sink,
  UnreadableEntry,
} from './adapters/adapter.ts';
