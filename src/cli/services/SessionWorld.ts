// The world around a session that is worked in: background processes, MCP servers, watched paths, files and checkpoints.
// It gives the tools, tells what happens beside the conversation, and says what the log is to keep of it all.

import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { SessionError } from '../../core/errors.ts';
import type { BackgroundProcess, NewRecord, State } from '../../core/record.ts';
import type { RestoreKind } from '../../core/restore-plan.ts';
import type { Tool } from '../../core/tool.ts';
import { toolPaths } from '../../core/tool-paths.ts';
import type { FileTracker } from '../../workspace/files/file-tracker.ts';
import { serversOf } from '../../workspace/mcp/connection-info.ts';
import type { HubServer } from '../../workspace/mcp/connection-info.ts';
import type { McpHub } from '../../workspace/mcp/hub.ts';
import { builtInTools } from '../../workspace/tools/built-in-tools.ts';
import type { LiveSession } from './LiveSession.ts';
import { trackFiles } from './session-restore.ts';
import type { Hand, PreparedRestore } from './session-restore.ts';
import type { SessionStorage } from './SessionStorage.ts';
import type { WorldPort } from './world/world-part.ts';
import { WorldCheckpoints } from './world/world-checkpoints.ts';
import { WorldProcesses } from './world/world-processes.ts';
import { WorldServers } from './world/world-servers.ts';
import { WorldWatches } from './world/world-watches.ts';

export interface WorldOptions {
  live: LiveSession;
  storage: SessionStorage;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Servers of tools that the settings name. */
  servers: readonly HubServer[];
  /** `off`: only those that are asked for are taken. */
  checkpoints: 'automatic' | 'off';
  version: string;
  nowMs(): number;
}

export { serversOf };

interface WorldEvents {
  /** Something to tell the person. */
  note: [string];
  /** Something of it failed; the rest goes on. */
  failed: [SessionError];
}

const OPEN_FILES_MAX = 50;
/** Notes that wait for a prompt; the newest count. */
const NOTES_MAX = 50;

