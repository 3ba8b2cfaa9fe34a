// The world around a session that is worked in: background processes, MCP servers, watched paths, files and checkpoints.
// It gives the tools, tells what happens beside the conversation, and says what the log is to keep of it all.

import { EventEmitter } from 'node:events';
import { join, relative, resolve } from 'node:path';
import { SessionError, systemError } from '../../core/errors.ts';
import type { BackgroundProcess, McpServer, NewRecord, State } from '../../core/record.ts';
import type { ProcessObserved } from '../../core/restore-plan.ts';
import type { Tool } from '../../core/tool.ts';
import { toolPaths } from '../../core/tool-paths.ts';
import type { FileTracker } from '../../workspace/files/file-tracker.ts';
import type { McpHub } from '../../workspace/mcp/hub.ts';
import { serversOf } from '../../workspace/mcp/connection-info.ts';
import type { HubServer } from '../../workspace/mcp/connection-info.ts';
import { processTools } from '../../workspace/processes/process-tools.ts';
import type { ProcessKeeper } from '../../workspace/processes/process-keeper.ts';
import { builtInTools } from '../../workspace/tools/built-in-tools.ts';
import type { Watchers } from '../../workspace/watchers/watchers.ts';
import type { LiveSession } from './LiveSession.ts';
import type { SessionStorage } from './SessionStorage.ts';
import type { Hand, Outcome } from './session-restore.ts';
import type { PreparedRestore } from './session-restore.ts';
import { trackFiles } from './session-restore.ts';

export interface WorldOptions {
  live: LiveSession;
  storage: SessionStorage;
  workingDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Servers of tools that the settings name. */
  servers: readonly HubServer[];
  version: string;
  nowMs(): number;
}

export { serversOf };

interface WorldEvents {
  /** Something to tell the person, and with the next prompt the model. */
  note: [string];
  /** Something of it failed; the rest goes on. */
  failed: [SessionError];
}

export class SessionWorld extends EventEmitter<WorldEvents> {
  readonly #options: WorldOptions;
  readonly #tracker: FileTracker;
  #keeper: ProcessKeeper | null = null;
  #hub: McpHub | null = null;
  #watchers: Watchers | null = null;
  /** Settles when every server of tools is reached or given up. */
  #connecting: Promise<unknown> = Promise.resolve();
  #notes: string[] = [];
  /** When tools of ours last named a file. */
  readonly #written = new Map<string, number>();
  /** That checkpoints cannot be taken was told. */
  #saysNoCheckpoints = false;

  constructor(options: WorldOptions) {
    super();
    this.#options = options;
    const { live, storage, workingDirectory, nowMs } = options;
    const session = { id: live.id, encrypted: false };
    this.#tracker = trackFiles({ session, fold: live.fold }, workingDirectory, { home: storage.layout.home, nowMs });
    live.captureAlso(() => this.#capture());
    live.on('recorded', (records) => {
      for (const record of records) {
        if (record.type !== 'tool-start') continue;
        const paths = toolPaths((record as { input: string }).input);
        this.#tracker.touch(...paths);
        for (const path of paths) this.#written.set(resolve(workingDirectory, path), nowMs());
      }
    });
  }

  /** All tools there are now, once the servers have answered or were given up. */
  tools(): readonly Tool[] {
    const own = builtInTools({
      startBackground: async (command, workingDirectory, environment) => {
        const { id, pid } = await this.startProcess(command, workingDirectory, environment);
        return { id, pid };
      },
    });
    const ofProcesses = processTools(() => this.processes());
    return [...own, ...ofProcesses, ...(this.#hub?.tools() ?? [])].toSorted((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
    );
  }

  /** Servers of tools: those of the settings, and those that were added to the session. */
  servers(): McpServer[] {
    return serversOf(this.#options.live.fold.state.mcpConnections, this.#options.servers);
  }

  /** Begins to reach the servers of tools, all at once; what they offer now and did not before is told. */
  connect(): void {
    const servers = this.servers();
    if (servers.length === 0) return;
    const before = this.#options.live.fold.state.mcpConnections;
    this.#connecting = this.hub().then(async (hub) => {
      await hub.connectAll(servers);
      for (const line of hub.differences(before)) this.#tell(line);
    });
  }

  /** Before a request: its list of tools must not depend on who was faster. */
  async ready(): Promise<void> {
    await this.#connecting;
  }

  /** What happened since the last call, a paragraph each, for the model's next prompt. */
  takeNotes(): string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  // Background processes -------------------------------------------------------------------------------------------

  async startProcess(
    command: string,
    workingDirectory: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<BackgroundProcess> {
    const { live } = this.#options;
    const keeper = await this.processes();
    const taken = live.fold.state.activeProcesses.map(({ id }) => id);
    const started = await keeper.start({ command, workingDirectory, environment }, taken);
    await live.append({ type: 'process', process: started });
    return started;
  }

  async processes(): Promise<ProcessKeeper> {
    if (this.#keeper) return this.#keeper;
    const { ProcessKeeper } = await import('../../workspace/processes/process-keeper.ts');
    const { live, storage, nowMs } = this.#options;
    this.#keeper ??= new ProcessKeeper({ home: storage.layout.home, sessionId: live.id, nowMs })
      .on('ended', (ended) => {
        this.#inBackground(async () => {
          await live.append({ type: 'process', process: ended });
          const how = ended.exitCode === null ? ended.status : `exit code ${ended.exitCode}`;
          this.#tell(`Background process ${ended.id} (${ended.command}) ended: ${how}.`);
        });
      })
      .on('error', (error) => this.emit('failed', systemError(error, 'watch the background processes of', live.id)));
    return this.#keeper;
  }

  /** What has become of the processes that the log knows. */
  async observedProcesses(): Promise<ProcessObserved[]> {
    const saved = this.#options.live.fold.state.activeProcesses;
    if (saved.length === 0) return [];
    const keeper = await this.processes();
    return saved.map((process) => {
      const { status, exitCode, reason } = keeper.observe(process);
      return { process, observed: { status, exitCode, reason: reason ?? status } };
    });
  }

  // Servers of tools -----------------------------------------------------------------------------------------------

  async hub(): Promise<McpHub> {
    if (this.#hub) return this.#hub;
    const { McpHub } = await import('../../workspace/mcp/hub.ts');
    const { storage, workingDirectory, environment, version } = this.#options;
    this.#hub ??= new McpHub({
      environment,
      workingDirectory,
      clientVersion: version,
      approvalsPath: join(storage.layout.stateDir, 'mcp-approvals.json'),
    });
    return this.#hub;
  }

