// The command line as people wait for it: its first prompt, coming back to a long session, and what keeping a turn costs.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentSession } from '../src/cli/services/AgentSession.ts';
import type { AgentLog } from '../src/cli/services/agent/agent-log.ts';
import { LiveLog, MemoryLog } from '../src/cli/services/agent/agent-log.ts';
import { LiveSession } from '../src/cli/services/LiveSession.ts';
import { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import { startModelServer } from '../test/helpers/model-server/model-server.ts';
import type { Row } from './measure.ts';
import { buildSession } from './build-session.ts';
import { againstBareNode, inTemporaryFolder, median, ratio, runNode } from './measure.ts';

const MAIN = process.env['ROO_BENCH_MAIN'] ?? fileURLToPath(new URL('../bin/roo.cjs', import.meta.url));
const MESSAGES = 10_000;
const RUNS = 15;
const TURN_MS = 2000;
const TURNS = 7;

export async function agentBench(): Promise<Row[]> {
  return [...(await promptRows()), ...(await turnRows())];
}

/** Standard input is at its end, so the process leaves when its prompt would have come. */
async function promptRows(): Promise<Row[]> {
  return inTemporaryFolder(async (home) => {
    const first = againstBareNode([MAIN], { ROO_HOME: home }, RUNS);
    const long = await buildSession(home, MESSAGES, 1000);
    await long.storage.close();
    const short = await inTemporaryFolder(async (other) => {
      const { storage, id } = await buildSession(other, 1, 1000);
      await storage.close();
      const runs: { long: number[]; short: number[] } = { long: [], short: [] };
      const resume = (folder: string, ref: string): number =>
        runNode([MAIN, 'session', 'load', ref, '--yes'], { ROO_HOME: folder }).wallMs;
      resume(home, long.id);
      resume(other, id);
      for (let i = 0; i < RUNS; i++) {
        runs.long.push(resume(home, long.id));
        runs.short.push(resume(other, id));
      }
      return median(runs.long) / median(runs.short);
    });
    return [
      {
        what: 'roo to its first prompt ÷ bare node',
        measured: `${ratio(first.wallRatio)} (${first.wallMs.toFixed(0)} ms)`,
        bar: '≤ 2.5×',
        met: first.wallRatio <= 2.5,
      },
      {
        what: `roo session load of ${MESSAGES} messages to its prompt ÷ of one message`,
        measured: ratio(short),
        bar: '≤ 2×',
        met: short <= 2,
      },
    ];
  });
}

/** The same turn of two seconds, kept and not kept, in turn within one process. */
async function turnRows(): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    mkdirSync(join(folder, 'project'));
    const words = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ');
    const server = await startModelServer({
      scenario: { turns: [{ prompt: 'Go', steps: [{ text: words, eventDelayMs: TURN_MS / 9 }] }] },
    });
    const storage = new SessionStorage({ home: folder });
    const record = storage.newSessionRecord({ project: { path: folder }, origin: { kind: 'human', agent: 'roo' } });
    const live = LiveSession.create(storage, record, null);
    const kept = agentOn(new LiveLog(live, storage), server.url, folder);
    const unkept = agentOn(new MemoryLog(null), server.url, folder);
    const took: { kept: number[]; unkept: number[] } = { kept: [], unkept: [] };
    for (let i = 0; i < TURNS; i++) {
      took.unkept.push(await turnMs(unkept));
      took.kept.push(await turnMs(kept));
    }
    await live.close();
    await storage.close();
    await server.close();
    const share = median(took.kept) / median(took.unkept) - 1;
    return [
      {
        what: `a turn of ${(median(took.unkept) / 1000).toFixed(1)} s with its session kept, against one that is not`,
        measured: `${share >= 0 ? '+' : ''}${(share * 100).toFixed(2)} %`,
        bar: '≤ 1 %',
        met: share <= 0.01,
      },
    ];
  });
}

function agentOn(log: AgentLog, url: string, workingDirectory: string): AgentSession {
  return new AgentSession({
    log,
    workingDirectory,
    environment: { OPENAI_BASE_URL: url, OPENAI_API_KEY: 'key' },
    userFolder: workingDirectory,
    modelName: 'openai/scripted',
    modelFlag: null,
    permissions: { allow: [], ask: [], deny: [] },
    limits: { contextTokens: 1_000_000, stallSeconds: 300 },
    tools: () => [],
    ask: null,
    tell: () => {},
    door: null,
    nowMs: () => Date.now(),
  });
}

async function turnMs(agent: AgentSession): Promise<number> {
  const screen = { answer() {}, toolStart() {}, toolOutput() {}, toolEnd() {} };
  const startMs = performance.now();
  await agent.prompt([{ type: 'text', text: 'Go' }], screen, new AbortController().signal);
  return performance.now() - startMs;
}
