// What a session's record keeps of its servers, and what is read out of it again: how to reach them without any secret,
// and what they offered, so that a resumed session can say what is new and what is gone.

import type { McpServer, McpTransport } from '../../core/record.ts';
import type { McpStatus } from './connection.ts';
import { withoutLiteralSecrets } from './literal-secrets.ts';

/** An entry of `state.mcpConnections`. */
export interface McpConnectionInfo {
  name: string;
  transport: McpTransport['type'];
  /** Command line or address, secrets as references. */
  target: string;
  /** `disconnected`: the user turned it off, and it stays off when the session is resumed. */
  status: McpStatus;
  reason?: string;
  /** The config file it is from; absent for a server that was added to the session. */
  source?: string;
  /** How it is reached; secrets stand as references, and those written out in a config file are left out. */
  config: McpTransport;
  /** Names of its tools when last connected, in order. */
  tools: string[];
  /** Addresses of its resources when last connected, in order; the first 1,000 of `resourceCount`. */
  resources: string[];
  resourceCount: number;
}

/** A server as the hub takes it. */
export interface HubServer extends McpServer {
  /** The config file it is from. */
  source?: string;
  /** `user`: the user's own file names it. All others came with a project or a session, and start when agreed to. */
  trust?: 'user' | 'project';
  /** What the session knew of it before. */
  known?: Offer;
  /** The session has it, and the user turned it off. */
  status?: 'disconnected';
}

export type Offer = Pick<McpConnectionInfo, 'tools' | 'resources' | 'resourceCount'>;

/** Some servers list every row of a table: a record must stay small. */
const RESOURCES_MAX = 1000;

/** Null: not listed in this run, so that what was known before still stands. */
export function offerOf(
  tools: readonly { name: string }[] | null,
  resources: readonly { uri: string }[] | null,
  known: Offer = { tools: [], resources: [], resourceCount: 0 },
): Offer {
  const uris = resources?.map(({ uri }) => uri).toSorted();
  return {
    tools: tools?.map(({ name }) => name).toSorted() ?? known.tools,
    resources: uris?.slice(0, RESOURCES_MAX) ?? known.resources,
    resourceCount: uris?.length ?? known.resourceCount,
  };
}

export function connectionInfo(
  { name, transport, source }: HubServer,
  status: McpStatus,
  reason: string | null,
  offer: Offer,
): McpConnectionInfo {
  const config = withoutLiteralSecrets(transport);
  return {
    name,
    transport: config.type,
    target: config.type === 'http' ? config.url : [config.command, ...config.args].join(' '),
    status,
    ...(reason !== null && { reason }),
    ...(source !== undefined && { source }),
    config,
    ...offer,
  };
}

/**
 * The servers of a session: those of the config files, and those the session itself has. A config file's word on how
 * to reach a server goes before the record's: it is newer, and it may hold what the record left out. A server that the
 * record has from a config file which no longer names it is not started: whoever took it out meant it.
 */
export function serversOf(saved: readonly unknown[], configured: readonly HubServer[]): HubServer[] {
  const infos = new Map(saved.filter(isInfo).map((info) => [info.name, info]));
  const servers = new Map<string, HubServer>();
  for (const server of configured) {
    if (!servers.has(server.name)) servers.set(server.name, { ...server, ...memory(infos.get(server.name)) });
  }
  for (const info of infos.values()) {
    if (servers.has(info.name) || info.source !== undefined) continue;
    servers.set(info.name, { name: info.name, transport: info.config, ...memory(info) });
  }
  return [...servers.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function memory(info: McpConnectionInfo | undefined): Pick<HubServer, 'known' | 'status'> {
  if (!info) return {};
  const { tools, resources, resourceCount, status } = info;
  return { known: { tools, resources, resourceCount }, ...(status === 'disconnected' && { status }) };
}

/** What was added or is gone since, a sentence each; only of servers that are connected now, the others say why not. */
export function offerDifferences(saved: readonly unknown[], now: readonly McpConnectionInfo[]): string[] {
  const sentences: string[] = [];
  const before = new Map(saved.filter(isInfo).map((info) => [info.name, info]));
  for (const info of now) {
    const old = before.get(info.name);
    // Nothing is known of a server that never answered: then all of it would be new.
    if (!old || info.status !== 'connected' || (old.tools.length === 0 && old.resourceCount === 0)) continue;
    sentences.push(...changesOf(info.name, 'tool', old.tools, info.tools));
    const isWhole = [old, info].every(({ resources, resourceCount }) => resources.length === resourceCount);
    if (isWhole) sentences.push(...changesOf(info.name, 'resource', old.resources, info.resources));
    else if (old.resourceCount !== info.resourceCount) {
      sentences.push(`resources of ${info.name}: ${info.resourceCount}, before ${old.resourceCount}`);
    }
  }
  return sentences;
}

function changesOf(server: string, kind: string, old: readonly string[], now: readonly string[]): string[] {
  const added = now.filter((name) => !old.includes(name));
  const gone = old.filter((name) => !now.includes(name));
  const list = (names: readonly string[]): string => `${kind}${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
  return [
    ...(added.length > 0 ? [`${server} has new ${list(added)}`] : []),
    ...(gone.length > 0 ? [`${server} no longer has ${list(gone)}`] : []),
  ];
}

/** Records of other agents and of damaged sessions hold other shapes; those are nobody's servers. */
function isInfo(value: unknown): value is McpConnectionInfo {
  if (typeof value !== 'object' || value === null) return false;
  const { name, config, tools, resources, resourceCount } = value as Partial<McpConnectionInfo>;
  const isList = (list: unknown): boolean => Array.isArray(list) && list.every((item) => typeof item === 'string');
  return (
    typeof name === 'string' &&
    isTransport(config) &&
    isList(tools) &&
    isList(resources) &&
    Number.isInteger(resourceCount)
  );
}

function isTransport(value: unknown): value is McpTransport {
  if (typeof value !== 'object' || value === null) return false;
  const { type, url, command, args } = value as Record<string, unknown>;
  return type === 'http'
    ? typeof url === 'string'
    : type === 'stdio' && typeof command === 'string' && Array.isArray(args);
}
