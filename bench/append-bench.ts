// Appending 1 KB: the same cost at every length of history, and close to what the disk asks for the same bytes.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Row } from './measure.ts';
import { inTemporaryFolder, mean, percentile, ratio, sorted } from './measure.ts';
import { buildSession } from './build-session.ts';

const HISTORIES = [10, 10_000, 1_000_000];
const APPENDS = 2000;

export async function appendBench(): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    const storages = [];
    const appenders: ((text: string) => Promise<unknown>)[] = [];
    for (const messages of HISTORIES) {
      const { storage, id } = await buildSession(join(folder, String(messages)), messages, 500);
      const writer = await storage.writers.open(id);
      storages.push(storage);
      appenders.push((text) => writer.append([{ type: 'message', role: 'user', parts: [{ type: 'text', text }] }]));
    }
    const bare = openSync(join(folder, 'bare'), 'a');
    const times: number[][] = HISTORIES.map(() => []);
    const bareTimes: number[] = [];
    // In turn, so that a noisy neighbour disturbs all alike.
    for (let i = 0; i < APPENDS; i++) {
      const text = randomBytes(768).toString('base64');
      for (const [index, append] of appenders.entries()) {
        const startMs = performance.now();
        await append(text);
        times[index]!.push(performance.now() - startMs);
      }
      const bytes = Buffer.from(text);
      const startMs = performance.now();
      writeSync(bare, bytes);
      fdatasyncSync(bare);
      bareTimes.push(performance.now() - startMs);
    }
    closeSync(bare);
    for (const storage of storages) await storage.close();
    return rows(times.map(sorted), sorted(bareTimes));
  });
}

function rows(times: number[][], bare: number[]): Row[] {
  const p50 = times.map((each) => percentile(each, 0.5));
  const means = times.map(mean);
  const again = Math.max(...p50) / percentile(bare, 0.5);
  const p99 = times.map((each) => `${percentile(each, 0.99).toFixed(2)} ms`).join(' / ');
  return [
    {
      what: `append 1 KB at ${HISTORIES.join(' / ')} messages, p50 apart`,
      measured: ratio(spread(p50)),
      bar: '≤ 1.2×',
      met: spread(p50) <= 1.2,
    },
    { what: 'the same, mean apart', measured: ratio(spread(means)), bar: '≤ 1.2×', met: spread(means) <= 1.2 },
    { what: 'append p50 ÷ bare write + fdatasync', measured: ratio(again), bar: '≤ 2×', met: again <= 2 },
    {
      what: 'append p99',
      measured: `${p99} (bare ${percentile(bare, 0.99).toFixed(2)} ms)`,
      bar: 'reported',
      met: null,
    },
  ];
}

function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values);
}
