// All MCP servers of a session: started side by side, each on its own when it fails, and ended together.

import { EventEmitter } from 'node:events';
import { SessionError } from '../../core/errors.ts';
import type { Tool } from '../../core/tool.ts';
import { McpConnection } from './connection.ts';
import type { ConnectionSettings } from './connection.ts';
import { connectionInfo, offerDifferences, offerOf } from './connection-info.ts';
import type { HubServer, McpConnectionInfo } from './connection-info.ts';
import { literalSecrets } from './literal-secrets.ts';
import { toolsOf } from './server-tools.ts';

const DEFAULTS = {
  connectTimeoutMs: 10_000,
  callTimeoutMs: 5 * 60_000,
  retryDelaysMs: [500, 2_000, 8_000],
} as const;

/** `environment` is what references are looked up in; it is handed to no server but for a few harmless variables. */
export type HubSettings = Pick<ConnectionSettings, 'environment' | 'workingDirectory' | 'clientVersion'> &
  Partial<Pick<ConnectionSettings, 'connectTimeoutMs' | 'callTimeoutMs' | 'retryDelaysMs'>>;

export interface McpResource {
  server: string;
  uri: string;
  name: string;
  mediaType?: string;
}

/** Emits `changed` when a state, a list of tools or a list of resources has changed. The owner must `close` it. */
export class McpHub extends EventEmitter<{ changed: [] }> {
  readonly #settings: ConnectionSettings;
  readonly #connections = new Map<string, { server: HubServer; connection: McpConnection }>();

  constructor(settings: HubSettings) {
    super();
    this.#settings = { ...DEFAULTS, ...settings };
  }

  /**
   * Resolves when every server is connected or has failed: after `timeoutMs` (10 s) at the latest. Never rejects. A
   * server that the user turned off is taken in and left off.
   */
  async connectAll(
    servers: readonly HubServer[],
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<void> {
    const added = servers.filter(({ name }) => !this.#connections.has(name)).map((server) => this.#take(server));
    await Promise.all(
      added.map(({ server, connection }) =>
        server.status === 'disconnected' ? connection.close() : connection.connect(options),
      ),
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

  /** Tries a server again that has failed or was turned off. Throws USAGE for a name that is not there. */
  async reconnect(name: string): Promise<McpConnectionInfo> {
    await this.#named(name).connection.connect();
    return this.#info(name);
  }

  /** Every tool of the servers that were reached in this run and are not turned off, by name. */
  tools(): Tool[] {
    const all = [...this.#connections.values()].map(({ connection }) => connection);
    return toolsOf(all.filter(({ status }) => status !== 'disconnected'));
  }

  resources(): McpResource[] {
    return [...this.#connections.values()].flatMap(({ server, connection }) =>
      (connection.status === 'connected' ? (connection.resources ?? []) : []).map(({ uri, name, mimeType }) => ({
        server: server.name,
        uri,
        name,
        ...(mimeType !== undefined && { mediaType: mimeType }),
      })),
    );
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
    const offer = tools ? offerOf(tools, resources ?? []) : (server.known ?? offerOf([], []));
    return connectionInfo(server, status, reason, offer);
  }
}

function refusal(message: string, hint: string): SessionError {
  return new SessionError('USAGE', message, { op: 'mcp', hint });
}
