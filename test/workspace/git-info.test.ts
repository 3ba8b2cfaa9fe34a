import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gitInfo, gitRoot } from '../../src/workspace/git-info.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
};

function git(folder: string, ...words: string[]): string {
  return execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8', env: ENVIRONMENT, stdio: 'pipe' }).trim();
}

function repository(test: TestContext, ...initWords: string[]): string {
  const folder = tempFolder(test);
  git(folder, 'init', '-q', '-b', 'main', ...initWords);
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'one');
  return folder;
}

test('branch and commit are what git says, from any folder of the repository', async (t) => {
  const root = repository(t);
  mkdirSync(join(root, 'a', 'b'), { recursive: true });
  const commit = git(root, 'rev-parse', 'HEAD');
  for (const folder of [root, join(root, 'a', 'b')])
    assert.deepEqual(await gitInfo(folder), { root, branch: 'main', commit });
});

test('a branch with slashes, packed refs, and a loose ref over a packed one', async (t) => {
  const root = repository(t);
  git(root, 'checkout', '-q', '-b', 'feature/x/y');
  git(root, 'pack-refs', '--all');
  const packed = git(root, 'rev-parse', 'HEAD');
  assert.deepEqual(await gitInfo(root), { root, branch: 'feature/x/y', commit: packed });
  git(root, 'commit', '-q', '--allow-empty', '-m', 'two');
  assert.deepEqual(await gitInfo(root), { root, branch: 'feature/x/y', commit: git(root, 'rev-parse', 'HEAD') });
});

test('a commit without a branch, and a branch without a commit', async (t) => {
  const root = repository(t);
  git(root, 'checkout', '-q', '--detach');
  assert.deepEqual(await gitInfo(root), { root, commit: git(root, 'rev-parse', 'HEAD') });
  git(root, 'checkout', '-q', '--orphan', 'new');
  assert.deepEqual(await gitInfo(root), { root, branch: 'new' });
});

test('a worktree has its own branch and the commits of its repository', async (t) => {
  const root = repository(t);
  const tree = join(tempFolder(t), 'tree');
  git(root, 'worktree', 'add', '-q', '-b', 'side', tree);
  git(tree, 'commit', '-q', '--allow-empty', '-m', 'two');
  git(root, 'pack-refs', '--all');
  assert.deepEqual(await gitInfo(tree), { root: tree, branch: 'side', commit: git(tree, 'rev-parse', 'HEAD') });
});

test('a submodule is a repository of its own', async (t) => {
  const root = repository(t);
  git(root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', repository(t), 'sub');
  const sub = join(root, 'sub');
  assert.deepEqual(await gitInfo(sub), { root: sub, branch: 'main', commit: git(sub, 'rev-parse', 'HEAD') });
});

test('commits named by SHA-256', async (t) => {
  const root = repository(t, '--object-format=sha256');
  assert.equal((await gitInfo(root))?.commit, git(root, 'rev-parse', 'HEAD'));
});

test('outside of a repository there is none', async (t) => {
  const folder = tempFolder(t);
  assert.equal(await gitInfo(folder), null);
  assert.equal(await gitRoot(folder), null);
});

const HEADS: [what: string, head: string, expected: object][] = [
  ['names a file out of the repository', 'ref: refs/heads/../../../secret', { branch: '../../../secret' }],
  ['names itself', 'ref: refs/heads/a', { branch: 'a' }],
  ['is nonsense', 'what?', {}],
  ['says that the refs are kept elsewhere', 'ref: refs/heads/.invalid', {}],
];
for (const [what, head, expected] of HEADS) {
  test(`a HEAD that ${what} has no commit and does no harm`, async (t) => {
    const root = tempFolder(t);
    mkdirSync(join(root, '.git', 'refs', 'heads'), { recursive: true });
    writeFileSync(join(root, 'secret'), 'f'.repeat(40));
    writeFileSync(join(root, '.git', 'HEAD'), `${head}\n`);
    writeFileSync(join(root, '.git', 'refs', 'heads', 'a'), 'ref: refs/heads/a\n');
    assert.deepEqual(await gitInfo(root), { root, ...expected });
  });
}

test('a HEAD that is a pipe hangs nobody: it is no repository', async (t) => {
  const root = tempFolder(t);
  mkdirSync(join(root, '.git'));
  execFileSync('mkfifo', [join(root, '.git', 'HEAD')]);
  assert.equal(await gitInfo(root), null);
});