  // Watched paths --------------------------------------------------------------------------------------------------

  async watch(path: string): Promise<string> {
    try {
      return await this.#arm(path);
    } finally {
      await this.#recordWatched();
    }
  }

  async #arm(path: string): Promise<string> {
    const { state, reason, path: absolute } = await (await this.#watching()).add(path);
    if (state === 'failed')
      throw new SessionError('STORE_UNREADABLE', `cannot watch ${path}: ${reason}`, { op: 'watch', path: absolute });
    return state === 'waiting' ? `${path} is not there; it is watched when it comes` : `watching ${path}`;
  }

  /** False where the path is not watched. */
  async unwatch(path: string): Promise<boolean> {
    const removed = await (await this.#watching()).remove(path);
    await this.#recordWatched();
    return removed;
  }

  watched(): string[] {
    return this.#watchers?.list().map(({ path }) => this.#shown(path)) ?? [];
  }

  async #watching(): Promise<Watchers> {
    if (this.#watchers) return this.#watchers;
    const { Watchers } = await import('../../workspace/watchers/watchers.ts');
    const { describeChanges } = await import('../../workspace/watchers/describe-changes.ts');
    const { workingDirectory, live } = this.#options;
    this.#watchers ??= new Watchers({ workingDirectory })
      .on('changes', ({ changes: all }) => {
        const changes = all.filter(({ path }) => !this.#isOwnChange(path));
        if (changes.length === 0) return;
        this.#inBackground(async () => {
          await live.append({ type: 'watch', changes });
          this.#tell(describeChanges(changes));
        });
      })
      .on('state', ({ path, state, reason }) => this.emit('note', `${this.#shown(path)}: ${reason ?? state}`));
    return this.#watchers;
  }

