// The MCP servers that config files name: `mcpServers` in the user's and the project's config.json, and the project's
// `.mcp.json`, which other agents read too. Format: {"mcpServers": {NAME: {command, args, env, cwd} or {type, url,
// headers}}}, as in https://modelcontextprotocol.io and the documentation of the agents that share the file.

import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { SessionError } from '../../core/errors.ts';
import type { McpServer, McpTransport } from '../../core/record.ts';
import { readConfigFile } from './config-file.ts';
import type { Config } from './config.ts';

export interface ConfiguredMcpServer extends McpServer {
  /** The file that names it. */
  source: string;
  /** A project's file came with the project: its programs must not start before the user has agreed. */
  trust: 'user' | 'project';
}

export interface McpConfig {
  /** By name. Of two with one name the project's counts, and `.mcp.json` before its config.json. */
  servers: ConfiguredMcpServer[];
  /** Files and entries that could not be used; the others are. */
  problems: SessionError[];
}

const texts = v.record(v.string(), v.string('must be text'));
const ENTRY = v.union([
  v.object({
    type: v.optional(v.literal('stdio')),
    command: v.pipe(v.string(), v.nonEmpty()),
    args: v.optional(v.array(v.string()), []),
    env: v.optional(texts),
    cwd: v.optional(v.string()),
    disabled: v.optional(v.boolean()),
  }),
  v.object({
    type: v.optional(v.picklist(['http', 'streamable-http', 'streamableHttp'])),
    url: v.pipe(v.string(), v.nonEmpty()),
    headers: v.optional(texts),
    disabled: v.optional(v.boolean()),
  }),
]);
type Entry = v.InferOutput<typeof ENTRY>;

/** Never throws for what stands in the files: a broken one is a problem, and the others count. */
export function readMcpConfig({ userPath, projectPath }: Pick<Config, 'userPath' | 'projectPath'>): McpConfig {
  const sharedPath = join(dirname(dirname(projectPath)), '.mcp.json');
  const places: [string, 'user' | 'project'][] = [[userPath, 'user']];
  if (projectPath !== userPath) places.push([projectPath, 'project']);
  places.push([sharedPath, 'project']);
  const servers = new Map<string, ConfiguredMcpServer>();
  const problems: SessionError[] = [];
  for (const [path, trust] of places) {
    for (const [name, entry] of entriesOf(path, problems)) {
      const parsed = v.safeParse(ENTRY, entry);
      if (!parsed.success) {
        problems.push(invalid(path, `the MCP server ${JSON.stringify(name)} ${mistakeOf(entry)}`));
      } else if (parsed.output.disabled !== true) {
        servers.set(name, { name, transport: transportOf(parsed.output, dirname(sharedPath)), source: path, trust });
      } else servers.delete(name);
    }
  }
  return { servers: [...servers.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

function entriesOf(path: string, problems: SessionError[]): [string, unknown][] {
  try {
    const value = readConfigFile(path)?.values.get('mcpServers') ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
    problems.push(invalid(path, '"mcpServers" is not an object'));
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    problems.push(error);
  }
  return [];
}

function transportOf(entry: Entry, folder: string): McpTransport {
  const all = (values: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, reference(value)]));
  if ('url' in entry) {
    return { type: 'http', url: reference(entry.url), ...(entry.headers && { headers: all(entry.headers) }) };
  }
  const { command, args, env, cwd } = entry;
  return {
    type: 'stdio',
    command: reference(command),
    args: args.map(reference),
    ...(env && { environment: all(env) }),
    ...(cwd !== undefined && { workingDirectory: resolve(folder, cwd) }),
  };
}

/** Some agents write `${NAME}` and `${NAME:-default}` where others, and records of ours, have `${env:NAME}`. */
function reference(text: string): string {
  return text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}/g, '${env:$1$2}');
}

function mistakeOf(entry: unknown): string {
  const type = (entry as { type?: unknown } | null)?.type;
  return type === 'sse'
    ? 'is of type "sse", which is not supported: most of these servers speak "http" too'
    : 'has neither a command with args and env, nor a url with headers';
}

function invalid(path: string, message: string): SessionError {
  return new SessionError('CONFIG_INVALID', `${message} (${path})`, {
    op: 'read config',
    path,
    hint: 'correct the file: the other servers are used',
  });
}