export class SessionWorld extends EventEmitter<WorldEvents> {
  readonly #options: WorldOptions;
  readonly #tracker: FileTracker;
  readonly #processes: WorldProcesses;
  readonly #servers: WorldServers;
  readonly #watches: WorldWatches;
  readonly #checkpoints: WorldCheckpoints;
  /** For the model's next prompt. */
  #notes: string[];
  constructor(options: WorldOptions) {
    super();
    this.#options = options;
    const { live, storage, workingDirectory, environment, nowMs, version } = options;
    const { home, stateDir } = storage.layout;
    const session = { id: live.id, encrypted: live.isEncrypted };
    this.#tracker = trackFiles({ session, fold: live.fold }, workingDirectory, {
      home,
      door: storage.door,
      nowMs,
    });
    const port: WorldPort = {
      live,
      workingDirectory,
      nowMs,
      say: (text) => void this.emit('note', text),
      tell: (text) => {
        port.tellModel(text);
        port.say(text);
      },
      tellModel: (text) => {
        this.#notes = [...this.#notes, text].slice(-NOTES_MAX);
        live.captureSoon();
      },
      fail: (error) => void this.emit('failed', error),
    };
    // What an earlier run had to tell, and was left before anybody prompted the model.
    this.#notes = textsOf(live.fold.state['untold']);
    this.#processes = new WorldProcesses(port, home, storage.door);
    this.#watches = new WorldWatches(port);
    this.#checkpoints = new WorldCheckpoints(port, storage, options.checkpoints);
    const approvalsPath = join(stateDir, 'mcp-approvals.json');
    const settings = { environment, workingDirectory, clientVersion: version, approvalsPath };
    this.#servers = new WorldServers(port, options.servers, settings);
    live.captureAlso(() => this.#capture());
    live.on('recorded', (records) => {
      for (const record of records) {
        this.#watches.heed(record);
        this.#checkpoints.heed(record);
        if (record.type === 'tool-start') this.#tracker.touch(...toolPaths((record as { input: string }).input));
        if (record.type === 'tool-end') live.captureSoon();
      }
    });
  }

  /** All tools there are now, by name. Before a request wait until `ready`. */
  tools(): readonly Tool[] {
    const own = builtInTools({
      startBackground: (command, workingDirectory, environment) =>
        this.startProcess(command, workingDirectory, environment),
    });
    return [...own, ...this.#processes.tools(), ...this.#servers.tools()].toSorted((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
    );
  }

  /** Begins to reach the servers of tools, all at once; what they offer now and did not before is told. */
  connect(): void {
    this.#servers.connect();
  }

  /** Resolves when every server of tools has answered or was given up. */
  ready(): Promise<void> {
    return this.#servers.ready();
  }

  /** What happened since the last call, a paragraph each, for the model's next prompt. */
  takeNotes(): string[] {
    const notes = this.#untold();
    this.#notes = [];
    this.#watches.forgetNotes();
    if (notes.length > 0) this.#options.live.captureSoon();
    return notes;
  }

  startProcess(
    command: string,
    workingDirectory: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<BackgroundProcess> {
    return this.#processes.start(command, workingDirectory, environment);
  }

  hub(): Promise<McpHub> {
    return this.#servers.hub();
  }

  /** Answers what to say of it. Throws STORE_UNREADABLE where it cannot be watched. */
  watch(path: string): Promise<string> {
    return this.#watches.watch(path);
  }

  /** False where the path is not watched. */
  unwatch(path: string): Promise<boolean> {
    return this.#watches.unwatch(path);
  }

  watched(): string[] {
    return this.#watches.list();
  }

  /** Before a tool may change files: how they are now can be gone back to. Once for all the calls of an answer. */
  beforeChange(): Promise<void> {
    return this.#checkpoints.beforeChange();
  }

  /** How the parts of a restore plan that live in this process are carried out. */
  hands(): Partial<Record<RestoreKind, Hand>> {
    return {
      files: ({ reason }) => ({ status: 'done', detail: reason }),
      watchers: async ({ target }) => ({ status: 'done', detail: await this.#watches.arm(target) }),
      processes: (action) => this.#processes.restore(action),
      mcp: ({ target }) => this.#servers.restore(target),
    };
  }

  /** Changes of watched files that nobody saw: recorded, and told to the model, once. */
  async tellMissed({ files, fileChanges }: Pick<PreparedRestore, 'files' | 'fileChanges'>): Promise<void> {
    const missed = files?.watchedChanges(fileChanges) ?? [];
    if (missed.length === 0) return;
    const record = this.#watches.tellMissed(missed);
    await this.#options.live.append(record, ...(await this.#capture()));
  }

  /** Ends what lives in this process. Background processes go on. */
  async close(): Promise<void> {
    this.#processes.close();
    await Promise.all([this.#servers.close(), this.#watches.close(), this.#checkpoints.close()]);
  }

  async #capture(): Promise<NewRecord[]> {
    const { fold } = this.#options.live;
    const records = this.#watches.takeUnseen();
    const patch: Partial<State> = {};
    const servers = this.#servers.snapshot();
    if (servers) patch.mcpConnections = servers;
    const untold = this.#untold();
    if (untold.length > 0 || fold.state['untold'] !== undefined) patch['untold'] = untold;
    const isTouched = fold.counts.toolCalls > 0 || fold.files.value !== undefined || this.#watches.isWatching;
    if (isTouched) {
      const files = await this.#tracker.capture();
      patch.openFiles = Object.keys(files.fingerprints ?? {}).slice(-OPEN_FILES_MAX);
      if (!isSameLook(files, fold.files.value)) records.push({ type: 'files', files });
    }
    const changed = Object.entries(patch).filter(([key, value]) => !isSame(value, fold.state[key]));
    if (changed.length > 0) records.unshift({ type: 'state', patch: Object.fromEntries(changed) });
    return records;
  }

  #untold(): string[] {
    return [...this.#notes, ...this.#watches.notes()];
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The time of the look alone is no change. */
function isSameLook(a: object, b: object | undefined): boolean {
  return isSame({ ...a, lastScanTime: null }, { ...b, lastScanTime: null });
}

/** State comes from logs that others wrote. */
function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
