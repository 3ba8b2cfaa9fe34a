// A project's folder that moved, was copied, or became another's, with real repositories.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { observeFolder } from '../../src/workspace/moved-project.ts';
import type { SoughtProject } from '../../src/workspace/moved-project.ts';
import { gitStateOf } from '../../src/workspace/git-folder.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const REMOTE = 'git@example.test:me/shop.git';

interface Place {
  folder: string;
  shop: string;
  sought: SoughtProject;
}

function git(cwd: string, ...words: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.test', ...words], { cwd });
}

function repository(path: string, remote: string | null): void {
  mkdirSync(join(path, 'web'), { recursive: true });
  git(path, 'init', '-q', '-b', 'main');
  if (remote !== null) git(path, 'remote', 'add', 'origin', remote);
  writeFileSync(join(path, 'web', 'a'), path);
  git(path, 'add', '.');
  // Equal commits of one second would be one commit.
  git(path, 'commit', '-q', '-m', `first of ${path} from ${remote}`);
}

function place(t: TestContext, remote: string | null = REMOTE): Place {
  const folder = tempFolder(t);
  const shop = join(folder, 'work', 'shop');
  repository(shop, remote);
  const project = { path: shop, gitRoot: shop, ...(remote !== null && { gitRemote: remote }) };
  return { folder, shop, sought: { folder: join(shop, 'web'), project, gitHead: gitStateOf(shop)!.head } };
}

describe('the folder of a session', () => {
  it('is there while its repository is', async (t) => {
    const { sought, folder } = place(t);
    assert.deepEqual(await observeFolder(sought, folder), { state: 'there' });
  });

  for (const remote of [REMOTE, null]) {
    it(`is found beside its old place, ${remote === null ? 'by its commit' : 'by its remote'}`, async (t) => {
      const { sought, shop, folder } = place(t, remote);
      renameSync(shop, `${shop}-renamed`);
      repository(join(folder, 'work', 'other'), remote === null ? null : 'git@example.test:me/other.git');
      const seen = await observeFolder(sought, folder);
      assert.equal(seen.state, 'missing');
      assert.deepEqual(seen.state === 'missing' && seen.moved.map(({ path }) => path), [`${shop}-renamed/web`]);
    });
  }

  it('is found where a folder above was renamed, and where roo runs now', async (t) => {
    const { sought, folder } = place(t);
    renameSync(join(folder, 'work'), join(folder, 'work2'));
    const seen = await observeFolder(sought, folder);
    assert.deepEqual(seen.state === 'missing' && seen.moved[0]!.path, join(folder, 'work2', 'shop', 'web'));
    renameSync(join(folder, 'work2', 'shop'), join(folder, 'work2', 'deep'));
    mkdirSync(join(folder, 'far', 'away'), { recursive: true });
    renameSync(join(folder, 'work2', 'deep'), join(folder, 'far', 'away', 'x'));
    const here = await observeFolder(sought, join(folder, 'far', 'away', 'x', 'web'));
    assert.deepEqual(here.state === 'missing' && here.moved[0]!.path, join(folder, 'far', 'away', 'x', 'web'));
    assert.deepEqual(await observeFolder(sought, folder), { state: 'missing', moved: [] });
  });

  it('is not the root where its own folder is gone from it, and that is said', async (t) => {
    const { sought, shop, folder } = place(t);
    renameSync(shop, `${shop}2`);
    rmSync(join(`${shop}2`, 'web'), { recursive: true });
    const seen = await observeFolder(sought, folder);
    assert.match(seen.state === 'missing' ? seen.moved[0]!.evidence : '', /same remote.*but no folder web/);
  });

  it('that another project took is not taken silently, and its own is found', async (t) => {
    const { sought, shop, folder } = place(t);
    renameSync(shop, `${shop}-moved`);
    repository(shop, 'git@example.test:you/shop.git');
    const seen = await observeFolder(sought, folder);
    assert.equal(seen.state, 'other');
    assert.match(seen.state === 'other' ? seen.evidence : '', /has no commit .*remote is git@example.test:you/);
    assert.deepEqual(seen.state === 'other' && seen.moved.map(({ path }) => path), [`${shop}-moved/web`]);
  });

  it('that is in no repository any more is not taken silently', async (t) => {
    const { sought, shop, folder } = place(t);
    rmSync(join(shop, '.git'), { recursive: true });
    assert.deepEqual(await observeFolder(sought, folder), {
      state: 'other',
      evidence: 'there is no git repository in it any more',
      moved: [],
    });
  });

  it('stays its own when the remote was renamed or is written differently', async (t) => {
    const { sought, shop, folder } = place(t);
    for (const url of ['https://example.test/me/shop', 'https://new.example.test/team/shop.git']) {
      git(shop, 'remote', 'set-url', 'origin', url);
      assert.deepEqual(await observeFolder(sought, folder), { state: 'there' }, url);
    }
  });

  it('without a repository, or outside of the project, is known by its path alone', async (t) => {
    const { sought, folder } = place(t);
    const path = tempFolder(t);
    assert.deepEqual(await observeFolder({ ...sought, folder: path }, folder), { state: 'there' });
    assert.deepEqual(await observeFolder({ folder: path, project: { path }, gitHead: null }, folder), {
      state: 'there',
    });
    rmSync(path, { recursive: true });
    const gone = await observeFolder({ folder: path, project: { path }, gitHead: null }, folder);
    assert.deepEqual(gone, { state: 'missing', moved: [] });
  });

  it('has every copy named where the original is gone', async (t) => {
    const { sought, shop, folder } = place(t);
    cpSync(shop, `${shop}-a`, { recursive: true });
    renameSync(shop, `${shop}-b`);
    const seen = await observeFolder(sought, folder);
    assert.deepEqual(seen.state === 'missing' && seen.moved.map(({ root }) => root), [`${shop}-a`, `${shop}-b`]);
  });
});
