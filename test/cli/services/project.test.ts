import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectOf } from '../../../src/cli/services/project.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function config(url: string): string {
  return `[core]\n\tbare = false\n[remote "upstream"]\n\turl = https://example.test/other.git\n[remote "origin"]\n\tfetch = +refs/*\n\turl = ${url}\n[branch "main"]\n\tremote = origin\n`;
}

describe("a folder's project", () => {
  it('outside of a repository is the folder', (t) => {
    const folder = tempFolder(t);
    assert.deepEqual(projectOf(folder), { path: folder });
    assert.deepEqual(projectOf(join(folder, 'x', '..')), { path: folder });
  });

  it('inside of one is its root, with the remote it came from', (t) => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, '.git'));
    mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
    assert.deepEqual(projectOf(folder), { path: folder, gitRoot: folder });
    writeFileSync(join(folder, '.git', 'config'), config('git@example.test:me/shop.git'));
    const gitRemote = 'git@example.test:me/shop.git';
    assert.deepEqual(projectOf(join(folder, 'src', 'deep')), { path: folder, gitRoot: folder, gitRemote });
  });

  for (const [url, kept] of Object.entries({
    'https://me:secret@example.test/p.git': 'https://example.test/p.git',
    'https://ghp_token@example.test/p.git': 'https://example.test/p.git',
    'https://me:p@ss@example.test/p.git': 'https://example.test/p.git',
    'ssh://git@example.test:22/p.git': 'ssh://example.test:22/p.git',
    'https://example.test/@scope/p.git': 'https://example.test/@scope/p.git',
  })) {
    it(`keeps of ${url} no user and no password`, (t) => {
      const folder = tempFolder(t);
      mkdirSync(join(folder, '.git'));
      writeFileSync(join(folder, '.git', 'config'), config(url));
      assert.equal(projectOf(folder).gitRemote, kept);
    });
  }

  it('in a worktree or a submodule has the remote of the repository', (t) => {
    const folder = tempFolder(t);
    const [main, tree, sub] = ['main', 'tree', 'sub'].map((name) => join(folder, name)) as [string, string, string];
    mkdirSync(join(main, '.git', 'worktrees', 'tree'), { recursive: true });
    mkdirSync(join(main, '.git', 'modules', 'sub'), { recursive: true });
    mkdirSync(tree);
    mkdirSync(sub);
    writeFileSync(join(main, '.git', 'config'), config('https://example.test/main.git'));
    writeFileSync(join(main, '.git', 'worktrees', 'tree', 'commondir'), '../..\n');
    writeFileSync(join(tree, '.git'), `gitdir: ${join(main, '.git', 'worktrees', 'tree')}\n`);
    writeFileSync(join(main, '.git', 'modules', 'sub', 'config'), config('https://example.test/sub.git'));
    writeFileSync(join(sub, '.git'), 'gitdir: ../main/.git/modules/sub\n');
    assert.equal(projectOf(tree).gitRemote, 'https://example.test/main.git');
    assert.equal(projectOf(sub).gitRemote, 'https://example.test/sub.git');
  });

  it('in what only looks like a repository is the folder that looks so', (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, '.git'), 'hello');
    assert.deepEqual(projectOf(folder), { path: folder, gitRoot: folder });
    writeFileSync(join(folder, '.git'), 'gitdir: /nowhere/at/all\n');
    assert.deepEqual(projectOf(folder), { path: folder, gitRoot: folder });
  });
});
