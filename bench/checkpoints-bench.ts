// What a checkpoint costs beside plain git doing the same: time where little changed in a large tree, and disk after
// many small edits.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkpoints } from '../src/workspace/checkpoints/checkpoints.ts';
import { checkpointBytes } from '../src/workspace/checkpoints/checkpoint-bytes.ts';
import type { Row } from './measure.ts';
import { inTemporaryFolder, median, ratio } from './measure.ts';

const FILES = 50_000;
const FILES_PER_FOLDER = 100;
const CHANGED = 10;
const RUNS = 15;
const SMALL_FILES = 2000;
const EDITS = 200;

export async function checkpointsBench(): Promise<Row[]> {
  return [await timeRow(), await sizeRow()];
}

async function timeRow(): Promise<Row> {
  const { own, plain } = await inTemporaryFolder(async (folder) => {
    const tree = join(folder, 'tree');
    writeTree(tree, FILES, 1000);
    const checkpoints = new Checkpoints({ home: join(folder, 'home'), workTree: tree });
    const take = (): Promise<unknown> => checkpoints.take({ sessionId: 's', description: 'b', nowMs: Date.now() });
    const git = plainGit(folder, tree);
    git('add', '-A');
    await take();
    const own: number[] = [];
    const plain: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      for (let i = 0; i < CHANGED; i++) writeFileSync(pathOf(tree, i * 4999), textOf(i, 1000) + run);
      own.push(await timed(take));
      plain.push(
        await timed(() => {
          git('add', '-A');
          git('write-tree');
        }),
      );
    }
    return { own: median(own), plain: median(plain) };
  });
  return {
    what: `a checkpoint of ${FILES} files, ${CHANGED} of them changed; beside git add -A && git write-tree`,
    measured: `${Math.round(own)} ms, ${ratio(own / plain)}`,
    bar: '≤ 300 ms',
    met: own <= 300,
  };
}

async function sizeRow(): Promise<Row> {
  const times = await inTemporaryFolder(async (folder) => {
    const tree = join(folder, 'tree');
    const home = join(folder, 'home');
    writeTree(tree, SMALL_FILES, 10_000);
    const checkpoints = new Checkpoints({ home, workTree: tree });
    const git = plainGit(folder, tree);
    for (let edit = 0; edit < EDITS; edit++) {
      writeFileSync(pathOf(tree, (edit * 37) % SMALL_FILES), textOf(edit, 10_000) + edit);
      await checkpoints.take({ sessionId: 's', description: 'b', nowMs: edit });
      await checkpoints.tidy();
      git('add', '-A');
      git('commit', '-q', '-m', 'x');
    }
    await checkpoints.gc();
    git('gc', '-q', '--prune=now');
    const packs = git('count-objects', '-v').match(/size-pack: (\d+)/)!;
    return checkpointBytes(home) / (Number(packs[1]) * 1024);
  });
  return {
    what: `disk of ${EDITS} checkpoints of a 20 MB tree with small edits, ÷ the packs of plain git after gc`,
    measured: ratio(times),
    bar: '≤ 1.20×',
    met: times <= 1.2,
  };
}

function writeTree(tree: string, files: number, bytes: number): void {
  for (let i = 0; i < files; i++) {
    if (i % FILES_PER_FOLDER === 0) mkdirSync(join(pathOf(tree, i), '..'), { recursive: true });
    writeFileSync(pathOf(tree, i), textOf(i, bytes));
  }
}

function pathOf(tree: string, file: number): string {
  return join(tree, `folder-${Math.floor(file / FILES_PER_FOLDER)}`, `file-${file}.txt`);
}

/** Lines that pack about as source does. */
function textOf(seed: number, bytes: number): string {
  let text = '';
  for (let state = seed + 1; text.length < bytes;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += `const value${state % 1000} = compute(${state >>> 12});\n`;
  }
  return text;
}

function plainGit(folder: string, tree: string): (...args: string[]) => string {
  const env = { ...process.env, GIT_DIR: join(folder, 'plain'), GIT_WORK_TREE: tree, GIT_CONFIG_GLOBAL: '/dev/null' };
  execFileSync('git', ['init', '-q'], { env, cwd: tree });
  const user = ['-c', 'user.name=b', '-c', 'user.email=b@localhost'];
  return (...args) => execFileSync('git', [...user, ...args], { env, cwd: tree, encoding: 'utf8' });
}

async function timed(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
