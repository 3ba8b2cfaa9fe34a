// `roo session list` as a whole process in stores of 10,000 and 100,000 sessions, one of them changed since; and the
// first list after the index was lost, which reads every log's end.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emptyFold } from '../src/core/fold.ts';
import { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import { FLAG } from '../src/store/frame.ts';
import { FrameComposer } from '../src/store/frame-composer.ts';
import { CHAIN_START } from '../src/store/log-chain.ts';
import { filler, seeded } from './build-session.ts';
import type { Row } from './measure.ts';
import { againstBareNode, inTemporaryFolder, ratio, runNode } from './measure.ts';

const STORES = [
  { sessions: 10_000, bar: 2 },
  { sessions: 100_000, bar: 4 },
];
const MESSAGES_EACH = 8;
const MAIN = process.env['ROO_BENCH_MAIN'] ?? fileURLToPath(new URL('../bin/roo.cjs', import.meta.url));

export async function listBench(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const store of STORES) rows.push(...(await inTemporaryFolder((home) => listRows(home, store))));
  return rows;
}

async function listRows(home: string, { sessions, bar }: (typeof STORES)[number]): Promise<Row[]> {
  const storage = new SessionStorage({ home });
  const changed = buildStore(storage, sessions);
  const list = [MAIN, 'session', 'list', '--all'];
  const first = runNode(list, { ROO_HOME: home });
  rmSync(storage.layout.indexPath);
  const rebuilt = runNode(list, { ROO_HOME: home });
  const rebuiltMs = (Math.min(first.wallMs, rebuilt.wallMs) * 10_000) / sessions;
  await storage.change(changed, [{ type: 'meta', addTags: ['changed'] }]);
  const run = againstBareNode(list, { ROO_HOME: home });
  await storage.close();
  return [
    {
      what: `first roo session list without an index, ${sessions} sessions`,
      measured: `${(rebuiltMs / 1000).toFixed(2)} s per 10,000`,
      bar: '≤ 2 s',
      met: rebuiltMs <= 2000,
    },
    {
      what: `roo session list (50) of ${sessions} sessions, one changed since, ÷ bare node`,
      measured: `${ratio(run.wallRatio)} (${run.wallMs.toFixed(0)} ms)`,
      bar: `≤ ${bar}×`,
      met: run.wallRatio <= bar,
    },
  ];
}

/** Whole logs, written without syncing each: what is measured is reading. Returns the id of one session. */
function buildStore(storage: SessionStorage, sessions: number): string {
  const { layout, clock } = storage;
  mkdirSync(layout.sessionsDir, { recursive: true });
  const random = seeded(sessions);
  const body = filler(500, random);
  let id = '';
  for (let i = 0; i < sessions; i++) {
    const project = { path: `/home/dev/project-${i % 20}` };
    const session = storage.newSessionRecord({ project, origin: { kind: 'human', agent: 'roo' } });
    id = session.sessionId;
    const start = { fold: emptyFold(session), link: CHAIN_START, part: 1, offset: 0, prevBytes: 0 };
    const blobs = storage.blobs(id);
    const composer = new FrameComposer(start, { clock, level: 6, blobs, find: () => null });
    composer.add([session]);
    for (let n = 0; n < MESSAGES_EACH; n++) {
      const role = n % 2 === 0 ? ('user' as const) : ('assistant' as const);
      composer.add([{ type: 'message', role, parts: [{ type: 'text', text: `session ${i} message ${n} ${body}` }] }]);
      composer.seal();
    }
    composer.add([{ type: 'close' }]);
    composer.flag(FLAG.close);
    composer.snapshot();
    writeFileSync(layout.logPath(id), composer.take(), { mode: 0o600 });
  }
  return id;
}
