// The four services, put together: one call for an embedding program.

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CleanupOptions } from './SessionCleanup.ts';
import { RedactionDoor } from './RedactionDoor.ts';
import { SessionCleanup } from './SessionCleanup.ts';
import { SessionManager } from './SessionManager.ts';
import { SessionSerializer } from './SessionSerializer.ts';
import type { StorageOptions } from './SessionStorage.ts';
import type { AskPassphrase } from './keys/passphrases.ts';
import { SessionStorage, SYSTEM_CLOCK } from './SessionStorage.ts';

export interface OpenSessionsOptions extends Partial<StorageOptions>, CleanupOptions {
  /** Directory that new sessions belong to; the process's own when absent. */
  workingDirectory?: string;
  /** Variables that new sessions may remember; only harmless ones are kept. */
  environment?: Readonly<Record<string, string | undefined>>;
  memoryLimitBytes?: number;
  /** Asks for the passphrase of the identity that opens encrypted sessions; answers null, or absent: nobody can be asked. */
  askPassphrase?: AskPassphrase;
}

export interface Sessions {
  manager: SessionManager;
  storage: SessionStorage;
  serializer: SessionSerializer;
  cleanup: SessionCleanup;
}

/**
 * Opens a store, by default the one in ROO_HOME or ~/.roo. Close it with `manager.close()`. Secrets are taken out of what
 * is written, unless `door` is null.
 */
export function openSessions(options: OpenSessionsOptions = {}): Sessions {
  const environment = options.environment ?? process.env;
  const home = options.home ?? environment['ROO_HOME'] ?? join(homedir(), '.roo');
  const sessionsDir = options.sessionsDir ?? environment['ROO_SESSIONS_DIR'];
  const workingDirectory = options.workingDirectory ?? process.cwd();
  const door =
    options.door === undefined
      ? new RedactionDoor({
          home,
          environment,
          folders: [workingDirectory],
          userFolder: homedir(),
          allow: [],
          patterns: [],
        })
      : options.door;
  const clock = options.clock ?? SYSTEM_CLOCK;
  const identities =
    options.identities ??
    (async () => {
      const { SessionKeys } = await import('./SessionKeys.ts');
      return new SessionKeys({ home, environment, clock, askPassphrase: options.askPassphrase ?? (async () => null) });
    });
  const storage = new SessionStorage({
    ...options,
    home,
    ...(sessionsDir !== undefined && { sessionsDir }),
    door,
    identities,
  });
  const serializer = new SessionSerializer(storage);
  const cleanup = new SessionCleanup(storage, options);
  const manager = new SessionManager({ ...options, storage, serializer, cleanup, workingDirectory, environment });
  return { manager, storage, serializer, cleanup };
}
