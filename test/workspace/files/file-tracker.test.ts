// What changed while a session was away, found in real trees.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Files } from '../../../src/core/record.ts';
import { FileTracker } from '../../../src/workspace/files/file-tracker.ts';
import type { TrackerOptions } from '../../../src/workspace/files/file-tracker.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

interface Place {
  root: string;
  snapshotPath: string;
  tracker(saved: Files | null, more?: Partial<TrackerOptions>): FileTracker;
}

function place(t: TestContext): Place {
  const folder = tempFolder(t);
  const root = join(folder, 'project');
  const snapshotPath = join(folder, 'state', 'files', 'id');
  for (const path of ['src', 'docs', 'node_modules/big']) mkdirSync(join(root, path), { recursive: true });
  for (const path of ['src/a.ts', 'src/b.ts', 'docs/read.md', 'node_modules/big/x.js', 'old.txt']) {
    writeFileSync(join(root, path), `content of ${path}`);
  }
  return {
    root,
    snapshotPath,
    tracker: (saved, more) => new FileTracker({ root, snapshotPath, nowMs: Date.now, saved, ...more }),
  };
}

/** A file's time as long ago as nobody's clock is coarse. */
function age(path: string): void {
  const seconds = Date.now() / 1000 - 60;
  utimesSync(path, seconds, seconds);
}

async function captured(at: Place, ...touched: string[]): Promise<Files> {
  const tracker = at.tracker(null);
  tracker.touch(...touched);
  return tracker.capture();
}

