// Servers for the tests: the real ones from npm, and scripts that misbehave as real ones do.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Tool, ToolCall, ToolOutcome } from '../../../src/core/tool.ts';
import { McpHub } from '../../../src/workspace/mcp/hub.ts';
import type { HubSettings } from '../../../src/workspace/mcp/hub.ts';
import type { HubServer } from '../../../src/workspace/mcp/connection-info.ts';

export function program(name: 'everything' | 'filesystem' | 'memory'): string {
  return fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`));
}

/** A server from npm over stdio. */
export function realServer(name: 'everything' | 'filesystem' | 'memory', ...args: string[]): HubServer {
  return {
    name,
    transport: { type: 'stdio', command: process.execPath, args: [program(name), ...args] },
    trust: 'user',
  };
}

/** A server of a few lines of JavaScript. */
export function scriptedServer(name: string, script: string, ...args: string[]): HubServer {
  return {
    name,
    transport: { type: 'stdio', command: process.execPath, args: ['-e', script, '--', ...args] },
    trust: 'user',
  };
}

/**
 * A script that speaks the protocol: lists the tools of `names`, answers their calls with `answer` (an expression over
 * `name` and `args`), and does `also` when it has said hello.
 */
export function wellBehaved(names: string[], answer = '"done"', also = ''): string {
  return `
    let names = ${JSON.stringify(names)};
    const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
    const results = {
      initialize: ({ protocolVersion }) => ({
        protocolVersion,
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'scripted', version: '1' },
      }),
      'tools/list': () => ({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) }),
      'tools/call': ({ name, arguments: args }) => ({ content: [{ type: 'text', text: String(${answer}) }] }),
      ping: () => ({}),
    };
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method, params } = JSON.parse(line);
      if (method !== undefined && id !== undefined) send({ id, result: results[method](params) });
      if (method === 'notifications/initialized') { ${also} }
    });`;
}

export function newHub(t: { after(work: () => unknown): unknown }, settings: Partial<HubSettings> = {}): McpHub {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'roo-test-'));
  const hub = new McpHub({
    environment: process.env,
    workingDirectory: process.cwd(),
    clientVersion: '0',
    approvalsPath: join(folder, 'mcp-approved.json'),
    retryDelaysMs: [20, 50],
    ...settings,
  });
  t.after(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return hub;
}

export function toolNamed(hub: McpHub, name: string): Tool {
  const tool = hub.tools().find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name} among ${hub.tools().map(({ name: other }) => other)}`);
  return tool;
}

/** Runs a tool; `told` is what it put out while it ran. */
export async function callTool(
  hub: McpHub,
  name: string,
  input: Record<string, unknown> = {},
  call: Partial<ToolCall> = {},
): Promise<ToolOutcome & { told: string }> {
  let told = '';
  const outcome = await toolNamed(hub, name).run(input, {
    callId: 'c1',
    workingDirectory: process.cwd(),
    environment: {},
    signal: new AbortController().signal,
    output: async (bytes) => (told += Buffer.from(bytes).toString()),
    ...call,
  });
  return { ...outcome, told };
}

/** Resolves when it holds; a test that waits for ever is ended by its runner. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

/** Ids of living processes whose command line holds the text; only those that this one started with `childrenOf`. */
export function processesWith(text: string, childrenOf?: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  const found: number[] = [];
  for (const line of lines) {
    const [, pid, parent, state, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // A dead process that nobody has asked about yet is listed too, as a zombie.
    if (pid === undefined || state!.startsWith('Z') || !args!.includes(text)) continue;
    if (childrenOf === undefined || Number(parent) === childrenOf) found.push(Number(pid));
  }
  return found;
}

/** The everything server over streamable HTTP, listening when this resolves. */
export async function startHttpServer(t: TestContext, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program('everything'), 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  child.stdout.resume();
  let said = '';
  child.stderr.on('data', (piece) => (said += String(piece)));
  await until(() => said.includes('listening'));
  return child;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
