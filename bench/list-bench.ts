// `roo session list` as a whole process in stores of 10,000 and 100,000 sessions, one of them changed since; and the
// first list after the index was lost, which reads every log's end.

import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SessionStorage } from '../src/cli/services/SessionStorage.ts';
import { buildStore } from './build-store.ts';
import type { Row } from './measure.ts';
import { againstBareNode, inTemporaryFolder, ratio, runNode } from './measure.ts';

const STORES = [
  { sessions: 10_000, bar: 2 },
  { sessions: 100_000, bar: 4 },
];
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
