// What servers hold to be read: their resources, as one tool. Its description names none of them, because lists of
// resources change all the time and a request's tools must not.

import type { Tool, ToolCall, ToolInput, ToolOutcome } from '../../core/tool.ts';
import { oneLine } from '../../core/message-text.ts';
import { answered, Refusal } from '../tools/tool-answers.ts';
import { textOrEmpty } from '../tools/tool-input.ts';
import type { McpConnection } from './connection.ts';

const LISTED_MAX = 200;
const LINE_CHARACTERS_MAX = 300;

/** None where no server has resources. */
export function resourceTools(connections: readonly McpConnection[]): Tool[] {
  const holders = connections.filter(({ resources }) => resources !== null && resources.length > 0);
  if (holders.length === 0) return [];
  return [
    {
      name: 'read_mcp_resource',
      // Reading runs a program that somebody else wrote.
      effect: 'run',
      description:
        'Reads a resource of an MCP server by its address. Without an address it lists the resources of the servers, ' +
        'or of the one that is named.',
      inputSchema: {
        type: 'object',
        properties: {
          server: { type: 'string', description: 'Name of the server; needed for addresses that no list has.' },
          uri: { type: 'string', description: 'Address of the resource, as the list has it.' },
        },
        additionalProperties: false,
      },
      subject: (input) => `${textOrEmpty(input, 'server')} ${textOrEmpty(input, 'uri')}`.trim(),
      run: (input, call) => answered(call, () => resourceOf(holders, input, call)),
    },
  ];
}

async function resourceOf(
  holders: readonly McpConnection[],
  input: ToolInput,
  { signal }: ToolCall,
): Promise<ToolOutcome> {
  const [name, uri] = [textOrEmpty(input, 'server'), textOrEmpty(input, 'uri')];
  const asked = name === '' ? holders : holders.filter(({ server }) => server.name === name);
  if (asked.length === 0) {
    const names = holders.map(({ server }) => server.name).join(', ');
    throw new Refusal(`No MCP server named ${name} has resources; these have: ${names}.`);
  }
  if (uri === '') return { status: 'ok', output: listOf(asked) };
  const isListed = ({ resources }: McpConnection): boolean => resources?.some((one) => one.uri === uri) ?? false;
  const holder = asked.find(isListed) ?? (asked.length === 1 ? asked[0] : undefined);
  if (!holder) throw new Refusal(`No list has ${uri}: name the server that it is to be read from.`);
  return holder.read(uri, signal);
}

function listOf(connections: readonly McpConnection[]): string {
  const lines = connections.flatMap(({ server, resources }) =>
    (resources ?? []).map(({ uri, name, mimeType, description }) =>
      oneLine(
        [server.name, uri, name, mimeType, description].filter((word) => word !== undefined).join(' | '),
        LINE_CHARACTERS_MAX,
      ),
    ),
  );
  const rest = lines.length - LISTED_MAX;
  return [...lines.slice(0, LISTED_MAX), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}
