// The index: listing a store of 10,000 and 100,000 sessions, making it anew, and searching a million messages.
// Also alone: node bench/index-bench.ts

import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { markDirty } from '../src/store/index/dirty-markers.ts';
import { SessionIndex } from '../src/store/index/session-index.ts';
import { storeLayout } from '../src/store/store-layout.ts';
import type { Row } from './measure.ts';
import { inTemporaryFolder, median, printTable, ratio } from './measure.ts';
import type { WorkloadShape } from './workload.ts';
import { COMMON, messageText, NEEDLE, WorkloadSource } from './workload.ts';

const MILLION = Number(process.env['ROO_BENCH_MESSAGES'] ?? 1_000_000);
const PROCESS_RUNS = 15;
const LISTED = [
  { sessions: 10_000, barRatio: 2 },
  { sessions: 100_000, barRatio: 4 },
];

export async function indexBench(): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    const child = await bundledChild(folder);
    const rows: Row[] = [];
    for (const { sessions, barRatio } of LISTED) rows.push(...listRows(folder, child, sessions, barRatio));
    rows.push(...(await findRows(folder, child)));
    return rows;
  });
}

/** Catalogue made anew, then listed with one session changed since. */
function listRows(folder: string, child: string, sessions: number, barRatio: number): Row[] {
  const shape = { sessions, messagesEach: 50 };
  const { home, layout, source, index } = emptyStore(folder, `list-${sessions}`, shape);
  const startMs = performance.now();
  index.list();
  const builtMs = performance.now() - startMs;
  index.close();
  const args = [child, 'list', home, String(sessions), '50'];
  const unchanged = timesBareNode(args);
  // A writer at work: its session changes before every list.
  const changed = timesBareNode(args, () => markDirty(layout, source.change(sessions >> 1)));
  const perTenThousandMs = (builtMs * 10_000) / sessions;
  return [
    {
      what: `list made anew, ${sessions} sessions (the index's own share)`,
      measured: `${(perTenThousandMs / 1000).toFixed(2)} s per 10,000`,
      bar: '≤ 2 s',
      met: perTenThousandMs <= 2_000,
    },
    listRow(`list 50 of ${sessions}, nothing changed`, unchanged, barRatio),
    listRow(`list 50 of ${sessions}, one changed since`, changed, barRatio),
  ];
}

function listRow(what: string, wallRatio: number, barRatio: number): Row {
  return { what, measured: `${ratio(wallRatio)} bare node`, bar: `≤ ${barRatio}×`, met: wallRatio <= barRatio };
}

async function findRows(folder: string, child: string): Promise<Row[]> {
  const shape: WorkloadShape = { sessions: MILLION / 500, messagesEach: 500 };
  const { home, layout, index } = emptyStore(folder, 'find', shape);
  index.list();
  const raw = rawInsert(join(folder, 'raw.db'), Math.min(MILLION, 100_000));
  const startMs = performance.now();
  await index.find(NEEDLE);
  const ownMs = performance.now() - startMs;
  const textBytes = raw.textBytes * (MILLION / raw.texts);
  const speed = textBytes / ownMs / (raw.textBytes / raw.wallMs);
  index.close();
  const share = statSync(layout.indexPath).size / textBytes;
  const args = [child, 'find', home, String(shape.sessions), String(shape.messagesEach)];
  const rare = timesBareNode([...args, NEEDLE]);
  const common = await inProcess(index, COMMON);
  const fillStartMs = performance.now();
  const texts = MILLION - (await index.fillSubstrings(5_000));
  const fillMs = performance.now() - fillStartMs;
  index.close();
  return [
    {
      what: `words of ${MILLION} messages indexed`,
      measured: `${Math.round(speed * 100)} % of raw FTS5`,
      bar: '≥ 40 %',
      met: speed >= 0.4,
    },
    {
      what: 'index, without substrings',
      measured: `${(share * 100).toFixed(1)} % of the text`,
      bar: '≤ 35 %',
      met: share <= 0.35,
    },
    { what: 'find a rare word', measured: `${ratio(rare)} bare node`, bar: '≤ 3×', met: rare <= 3 },
    {
      what: 'find a word of every second message',
      measured: `${Math.round(common)} ms`,
      bar: '≤ 200 ms',
      met: common <= 200,
    },
    {
      what: 'substrings filled in the background',
      measured: `${Math.round((texts / fillMs) * 1000)} messages a second`,
      bar: '',
      met: null,
    },
  ];
}

/** Wall time of a process against that of `node -e 0`: medians of runs in turn, nothing else loaded in either. */
function timesBareNode(args: readonly string[], before: () => void = () => {}): number {
  const own: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i <= PROCESS_RUNS; i++) {
    before();
    own.push(wallMs(args));
    bare.push(wallMs(['-e', '0']));
  }
  // The first run of each only warms the machine up.
  return median(own.slice(1)) / median(bare.slice(1));
}

function wallMs(args: readonly string[]): number {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = performance.now() - startMs;
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited ${status}: ${stderr}`);
  return ms;
}

/** Median of five searches in this process. */
async function inProcess(index: SessionIndex, word: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const startMs = performance.now();
    await index.find(word);
    times.push(performance.now() - startMs);
  }
  return median(times);
}

/** What FTS5 itself takes for the same words: one transaction, default settings, nothing else written. */
function rawInsert(path: string, texts: number): { texts: number; textBytes: number; wallMs: number } {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE VIRTUAL TABLE words USING fts5(text, content='')`);
  const insert = database.prepare('INSERT INTO words(rowid, text) VALUES(?, ?)');
  // Made beforehand: that the index has to get its texts from somewhere is its own share.
  const made = Array.from({ length: texts }, (_, number) => messageText(number, MILLION));
  const textBytes = made.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const startMs = performance.now();
  database.exec('BEGIN');
  for (const [i, text] of made.entries()) insert.run(i + 1, text);
  database.exec('COMMIT');
  const wallMs = performance.now() - startMs;
  database.close();
  return { texts, textBytes, wallMs };
}

function emptyStore(folder: string, name: string, shape: WorkloadShape) {
  const home = join(folder, name);
  const layout = storeLayout(home);
  mkdirSync(layout.sessionsDir, { recursive: true });
  const source = new WorkloadSource(layout, shape);
  source.write();
  const index = new SessionIndex({ source, layout, now: () => Date.now(), isHeld: () => false });
  return { home, layout, source, index };
}

/** As it is shipped: stripping types of every file would take longer than the work. */
async function bundledChild(folder: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL('./index-child.ts', import.meta.url)),
    platform: 'node',
    logLevel: 'warn',
  });
  await build.write({
    dir: join(folder, 'child'),
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
  });
  await build.close();
  return join(folder, 'child', 'index-child.mjs');
}

if (import.meta.filename === process.argv[1]) printTable(await indexBench());
