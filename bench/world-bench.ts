// Coming back to a session with 20 watched folders, 10 background processes and 5 MCP servers, beside those servers
// started side by side by the bare SDK: what a load takes beyond its slowest server.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Row } from './measure.ts';
import { inTemporaryFolder, median } from './measure.ts';

const ROO = fileURLToPath(new URL('../bin/roo.cjs', import.meta.url));
const WATCHED = 20;
const PROCESSES = 10;
const RUNS = 5;
const BEYOND_MS_MAX = 300;

interface Server {
  command: string;
  args: string[];
}

export async function worldBench(): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    const project = join(folder, 'project');
    for (let i = 0; i < WATCHED; i++) {
      mkdirSync(join(project, `watched-${i}`), { recursive: true });
      writeFileSync(join(project, `watched-${i}`, 'a.txt'), 'a');
    }
    const servers = serversOf(project);
    const home = join(folder, 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'config.json'), JSON.stringify({ mcpServers: servers }));
    const env = { ...process.env, ROO_HOME: home, HOME: folder, SHELL: '/bin/sh', NO_COLOR: '1' };
    const roo = (args: string[], input = ''): string =>
      spawnSync(process.execPath, [ROO, ...args], { env, cwd: project, input, encoding: 'utf8' }).stdout;
    const lines = [
      ...Array.from({ length: WATCHED }, (_, i) => `/watch watched-${i}`),
      ...Array.from({ length: PROCESSES }, () => '!sleep 3600 &'),
      // Waits until all are connected, so that the session knows them.
      ...Object.keys(servers).map((name) => `/mcp reconnect ${name}`),
    ];
    roo([], `${lines.join('\n')}\n`);
    try {
      const slowest: number[] = [];
      const loads: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        slowest.push(await slowestOf(Object.values(servers)));
        loads.push(await loadMs(env, project));
      }
      const beyondMs = median(loads) - median(slowest);
      return [
        {
          what: `load with ${WATCHED} watchers, ${PROCESSES} processes, 5 MCP servers, beyond its slowest server`,
          measured: `${beyondMs.toFixed(0)} ms (${median(loads).toFixed(0)} − ${median(slowest).toFixed(0)} ms)`,
          bar: `≤ ${BEYOND_MS_MAX} ms`,
          met: beyondMs <= BEYOND_MS_MAX,
        },
      ];
    } finally {
      for (let i = 1; i <= PROCESSES; i++) roo(['session', 'processes', '@last', '--stop', `p${i}`]);
    }
  });
}

function serversOf(project: string): Record<string, Server> {
  const program = (name: string, ...args: string[]): Server => ({
    command: process.execPath,
    args: [fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`)), ...args],
  });
  return {
    everything: program('everything'),
    another: program('everything'),
    files: program('filesystem', project),
    memory: program('memory'),
    notes: program('memory'),
  };
}

/** Until the last of them has listed its tools, all started at once. */
async function slowestOf(servers: readonly Server[]): Promise<number> {
  const startMs = performance.now();
  const clients = await Promise.all(
    servers.map(async (server) => {
      const client = new Client({ name: 'bench', version: '0' });
      await client.connect(new StdioClientTransport({ ...server, stderr: 'ignore' }));
      await client.listTools();
      return client;
    }),
  );
  const tookMs = performance.now() - startMs;
  await Promise.all(clients.map((client) => client.close()));
  return tookMs;
}

/** From the start of the process until it has said what of everything came back. */
async function loadMs(env: NodeJS.ProcessEnv, cwd: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [ROO, '-c'], { env, cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let text = '';
  let tookMs = 0;
  for await (const piece of child.stdout) {
    text += String(piece);
    if (tookMs === 0 && (text.match(/^mcp \w+: \d+ tools/gm) ?? []).length === 5) {
      tookMs = performance.now() - startMs;
      child.stdin.end();
    }
  }
  await ended;
  const cameBack =
    [WATCHED, PROCESSES, 5].join() === ['watchers', 'processes', 'mcp'].map((kind) => countOf(text, kind)).join();
  if (tookMs === 0 || !cameBack) throw new Error(`not everything came back:\n${text}`);
  return tookMs;
}

function countOf(text: string, kind: string): number {
  return text.split('\n').filter((line) => line.startsWith(`${kind} `)).length;
}