  /** What a tool of ours wrote is no news to whoever called it. */
  #isOwnChange(path: string): boolean {
    const { workingDirectory, nowMs } = this.#options;
    const writtenAtMs = this.#written.get(resolve(workingDirectory, path));
    return writtenAtMs !== undefined && nowMs() - writtenAtMs < OWN_CHANGE_MS;
  }

  async #recordWatched(): Promise<void> {
    await this.#options.live.append({ type: 'state', patch: { watchedFiles: this.watched() } });
  }

  // Checkpoints ----------------------------------------------------------------------------------------------------

  /** Before a tool may change files: how they are now can be gone back to. */
  async beforeChange(): Promise<void> {
    const { live, storage } = this.#options;
    if (!storage.exists(live.id)) return;
    const { SessionCheckpoints } = await import('./session-checkpoints.ts');
    try {
      await new SessionCheckpoints(storage).take(
        live.id,
        'before a tool changed files',
        'automatic',
        async (records) => {
          await live.append(...records);
          return { via: 'log', durable: true };
        },
      );
    } catch (error) {
      // Work goes on without one, and the person is told once.
      if (!(error instanceof SessionError)) throw error;
      if (!this.#saysNoCheckpoints) this.emit('failed', error);
      this.#saysNoCheckpoints = true;
    }
  }

  // Coming back ----------------------------------------------------------------------------------------------------

  /** How the parts of a restore plan that live in this process are carried out. */
  hands(): Partial<Record<'files' | 'watchers' | 'processes' | 'mcp', Hand>> {
    return {
      watchers: async ({ target }): Promise<Outcome> => ({ status: 'done', detail: await this.#arm(target) }),
      processes: (action) => this.#restoreProcess(action.target, action.reason),
      mcp: (action) => this.#restoreServer(action.target),
    };
  }

  /** Changes of watched files that nobody saw: recorded, and told to the person and the model, once. */
  async tellMissed({ files, fileChanges }: Pick<PreparedRestore, 'files' | 'fileChanges'>): Promise<void> {
    const missed = files?.watchedChanges(fileChanges) ?? [];
    if (missed.length === 0) return;
    const [{ describeChanges }, { summarised }] = await Promise.all([
      import('../../workspace/watchers/describe-changes.ts'),
      import('../../workspace/watchers/change-collector.ts'),
    ]);
    const changes = summarised(missed);
    this.#tell(describeChanges(changes, 'missed'));
    await this.#options.live.append({ type: 'watch', changes, missed: true }, ...(await this.#capture()));
  }

  async #restoreProcess(id: string, reason: string): Promise<Outcome> {
    const { live } = this.#options;
    const saved = live.fold.state.activeProcesses.find((one) => one.id === id);
    if (!saved) return { status: 'skipped', detail: reason };
    const keeper = await this.processes();
    const { reason: _reason, ...seen } = keeper.observe(saved);
    if (seen.status === 'running') keeper.watch([saved]);
    else if (saved.status === 'running') await live.append({ type: 'process', process: { ...saved, ...seen } });
    return { status: seen.status === 'lost' ? 'skipped' : 'done', detail: reason };
  }

  async #restoreServer(name: string): Promise<Outcome> {
    await this.#connecting;
    const info = this.#hub?.snapshot().find((one) => one.name === name);
    if (!info) return { status: 'skipped', detail: 'the settings no longer name it' };
    if (info.status === 'disconnected') return { status: 'skipped', detail: 'it was turned off in this session' };
    if (info.status !== 'connected') return { status: 'failed', detail: info.reason ?? info.status };
    return { status: 'done', detail: `${info.tools.length} tools, ${info.resourceCount} resources` };
  }

  /** Ends what lives in this process. Background processes go on. */
  async close(): Promise<void> {
    this.#keeper?.close();
    await this.#connecting;
    await Promise.all([this.#hub?.close(), this.#watchers?.close()]);
  }

  async #capture(): Promise<NewRecord[]> {
    const { live } = this.#options;
    const { fold } = live;
    const patch: Partial<State> = {};
    if (this.#hub) patch.mcpConnections = this.#hub.snapshot();
    const records: NewRecord[] = [];
    // What was seen and not told yet: a session that is left takes it along.
    const unseen = this.#watchers?.take().changes ?? [];
    if (unseen.length > 0) records.push({ type: 'watch', changes: unseen });
    const isTouched = fold.counts.toolCalls > 0 || fold.files.value !== undefined || this.#watchers !== null;
    if (isTouched) {
      const files = await this.#tracker.capture();
      patch.openFiles = Object.keys(files.fingerprints ?? {}).slice(-OPEN_FILES_MAX);
      if (!isSameLook(files, fold.files.value)) records.push({ type: 'files', files });
    }
    const changed = Object.entries(patch).filter(([key, value]) => !isSame(value, fold.state[key]));
    if (changed.length > 0) records.unshift({ type: 'state', patch: Object.fromEntries(changed) });
    return records;
  }

  #tell(text: string): void {
    this.#notes.push(text);
    this.emit('note', text);
  }

  #shown(path: string): string {
    const { workingDirectory } = this.#options;
    const inside = relative(workingDirectory, resolve(workingDirectory, path));
    return inside === '' ? '.' : inside.startsWith('..') ? path : inside;
  }

  /** Nobody waits for it; what fails is told. */
  #inBackground(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
      this.emit('failed', error);
    });
  }
}

const OPEN_FILES_MAX = 50;
/** For so long after a tool named a file, its changes are the tool's. */
const OWN_CHANGE_MS = 3000;

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The time of the look alone is no change. */
function isSameLook(a: object, b: object | undefined): boolean {
  return isSame({ ...a, lastScanTime: null }, { ...b, lastScanTime: null });
}
