// What every benchmark needs: percentiles, whole-process runs side by side, and rows of the table that `npm run bench`
// prints. The machines are noisy: a figure is a ratio of things measured in turn within one run.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Row {
  what: string;
  measured: string;
  bar: string;
  /** Null for a figure that is only reported. */
  met: boolean | null;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

export function median(values: readonly number[]): number {
  return percentile(sorted(values), 0.5);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Runs work in a folder of its own, which is gone afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(process.env['ROO_BENCH_DIR'] ?? tmpdir(), 'roo-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface ProcessRun {
  wallMs: number;
  peakBytes: number;
}

// The kernel hands ru_maxrss on from the process that started this one; VmHWM begins anew with the program.
const PRELOAD = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const own = process.platform === 'linux' ? /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] : process.resourceUsage().maxRSS;
  process.stderr.write('\\npeak ' + own + '\\n');
});`;

/** One run of node with these arguments; throws when it fails. */
export function runNode(args: readonly string[], env: Record<string, string> = {}): ProcessRun {
  const startMs = performance.now();
  const done = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(PRELOAD)}`, ...args],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    },
  );
  const wallMs = performance.now() - startMs;
  if (done.status !== 0) throw new Error(`node ${args.join(' ')} exited ${done.status}: ${done.stderr}`);
  return { wallMs, peakBytes: Number(/peak (\d+)/.exec(done.stderr)![1]) * 1024 };
}

export interface Compared {
  wallMs: number;
  wallRatio: number;
  peakRatio: number;
}

/** Medians of a command and of bare node, run in turn. */
export function againstBareNode(args: readonly string[], env: Record<string, string>, runs = 15): Compared {
  runNode(args, env);
  const own: ProcessRun[] = [];
  const bare: ProcessRun[] = [];
  for (let i = 0; i < runs; i++) {
    own.push(runNode(args, env));
    bare.push(runNode(['-e', '0']));
  }
  const wallMs = median(own.map((run) => run.wallMs));
  return {
    wallMs,
    wallRatio: wallMs / median(bare.map((run) => run.wallMs)),
    peakRatio: median(own.map((run) => run.peakBytes)) / median(bare.map((run) => run.peakBytes)),
  };
}

export function ratio(value: number): string {
  return `${value.toFixed(2)}×`;
}

export function printTable(rows: readonly Row[]): void {
  const lines = [
    '| figure | measured | bar | |',
    '|---|---|---|---|',
    ...rows.map(
      ({ what, measured, bar, met }) =>
        `| ${what} | ${measured} | ${bar} | ${met === null ? '' : met ? 'met' : 'NOT met'} |`,
    ),
  ];
  process.stdout.write(lines.join('\n') + '\n');
}
