// Makes the services when a command first asks for one, each in its own chunk: `list` needs neither importers nor
// exporters. The only file of the command line that knows how services are built.

import { loadConfig, permissionRules, sessionConfig, settingValue, retentionPolicy } from './config/config.ts';
import type { Config } from './config/config.ts';
import type { Places, Services, System } from './commands/context.ts';
import type { SessionCheckpoints } from './services/session-checkpoints.ts';
import type { SessionCleanup } from './services/SessionCleanup.ts';
import type { SessionKeys } from './services/SessionKeys.ts';
import type { SessionManager } from './services/SessionManager.ts';
import type { SessionSerializer } from './services/SessionSerializer.ts';
import type { RedactionDoor } from './services/RedactionDoor.ts';
import type { SessionStorage } from './services/SessionStorage.ts';
import { namedPatterns } from './config/redaction-patterns.ts';
import { VERSION } from './version.ts';

export function makeServices(config: Config, places: Places, system: System): Services {
  const keys = once(async (): Promise<SessionKeys> => {
    const { SessionKeys } = await import('./services/SessionKeys.ts');
    return new SessionKeys({
      home: places.home,
      environment: system.env,
      clock: { now: () => system.nowMs() },
      async askPassphrase(question) {
        const { askPassphrase } = await import('./commands/ask-passphrase.ts');
        return askPassphrase(system, question);
      },
    });
  });
  const door = once(async (): Promise<RedactionDoor> => {
    const { RedactionDoor } = await import('./services/RedactionDoor.ts');
    return new RedactionDoor({
      home: places.home,
      environment: system.env,
      folders: [...new Set([system.cwd, places.projectPath])],
      userFolder: system.userFolder,
      allow: (settingValue(config, 'redaction.allow') as readonly string[] | null) ?? [],
      patterns: namedPatterns(settingValue(config, 'redaction.patterns') as readonly string[] | null),
    });
  });
  const storage = once(async (): Promise<SessionStorage> => {
    const { SessionStorage } = await import('./services/SessionStorage.ts');
    const { home, sessionsDir } = places;
    const settings = { ...sessionConfig(config) };
    const made = new SessionStorage({
      home,
      sessionsDir,
      settings,
      version: VERSION,
      door: await door(),
      identities: keys,
    });
    await made.unlockNames('quietly');
    return made;
  });
  const serializer = once(async (): Promise<SessionSerializer> => {
    const { SessionSerializer } = await import('./services/SessionSerializer.ts');
    return new SessionSerializer(await storage(), {
      environment: system.env,
      get input() {
        return system.stdin as unknown as AsyncIterable<Uint8Array>;
      },
    });
  });
  const cleanup = once(async (): Promise<SessionCleanup> => {
    const { SessionCleanup } = await import('./services/SessionCleanup.ts');
    const trashDays = settingValue(config, 'retention.trashDays') as number;
    return new SessionCleanup(await storage(), { trashDays, policy: retentionPolicy(config) });
  });
  const checkpoints = once(async (): Promise<SessionCheckpoints> => {
    const { SessionCheckpoints } = await import('./services/session-checkpoints.ts');
    return new SessionCheckpoints(await storage(), { environment: { ...system.env } });
  });
  const manager = once(async (): Promise<SessionManager> => {
    const { SessionManager } = await import('./services/SessionManager.ts');
    return new SessionManager({
      storage: await storage(),
      serializer: await serializer(),
      cleanup: await cleanup(),
      workingDirectory: system.cwd,
      environment: system.env,
    });
  });
  // A session that goes on in another folder goes by the settings of the project there.
  const configIn = async (folder: string): Promise<Config> => {
    const { env, cwd, userFolder } = system;
    return folder === cwd ? config : loadConfig({ env, cwd: folder, home: places.home, userFolder });
  };
  return {
    keys,
    storage,
    serializer,
    cleanup,
    checkpoints,
    manager,
    async observedProcesses(id) {
      const { SessionProcesses } = await import('./services/session-processes.ts');
      const { home } = places;
      return new SessionProcesses(await storage(), id, { home, door: null, nowMs: () => system.nowMs() }).observed();
    },
    async toolServers(saved, folder) {
      const { readMcpConfig } = await import('./config/mcp-config.ts');
      const { serversOf } = await import('./services/SessionWorld.ts');
      return serversOf(saved, readMcpConfig(await configIn(folder)).servers);
    },
    async world(live, workingDirectory) {
      const { SessionWorld } = await import('./services/SessionWorld.ts');
      const { readMcpConfig } = await import('./config/mcp-config.ts');
      const there = await configIn(workingDirectory);
      (await door()).alsoIn(workingDirectory);
      const { servers, problems } = readMcpConfig(there);
      const world = new SessionWorld({
        live,
        storage: await storage(),
        workingDirectory,
        environment: system.env,
        servers,
        checkpoints: settingValue(there, 'checkpoints') as 'automatic' | 'off',
        version: VERSION,
        nowMs: () => system.nowMs(),
      });
      // A file of servers that cannot be read keeps nobody from working.
      setImmediate(() => problems.forEach((problem) => world.emit('failed', problem)));
      return world;
    },
    async onKeptOut(listener) {
      (await door()).on('keptOut', listener);
    },
    door,
    async memory() {
      const { MemoryLog } = await import('./services/agent/agent-log.ts');
      return new MemoryLog(await door());
    },
    async agent(session, request) {
      const { openAgent } = await import('./services/agent/open-agent.ts');
      const there = await configIn(request.workingDirectory);
      return openAgent(session, {
        ...request,
        storage: await storage(),
        environment: system.env,
        userFolder: system.userFolder,
        settings: {
          model: settingValue(there, 'model') as string | null,
          contextTokens: settingValue(there, 'contextTokens') as number,
          stallSeconds: settingValue(there, 'stallSeconds') as number,
          permissions: permissionRules(there),
        },
        nowMs: () => system.nowMs(),
      });
    },
    async noticed() {
      const ofKeys = keys.made ? (await keys()).warnings.splice(0) : [];
      if (!storage.made) return ofKeys;
      const { audit, writers } = await storage();
      audit.flush();
      return [...ofKeys, ...writers.warnings.splice(0)];
    },
    async close() {
      // The manager closes what it holds, and the storage with it.
      if (manager.made) await (await manager()).close();
      else if (storage.made) await (await storage()).close();
    },
  };
}

interface Once<T> {
  (): Promise<T>;
  readonly made: boolean;
}

function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | null = null;
  // What could not be made is not there to be asked or closed later.
  const tried = async (): Promise<T> => {
    try {
      return await make();
    } catch (error) {
      made = null;
      throw error;
    }
  };
  const get = (): Promise<T> => (made ??= tried());
  return Object.defineProperty(get, 'made', { get: () => made !== null }) as unknown as Once<T>;
}