describe('what changed while a session was away', () => {
  it('is told without the secrets in names, which no look keeps either', async (t) => {
    const at = place(t);
    mkdirSync(join(at.root, 'secret-folder'));
    writeFileSync(join(at.root, 'secret-folder', 'secret.txt'), 'one');
    writeFileSync(join(at.root, 'secret-folder', 'plain.txt'), 'one');
    const redact = async (text: string): Promise<string> => text.replaceAll('secret', '[gone]');
    const saved = await at.tracker(null, { redact }).capture();
    assert.ok(!gunzipSync(readFileSync(at.snapshotPath)).includes('secret'));
    assert.deepEqual((await at.tracker(saved, { redact }).changes()).changes, []);
    writeFileSync(join(at.root, 'secret-folder', 'secret.txt'), 'two, and longer');
    const { changes } = await at.tracker(saved, { redact }).changes();
    assert.deepEqual(changes, [{ path: '[gone]-folder/[gone].txt', kind: 'changed' }]);
  });

  it('is nothing where nothing did', async (t) => {
    const at = place(t);
    const saved = await captured(at, 'src/a.ts');
    const { changes, partly } = await at.tracker(saved).changes();
    assert.deepEqual({ changes, partly }, { changes: [], partly: null });
  });

  it('is what came, went, changed and was renamed; what the session touched comes first', async (t) => {
    const at = place(t);
    const saved = await captured(at, 'src/b.ts', join(at.root, 'old.txt'));
    appendFileSync(join(at.root, 'src/a.ts'), 'more');
    appendFileSync(join(at.root, 'src/b.ts'), 'more');
    renameSync(join(at.root, 'old.txt'), join(at.root, 'new.txt'));
    rmSync(join(at.root, 'docs/read.md'));
    writeFileSync(join(at.root, 'docs/added.md'), 'new');
    writeFileSync(join(at.root, 'node_modules/big/y.js'), 'nobody wants to know');
    const { changes, touchedCount, sinceAt } = await at.tracker(saved).changes();
    assert.deepEqual(changes, [
      { path: 'new.txt', kind: 'renamed', from: 'old.txt' },
      { path: 'src/b.ts', kind: 'changed' },
      { path: 'docs/added.md', kind: 'added' },
      { path: 'docs/read.md', kind: 'deleted' },
      { path: 'src/a.ts', kind: 'changed' },
    ]);
    assert.equal(touchedCount, 2);
    assert.equal(sinceAt, saved.lastScanTime);
  });

  it('is told again until it is captured, and then no more', async (t) => {
    const at = place(t);
    const saved = await captured(at);
    writeFileSync(join(at.root, 'src/c.ts'), 'c');
    const tracker = at.tracker(saved);
    assert.equal((await tracker.changes()).changes.length, 1);
    assert.equal((await tracker.changes()).changes.length, 1);
    await tracker.capture();
    assert.deepEqual((await tracker.changes()).changes, []);
  });

  it('is no file that the session touched and that has the same bytes again', async (t) => {
    const at = place(t);
    const saved = await captured(at, 'src/a.ts');
    rmSync(join(at.root, 'src/a.ts'));
    writeFileSync(join(at.root, 'src/a.ts'), 'content of src/a.ts');
    age(join(at.root, 'src/a.ts'));
    assert.deepEqual((await at.tracker(saved).changes()).changes, []);
  });

  it('is a file of the same size and time with other bytes, where the session touched it', async (t) => {
    const at = place(t);
    const path = join(at.root, 'src/a.ts');
    const saved = await captured(at, 'src/a.ts');
    const { mtimeMs } = saved.fingerprints!['src/a.ts']!;
    writeFileSync(path, 'CONTENT of src/a.ts');
    utimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
    assert.deepEqual((await at.tracker(saved).changes()).changes, [{ path: 'src/a.ts', kind: 'changed' }]);
  });

  it('is a rename also where the file was written anew elsewhere', async (t) => {
    const at = place(t);
    const saved = await captured(at, 'old.txt');
    rmSync(join(at.root, 'old.txt'));
    mkdirSync(join(at.root, 'kept'));
    writeFileSync(join(at.root, 'kept', 'old.txt'), 'content of old.txt');
    const { changes } = await at.tracker(saved).changes();
    assert.deepEqual(changes, [{ path: 'kept/old.txt', kind: 'renamed', from: 'old.txt' }]);
  });

  it('is nothing after the whole project moved, or was copied with its times', async (t) => {
    const at = place(t);
    const saved = await captured(at, 'src/a.ts');
    cpSync(at.root, `${at.root}-copy`, { recursive: true, preserveTimestamps: true });
    renameSync(at.root, `${at.root}-moved`);
    assert.deepEqual((await at.tracker(saved, { root: `${at.root}-moved` }).changes()).changes, []);
    const copied = (await at.tracker(saved, { root: `${at.root}-copy` }).changes()).changes;
    // Node copies times with less than their grain on some systems; then a file is changed, never gone.
    assert.ok(copied.every(({ kind }) => kind === 'changed'));
    assert.ok(copied.every(({ path }) => path !== 'src/a.ts'));
  });

  it('follows .gitignore at each level, and what was changed in it', async (t) => {
    const at = place(t);
    mkdirSync(join(at.root, 'src/out'));
    writeFileSync(join(at.root, '.gitignore'), '*.log\n/docs/\n');
    writeFileSync(join(at.root, 'src/.gitignore'), 'out/\n!keep.log\n');
    const saved = await captured(at);
    for (const path of ['a.log', 'src/a.log', 'src/keep.log', 'src/out/x', 'docs/x'])
      writeFileSync(join(at.root, path), '');
    assert.deepEqual((await at.tracker(saved).changes()).changes, [{ path: 'src/keep.log', kind: 'added' }]);
    const next = await at.tracker(saved).capture();
    writeFileSync(join(at.root, 'src/.gitignore'), '!keep.log\n');
    assert.deepEqual((await at.tracker(next).changes()).changes, [
      { path: 'src/.gitignore', kind: 'changed' },
      { path: 'src/out/x', kind: 'added' },
    ]);
  });

  it('reaches watched folders outside, and files that were read there', async (t) => {
    const at = place(t);
    const outside = tempFolder(t);
    for (const name of ['watched', 'read.txt']) writeFileSync(join(outside, name), name);
    mkdirSync(join(outside, 'folder'));
    const watched = { watched: () => [join(outside, 'folder'), join(outside, 'watched')] };
    const tracker = at.tracker(null, watched);
    tracker.touch(join(outside, 'read.txt'));
    const saved = await tracker.capture();
    writeFileSync(join(outside, 'folder', 'new'), '');
    writeFileSync(join(outside, 'read.txt'), 'changed');
    appendFileSync(join(outside, 'watched'), 'changed');
    const again = at.tracker(saved, watched);
    const { changes } = await again.changes();
    assert.deepEqual(
      changes.map(({ path }) => path),
      [join(outside, 'read.txt'), join(outside, 'watched'), join(outside, 'folder', 'new')],
    );
    assert.deepEqual(
      again.watchedChanges(changes).map(({ path }) => path),
      [join(outside, 'watched'), join(outside, 'folder', 'new')],
    );
  });

  it('is said of open files too', async (t) => {
    const at = place(t);
    const saved = await captured(at, 'src/a.ts', 'src/b.ts', 'old.txt');
    appendFileSync(join(at.root, 'src/a.ts'), 'more');
    rmSync(join(at.root, 'old.txt'));
    const { open } = await at.tracker(saved).changes(['src/a.ts', 'src/b.ts', 'old.txt']);
    assert.deepEqual(
      open.map(({ state }) => state),
      ['changed', 'unchanged', 'gone'],
    );
  });
});

