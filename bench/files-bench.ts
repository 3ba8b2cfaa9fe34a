// A look at a tree of 50,000 files: the first, the next, and what changed since, against the plainest walk that reads
// every folder and every file's times.

import { lstatSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileTracker } from '../src/workspace/files/file-tracker.ts';
import type { Row } from './measure.ts';
import { inTemporaryFolder, median, ratio } from './measure.ts';

const FOLDERS = 2500;
const FILES_EACH = 20;
const CHANGED = 10;
const ROUNDS = 5;
const RULES = 'dist/\n*.log\n/build\n.env*\ncoverage/\n*.tmp\n!keep.log\n**/generated/**\n';

export async function filesBench(): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    const root = join(folder, 'tree');
    const paths = buildTree(root);
    const walk: number[] = [];
    const first: number[] = [];
    const next: number[] = [];
    const since: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      walk.push(await timed(() => plainWalk(root)));
      const options = { root, snapshotPath: join(folder, `look-${round}`), nowMs: Date.now };
      const tracker = new FileTracker({ ...options, saved: null });
      first.push(await timed(() => tracker.capture()));
      next.push(await timed(() => tracker.capture()));
      const saved = await tracker.capture();
      for (const path of paths.slice(round * CHANGED, (round + 1) * CHANGED)) writeFileSync(path, 'changed');
      // As a new process does it: what was seen before is read from this machine's file.
      const resumed = new FileTracker({ ...options, saved });
      since.push(
        await timed(async () => {
          const { changes } = await resumed.changes();
          if (changes.length !== CHANGED) throw new Error(`${changes.length} changes were found, not ${CHANGED}`);
        }),
      );
    }
    const rowOf = (what: string, all: number[], barMs: number): Row => ({
      what: `${what}, ${FOLDERS * FILES_EACH} files`,
      measured: `${median(all).toFixed(0)} ms (${ratio(median(all) / median(walk))} of plain readdir + lstat)`,
      bar: `≤ ${barMs} ms`,
      met: median(all) <= barMs,
    });
    return [
      rowOf('first look at a tree', first, 2000),
      rowOf('next look', next, 500),
      rowOf(`what changed while away (${CHANGED} files)`, since, 500),
    ];
  });
}

async function timed(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function plainWalk(folder: string): number {
  let count = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) count += plainWalk(path);
    else if (lstatSync(path).isFile()) count++;
  }
  return count;
}

/** Times of a minute ago: a tree that was not made this very moment. */
function buildTree(root: string): string[] {
  const paths: string[] = [];
  const thenSeconds = Date.now() / 1000 - 60;
  for (let i = 0; i < FOLDERS; i++) {
    const folder = join(root, `package-${i % 50}`, `module-${i}`);
    mkdirSync(folder, { recursive: true });
    for (let n = 0; n < FILES_EACH; n++) {
      const path = join(folder, `file-${n}.ts`);
      writeFileSync(path, 'x'.repeat(n));
      paths.push(path);
    }
    utimesSync(folder, thenSeconds, thenSeconds);
  }
  for (let i = 0; i < 50; i++) utimesSync(join(root, `package-${i}`), thenSeconds, thenSeconds);
  writeFileSync(join(root, '.gitignore'), RULES);
  return paths;
}
