// All MCP servers of a session: started side by side, each on its own when it fails, and ended together.

import { EventEmitter } from 'node:events';
import { SessionError } from '../../core/errors.ts';
import type { Tool } from '../../core/tool.ts';
import { approveServers, unapprovedServers } from './approvals.ts';
import { McpConnection } from './connection.ts';
import type { ConnectionSettings } from './connection.ts';
import { connectionInfo, offerDifferences, offerOf } from './connection-info.ts';
import type { HubServer, McpConnectionInfo } from './connection-info.ts';
import { literalSecrets } from './literal-secrets.ts';
import { resourceTools } from './resource-tool.ts';
import { toolsOf } from './server-tools.ts';

const DEFAULTS = {
  connectTimeoutMs: 10_000,
  callTimeoutMs: 5 * 60_000,
  retryDelaysMs: [500, 2_000, 8_000],
} as const;

type Tunable = 'connectTimeoutMs' | 'callTimeoutMs' | 'retryDelaysMs';

/** `environment` is what references are looked up in; it is handed to no server but for a few harmless variables. */
export interface HubSettings extends Omit<ConnectionSettings, Tunable>, Partial<Pick<ConnectionSettings, Tunable>> {
  /** File in ROO_HOME that keeps which servers of projects and sessions the user has agreed to. */
  approvalsPath: string;
}

/** Emits `changed` when a state, a list of tools or a list of resources has changed. The owner must `close` it. */
export class McpHub extends EventEmitter<{ changed: [] }> {
  readonly #settings: ConnectionSettings & HubSettings;
  readonly #connections = new Map<string, { server: HubServer; connection: McpConnection }>();

  constructor(settings: HubSettings) {
    super();
    this.#settings = { ...DEFAULTS, ...settings };
  }

  /**
   * Resolves when every server is connected or has failed: after `timeoutMs` (10 s) at the latest. Never rejects. A
   * server that the user turned off is taken in and left off; one he has not agreed to has failed, and says so.
   */
  async connectAll(
    servers: readonly HubServer[],
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<void> {
    const added = servers.filter(({ name }) => !this.#connections.has(name)).map((server) => this.#take(server));
    const refusals = this.#refusals(servers);
    await Promise.all(
      added.map(async ({ server, connection }) => {
        const refused = refusals.get(server);
        if (server.status === 'disconnected') await connection.close();
        else if (refused !== undefined) connection.refuse(refused);
        else await connection.connect(options);
      }),
    );
  }

  /** Throws USAGE for a secret that is written out or a name that is taken; that it cannot be reached is its status. */
  async add(server: HubServer): Promise<McpConnectionInfo> {
    const { name, transport } = server;
    const secrets = literalSecrets(transport);
    if (secrets.length > 0) {
      throw refusal(
        `${secrets.join(' and ')} of ${name} looks like a secret`,
        'put it into an environment variable and write ${env:NAME} in its place',
      );
    }
    const before = this.#connections.get(name);
    if (before && before.connection.status !== 'disconnected') {
      throw refusal(`there is an MCP server named ${name} already`, `/mcp remove ${name} takes it out`);
    }
    approveServers(this.#settings.approvalsPath, [server]);
    const { connection } = this.#take(server);
    await connection.connect();
    return this.#info(name);
  }

  /** Ends it. One of a config file stays in the list, turned off. Throws USAGE for a name that is not there. */
  async remove(name: string): Promise<void> {
    const { server, connection } = this.#named(name);
    if (server.source === undefined) this.#connections.delete(name);
    await connection.close();
    this.emit('changed');
  }

  /**
   * Tries a server again that has failed or was turned off. Asking for it is agreeing to it. Throws USAGE for a name
   * that is not there.
   */
  async reconnect(name: string): Promise<McpConnectionInfo> {
    const { server, connection } = this.#named(name);
    if (server.trust !== 'user') approveServers(this.#settings.approvalsPath, [server]);
    await connection.connect();
    return this.#info(name);
  }

  /** Every tool of the servers that were reached in this run and are not turned off, and the one that reads resources. */
  tools(): Tool[] {
    const all = [...this.#connections.values()].map(({ connection }) => connection);
    const inUse = all.filter(({ status }) => status !== 'disconnected');
    return [...toolsOf(inUse), ...resourceTools(inUse)];
  }

  /** What the session's record keeps, by name. Holds no secret. */
  snapshot(): McpConnectionInfo[] {
    return [...this.#connections.keys()].toSorted().map((name) => this.#info(name));
  }

  /** Tools and resources that were added or are gone since, a sentence each. `saved` is a session's `mcpConnections`. */
  differences(saved: readonly unknown[]): string[] {
    return offerDifferences(saved, this.snapshot());
  }

  /** Ends every server and all it started. The hub is empty then. */
  async close(): Promise<void> {
    const all = [...this.#connections.values()];
    this.#connections.clear();
    this.removeAllListeners();
    await Promise.all(all.map(({ connection }) => connection.close()));
  }

  /** Why servers may not start yet. Where nobody can tell what was agreed to, nothing was. */
  #refusals(servers: readonly HubServer[]): Map<HubServer, string> {
    const { approvalsPath } = this.#settings;
    const ask = ({ source, name }: HubServer): string =>
      `it is ${source === undefined ? 'from the session' : `from ${source}`} and needs your agreement: /mcp reconnect ${name} starts it`;
    try {
      return new Map(unapprovedServers(approvalsPath, servers).map((server) => [server, ask(server)]));
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return new Map(servers.filter(({ trust }) => trust !== 'user').map((server) => [server, error.message]));
    }
  }

  #take(server: HubServer): { server: HubServer; connection: McpConnection } {
    const entry = { server, connection: new McpConnection(server, this.#settings) };
    entry.connection.on('changed', () => this.emit('changed'));
    this.#connections.set(server.name, entry);
    return entry;
  }

  #named(name: string): { server: HubServer; connection: McpConnection } {
    const entry = this.#connections.get(name);
    if (!entry) throw refusal(`there is no MCP server named ${name}`, '/mcp list shows them');
    return entry;
  }

  #info(name: string): McpConnectionInfo {
    const { server, connection } = this.#named(name);
    const { tools, resources, status, reason } = connection;
    const offer = offerOf(tools, resources, server.known);
    return connectionInfo(server, status, reason, offer);
  }
}

function refusal(message: string, hint: string): SessionError {
  return new SessionError('USAGE', message, { op: 'mcp', hint });
}
