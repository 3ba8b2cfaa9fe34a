// The MCP servers of a session that is worked in. One that does not come is said once, and keeps nothing else waiting
// longer than its time.

import { SessionError } from '../../../core/errors.ts';
import type { Tool } from '../../../core/tool.ts';
import { serversOf } from '../../../workspace/mcp/connection-info.ts';
import type { HubServer, McpConnectionInfo } from '../../../workspace/mcp/connection-info.ts';
import type { HubSettings, McpHub } from '../../../workspace/mcp/hub.ts';
import type { Outcome } from '../session-restore.ts';
import { inBackground } from './world-part.ts';
import type { WorldPort } from './world-part.ts';

export class WorldServers {
  readonly #port: WorldPort;
  readonly #configured: readonly HubServer[];
  readonly #settings: HubSettings;
  #hub: McpHub | null = null;
  /** Settles when every server is reached or given up. */
  #connecting: Promise<unknown> = Promise.resolve();
  /** Servers of which a restore plan says how it went. */
  readonly #planned = new Set<string>();

  /** `configured` are those of the settings. */
  constructor(port: WorldPort, configured: readonly HubServer[], settings: HubSettings) {
    this.#port = port;
    this.#configured = configured;
    this.#settings = settings;
  }

  /** Begins to reach them all at once: those of the settings, and those that were added to the session. */
  connect(): void {
    const before = this.#port.live.fold.state.mcpConnections;
    const servers = serversOf(before, this.#configured);
    if (servers.length === 0) return;
    this.#connecting = this.hub().then(async (hub) => {
      await hub.connectAll(servers);
      for (const line of hub.differences(before)) this.#port.tell(line);
      for (const info of hub.snapshot()) if (info.status === 'failed') this.#sayFailed(info);
      this.#port.live.captureSoon();
    });
    inBackground(this.#port, () => this.#connecting);
  }

  /** Before a request: its list of tools must not depend on who was faster. */
  async ready(): Promise<void> {
    await this.#connecting;
  }

  tools(): Tool[] {
    return this.#hub?.tools() ?? [];
  }

  /** For the session's record; null where none was ever asked for. */
  snapshot(): McpConnectionInfo[] | null {
    return this.#hub?.snapshot() ?? null;
  }

  async restore(name: string): Promise<Outcome> {
    this.#planned.add(name);
    await this.#connecting;
    const info = this.#hub?.snapshot().find((one) => one.name === name);
    if (!info) return { status: 'skipped', detail: 'the settings no longer name it' };
    if (info.status === 'disconnected') return { status: 'skipped', detail: 'it was turned off in this session' };
    if (info.status !== 'connected') return { status: 'failed', detail: info.reason ?? info.status };
    const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
    return { status: 'done', detail: `${count(info.tools.length, 'tool')}, ${count(info.resourceCount, 'resource')}` };
  }

  async hub(): Promise<McpHub> {
    if (this.#hub) return this.#hub;
    const { McpHub } = await import('../../../workspace/mcp/hub.ts');
    this.#hub ??= new McpHub(this.#settings);
    return this.#hub;
  }

  async close(): Promise<void> {
    await this.#connecting;
    await this.#hub?.close();
  }

  #sayFailed({ name, reason }: McpConnectionInfo): void {
    if (this.#planned.has(name)) return;
    this.#port.fail(new SessionError('MCP_FAILED', `MCP server ${name}: ${reason ?? 'failed'}`, { op: 'connect' }));
  }
}
