// A server's tools as the agent loop runs them. A tool of a server that was lost stays in the list: taking it out would
// change the request in the middle of a conversation, and a call is the moment to try the server again.

import type { Tool as RemoteTool } from '@modelcontextprotocol/client';
import type { Tool, ToolInput } from '../../core/tool.ts';
import type { McpConnection } from './connection.ts';
import { toolName } from './tool-name.ts';

const SUBJECT_CHARACTERS_MAX = 1000;

/** By name, so that the same servers make the same list in whatever order they answered. */
export function toolsOf(connections: Iterable<McpConnection>): Tool[] {
  const tools = new Map<string, Tool>();
  for (const connection of connections) {
    for (const remote of connection.tools ?? []) {
      const tool = serverTool(connection, remote);
      // A server that names a tool twice means the first.
      if (!tools.has(tool.name)) tools.set(tool.name, tool);
    }
  }
  return [...tools.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function serverTool(connection: McpConnection, remote: RemoteTool): Tool {
  return {
    name: toolName(connection.server.name, remote.name),
    description: remote.description ?? remote.title ?? '',
    inputSchema: remote.inputSchema,
    // A server's own word that a tool only reads is a claim of somebody else's program.
    effect: 'run',
    subject: subjectOf,
    run: (input, call) => connection.call(remote.name, input, call),
  };
}

function subjectOf(input: ToolInput): string {
  const text = JSON.stringify(input);
  return text.length > SUBJECT_CHARACTERS_MAX ? `${text.slice(0, SUBJECT_CHARACTERS_MAX)}…` : text;
}