describe('where this machine keeps no look at the tree', () => {
  for (const [what, damage] of Object.entries({
    'because the session comes from another machine': (path: string) => rmSync(path),
    'because its file is damaged': (path: string) => writeFileSync(path, 'no gzip'),
  })) {
    it(`${what}, touched files are compared, and that is said`, async (t) => {
      const at = place(t);
      const saved = await captured(at, 'src/a.ts');
      damage(at.snapshotPath);
      appendFileSync(join(at.root, 'src/a.ts'), 'more');
      appendFileSync(join(at.root, 'src/b.ts'), 'more');
      const { changes, partly } = await at.tracker(saved).changes();
      assert.deepEqual(changes, [{ path: 'src/a.ts', kind: 'changed' }]);
      assert.match(partly!, /only the files that the session read or wrote were compared/);
    });
  }
});

it('a tree that is too large is cut, said, and not taken for deleted files', async (t) => {
  const at = place(t);
  const saved = await captured(at);
  const { scanFiles } = await import('../../../src/workspace/files/scan-files.ts');
  const { changesSince } = await import('../../../src/workspace/files/changes-since.ts');
  const whole = await scanFiles(at.root, { nowMs: Date.now });
  let ms = 0;
  const cut = await scanFiles(at.root, { nowMs: () => (ms += 100), filesMax: 0 });
  assert.match(cut.cut!, /more than 0 files/);
  assert.deepEqual(
    changesSince({ snapshot: whole, touched: new Map() }, { snapshot: cut, touched: new Map() }).changes,
    [],
  );
  assert.equal(saved['cut'], undefined);
});

it(
  'a folder that cannot be read keeps what was known of it, and is said',
  { skip: process.getuid?.() === 0 && 'root reads everything' },
  async (t) => {
    const at = place(t);
    const saved = await captured(at);
    chmodSync(join(at.root, 'docs'), 0);
    t.after(() => chmodSync(join(at.root, 'docs'), 0o700));
    const { changes, partly } = await at.tracker(saved).changes();
    assert.deepEqual(changes, []);
    assert.match(partly!, /could not be read/);
  },
);

it('no hash of a file of secrets is kept', async (t) => {
  const at = place(t);
  for (const name of ['.env', '.env.local', 'server.pem', 'id_rsa']) writeFileSync(join(at.root, name), 'short');
  const { fingerprints } = await captured(at, '.env', '.env.local', 'server.pem', 'id_rsa', 'src/a.ts');
  for (const [path, { hash }] of Object.entries(fingerprints!))
    assert.equal(hash !== undefined, path === 'src/a.ts', path);
});

it('the record holds commit, branch and dirtiness of a real repository, and the difference is told', async (t) => {
  const at = place(t);
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.test', ...words], { cwd: at.root });
  git('init', '-q', '-b', 'main');
  assert.deepEqual(gitFields(await captured(at)), { gitHead: undefined, gitBranch: 'main', gitDirty: false });
  git('add', 'src');
  git('commit', '-q', '-m', 'one');
  const clean = await captured(at);
  assert.match(clean.gitHead!, /^[0-9a-f]{40}$/);
  assert.equal(clean.gitDirty, false);
  appendFileSync(join(at.root, 'src/a.ts'), 'more');
  assert.equal((await captured(at)).gitDirty, true);
  git('commit', '-q', '-a', '-m', 'two');
  git('pack-refs', '--all');
  git('checkout', '-q', '-b', 'topic');
  const { git: change } = await at.tracker(clean).changes();
  assert.equal(change!.before!.branch, 'main');
  assert.equal(change!.now!.branch, 'topic');
  assert.notEqual(change!.now!.head, clean.gitHead);
  git('checkout', '-q', 'main');
  git('worktree', 'add', '-q', `${at.root}-tree`, 'topic');
  assert.equal((await at.tracker(clean, { root: `${at.root}-tree` }).changes()).git!.now!.branch, 'topic');
});

function gitFields({ gitHead, gitBranch, gitDirty }: Files): unknown {
  return { gitHead, gitBranch, gitDirty };
}
