// `/mcp add|remove|list|reconnect`: the servers of this session. What they change is a record, so that a resumed session
// has the same servers.

import type { McpServer, McpTransport, NewRecord } from '../../../core/record.ts';
import { safeLine } from '../../../core/safe-text.ts';
import { usage } from '../../args/parse-args.ts';
import { didYouMeanText } from '../../did-you-mean.ts';

/** What this needs of the hub of the session's servers. */
export interface McpServers {
  add(server: McpServer): Promise<McpServerView>;
  remove(name: string): Promise<void>;
  reconnect(name: string): Promise<McpServerView>;
  /** The session's `mcpConnections`. */
  snapshot(): McpServerView[];
}

export interface McpServerView {
  name: string;
  target: string;
  status: string;
  reason?: string;
  source?: string;
  tools: readonly string[];
  resourceCount: number;
}

const VERBS = ['add', 'remove', 'list', 'reconnect'];
const ADD_USAGE =
  '/mcp add NAME [--env KEY=VALUE] -- COMMAND ARGS…, or /mcp add NAME --url URL [--header "NAME: VALUE"]; secrets as ${env:NAME}';

/** Answers the records to append. Throws USAGE for a mistake of the user; a server that cannot be reached is said. */
export async function runMcpCommand(
  servers: McpServers,
  words: readonly string[],
  say: (line: string) => void,
): Promise<NewRecord[]> {
  const [verb = 'list', ...rest] = words;
  switch (verb) {
    case 'list':
      list(servers, say);
      return [];
    case 'add':
      say(viewLine(await servers.add(parseServer(rest))));
      break;
    case 'remove':
      await servers.remove(onlyName(rest, 'remove'));
      say(`${safeLine(rest[0]!)} is turned off`);
      break;
    case 'reconnect':
      say(viewLine(await servers.reconnect(onlyName(rest, 'reconnect'))));
      break;
    default: {
      const near = didYouMeanText(verb, VERBS);
      throw usage(`/mcp knows no ${verb}`, near === '' ? `it knows ${VERBS.join(', ')}` : near);
    }
  }
  return [{ type: 'state', patch: { mcpConnections: servers.snapshot() } }];
}

function list(servers: McpServers, say: (line: string) => void): void {
  const views = servers.snapshot();
  if (views.length === 0) say(`no MCP servers: ${ADD_USAGE}`);
  for (const view of views) {
    say(viewLine(view));
    say(safeLine(`    ${view.target}${view.source === undefined ? '' : ` (from ${view.source})`}`));
  }
}

function viewLine({ name, status, reason, tools, resourceCount }: McpServerView): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const offer = `${count(tools.length, 'tool')}, ${count(resourceCount, 'resource')}`;
  return safeLine(`${name}: ${status}, ${reason ?? offer}`);
}

function onlyName(words: readonly string[], verb: string): string {
  const [name] = words;
  if (name === undefined || words.length > 1) throw usage(`/mcp ${verb} needs one name`, '/mcp list shows them');
  return name;
}

function parseServer(words: readonly string[]): McpServer {
  const split = words.indexOf('--');
  const [name, ...flags] = split < 0 ? words : words.slice(0, split);
  if (name === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw usage('an MCP server needs a name of letters, digits, dots, dashes and underscores', ADD_USAGE);
  }
  const given = new Map<string, string[]>();
  for (let at = 0; at < flags.length; at += 2) {
    const [flag, value] = [flags[at]!, flags[at + 1]];
    if (!['--env', '--url', '--header'].includes(flag)) throw usage(`/mcp add knows no ${flag}`, ADD_USAGE);
    if (value === undefined) throw usage(`${flag} needs a value`, ADD_USAGE);
    given.set(flag, [...(given.get(flag) ?? []), value]);
  }
  const command = split < 0 ? [] : words.slice(split + 1);
  return { name, transport: command.length > 0 ? stdioTransport(command, given) : httpTransport(given) };
}

function stdioTransport([command = '', ...args]: readonly string[], given: Map<string, string[]>): McpTransport {
  if (given.has('--url') || given.has('--header'))
    throw usage('a server has a command or an address, not both', ADD_USAGE);
  const environment = pairs(given.get('--env'), /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/, '--env');
  return { type: 'stdio', command, args, ...(environment && { environment }) };
}

function httpTransport(given: Map<string, string[]>): McpTransport {
  const [url, ...more] = given.get('--url') ?? [];
  if (url === undefined || more.length > 0 || given.has('--env')) {
    throw usage('an MCP server needs a command after --, or one --url', ADD_USAGE);
  }
  if (!/^(https?:\/\/|\$\{env:)/.test(url)) throw usage(`${url} is no http or https address`, ADD_USAGE);
  const headers = pairs(given.get('--header'), /^([A-Za-z0-9-]+):\s*([\s\S]*)$/, '--header');
  return { type: 'http', url, ...(headers && { headers }) };
}

function pairs(texts: readonly string[] | undefined, form: RegExp, flag: string): Record<string, string> | null {
  if (!texts) return null;
  return Object.fromEntries(
    texts.map((text) => {
      const match = form.exec(text);
      // The text is not repeated: it may be a secret in the wrong form.
      if (!match) throw usage(`a value of ${flag} is not of the form it should have`, ADD_USAGE);
      return [match[1]!, match[2]!];
    }),
  );
}
