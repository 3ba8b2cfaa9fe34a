// Watchers on real folders, changed by this process as an editor, a build and a storm would.

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { FileChange } from '../../../src/core/record.ts';
import type { Batch } from '../../../src/workspace/watchers/change-collector.ts';
import { Watchers } from '../../../src/workspace/watchers/watchers.ts';
import type { WatchedPath } from '../../../src/workspace/watchers/watchers.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const WAIT_MS = 8000;

interface Place {
  root: string;
  watchers: Watchers;
  /** All changes so far, in the order of their batches, once they are as asked. */
  until(isEnough: (changes: FileChange[]) => boolean): Promise<FileChange[]>;
  batches: Batch[];
}

function place(t: TestContext): Place {
  const root = tempFolder(t);
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src', 'a.ts'), 'a');
  writeFileSync(join(root, 'src', 'b.ts'), 'b');
  const watchers = new Watchers({ workingDirectory: root });
  t.after(() => watchers.close());
  const batches: Batch[] = [];
  watchers.on('changes', (batch) => batches.push(batch));
  const until = async (isEnough: (changes: FileChange[]) => boolean): Promise<FileChange[]> => {
    const all = (): FileChange[] => batches.flatMap(({ changes }) => changes);
    for (const endMs = Date.now() + WAIT_MS; !isEnough(all());) {
      if (Date.now() > endMs) assert.fail(`only ${JSON.stringify(all())}`);
      await pause(20);
    }
    return all();
  };
  return { root, watchers, until, batches };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function stateIs({ watchers }: Place, state: WatchedPath['state']): Promise<void> {
  for (const endMs = Date.now() + WAIT_MS; watchers.list()[0]!.state !== state;) {
    if (Date.now() > endMs) assert.fail(JSON.stringify(watchers.list()));
    await pause(20);
  }
}

const has = (path: string, kind: FileChange['kind']) => (changes: FileChange[]) =>
  changes.some((change) => change.path === path && change.kind === kind);

describe('a watched folder', () => {
  it('tells of what comes, changes, goes and is renamed, and not of what was there', async (t) => {
    const at = place(t);
    assert.deepEqual(await at.watchers.add('src'), { path: join(at.root, 'src'), state: 'watching', reason: null });
    mkdirSync(join(at.root, 'src', 'deep'));
    writeFileSync(join(at.root, 'src', 'deep', 'new.ts'), 'new');
    appendFileSync(join(at.root, 'src', 'a.ts'), 'more');
    renameSync(join(at.root, 'src', 'b.ts'), join(at.root, 'src', 'c.ts'));
    const changes = await at.until((all) => all.length >= 3);
    assert.deepEqual(
      changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      [
        { path: 'src/a.ts', kind: 'changed' },
        { path: 'src/c.ts', kind: 'renamed', from: 'src/b.ts' },
        { path: 'src/deep/new.ts', kind: 'added' },
      ],
    );
    rmSync(join(at.root, 'src', 'c.ts'));
    await at.until(has('src/c.ts', 'deleted'));
  });

  it('tells once of a file that was written many times, and nothing of one that came and went', async (t) => {
    const at = place(t);
    await at.watchers.add('src');
    for (let i = 0; i < 20; i++) appendFileSync(join(at.root, 'src', 'a.ts'), 'more');
    writeFileSync(join(at.root, 'src', 'short-lived'), '');
    rmSync(join(at.root, 'src', 'short-lived'));
    await at.until(has('src/a.ts', 'changed'));
    await pause(400);
    assert.deepEqual(at.batches, [{ changes: [{ path: 'src/a.ts', kind: 'changed' }], fileCount: 1 }]);
  });

  it('says nothing of ignored files, but is watched itself where it is ignored', async (t) => {
    const at = place(t);
    mkdirSync(join(at.root, '.git'));
    mkdirSync(join(at.root, 'dist'));
    mkdirSync(join(at.root, 'node_modules'));
    writeFileSync(join(at.root, '.gitignore'), 'dist/\n*.log\n');
    await at.watchers.add('.');
    for (const path of ['x.log', '.git/index', 'dist/out.js', 'node_modules/x.js', 'seen.ts'])
      writeFileSync(join(at.root, path), '');
    assert.deepEqual(await at.until(has('seen.ts', 'added')), [{ path: 'seen.ts', kind: 'added' }]);
    await at.watchers.add('dist');
    writeFileSync(join(at.root, 'dist', 'more.js'), '');
    await at.until(has('dist/more.js', 'added'));
  });

  it('is watched no more after it was removed', async (t) => {
    const at = place(t);
    await at.watchers.add('src');
    assert.equal(await at.watchers.remove(join(at.root, 'src')), true);
    assert.equal(await at.watchers.remove('src'), false);
    writeFileSync(join(at.root, 'src', 'late.ts'), '');
    await pause(500);
    assert.deepEqual(at.batches, []);
    assert.deepEqual(at.watchers.list(), []);
  });

  it('that goes is waited for, and watched again when it comes back', async (t) => {
    const at = place(t);
    await at.watchers.add('src');
    rmSync(join(at.root, 'src'), { recursive: true });
    await stateIs(at, 'waiting');
    mkdirSync(join(at.root, 'src'));
    await stateIs(at, 'watching');
    writeFileSync(join(at.root, 'src', 'again.ts'), '');
    await at.until(has('src/again.ts', 'added'));
  });

  it('that is not there yet is waited for', async (t) => {
    const at = place(t);
    assert.equal((await at.watchers.add('later/deep')).state, 'waiting');
    mkdirSync(join(at.root, 'later', 'deep'), { recursive: true });
    await stateIs(at, 'watching');
    writeFileSync(join(at.root, 'later', 'deep', 'x'), '');
    await at.until(has('later/deep/x', 'added'));
  });

  it('and a watched file outside of the working directory are told by their whole paths', async (t) => {
    const at = place(t);
    const outside = join(tempFolder(t), 'config.toml');
    writeFileSync(outside, 'a');
    await at.watchers.add(outside);
    writeFileSync(outside, 'abc');
    assert.deepEqual(await at.until(has(outside, 'changed')), [{ path: outside, kind: 'changed' }]);
  });
});

it('a storm of files becomes a few folders, and the count stays right', async (t) => {
  const at = place(t);
  await at.watchers.add('.');
  mkdirSync(join(at.root, 'out', 'a'), { recursive: true });
  mkdirSync(join(at.root, 'out', 'b'));
  for (let i = 0; i < 1500; i++) writeFileSync(join(at.root, 'out', i % 2 ? 'a' : 'b', `f${i}`), '');
  const count = (): number => at.batches.reduce((sum, { fileCount }) => sum + fileCount, 0);
  await at.until(() => count() >= 1500);
  assert.equal(count(), 1500);
  for (const { changes } of at.batches) assert.ok(changes.length <= 200);
  assert.ok(at.batches.some(({ changes }) => changes.some(({ path }) => path.endsWith('/'))));
});

it('what happened is told at once when it is asked for, and then not again', async (t) => {
  const at = place(t);
  await at.watchers.add('src');
  appendFileSync(join(at.root, 'src', 'a.ts'), 'x');
  let changes: FileChange[] = [];
  for (const endMs = Date.now() + WAIT_MS; changes.length === 0 && at.batches.length === 0 && Date.now() < endMs;) {
    await pause(5);
    ({ changes } = at.watchers.take());
  }
  await pause(400);
  const told = [...changes, ...at.batches.flatMap((batch) => batch.changes)];
  assert.deepEqual(told, [{ path: 'src/a.ts', kind: 'changed' }]);
});
