// What a checkpoint takes, what it leaves out, and what it never touches.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Checkpoints } from '../../../src/workspace/checkpoints/checkpoints.ts';
import { dropFromAll } from '../../../src/workspace/checkpoints/drop-session.ts';
import { isSecretName } from '../../../src/workspace/secret-names.ts';
import { checkpointBytes } from '../../../src/workspace/checkpoints/checkpoint-bytes.ts';
import { request, SESSION, snapshotOf, tempProject, userGit } from './temp-project.ts';

test("the user's repository is the same, byte for byte, after checkpoints and a restore", async (t) => {
  const project = tempProject(t);
  userGit(project.tree, 'init', '-q');
  project.write('a', '1');
  userGit(project.tree, 'add', 'a');
  const hook = join(project.tree, '.git/hooks/post-index-change');
  mkdirSync(join(project.tree, '.git/hooks'), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\ntouch ${project.folder}/hook-ran\n`);
  chmodSync(hook, 0o755);
  project.write('b', 'not added');
  project.write('.gitattributes', '* text eol=crlf filter=mine ident\n');
  userGit(project.tree, 'config', 'filter.mine.clean', `touch ${project.folder}/filter-ran; cat`);
  const before = snapshotOf(join(project.tree, '.git'));
  const commit = await project.take();
  project.write('a', '2');
  await project.restore(commit);
  assert.deepEqual(snapshotOf(join(project.tree, '.git')), before);
  assert.deepEqual(
    ['hook-ran', 'filter-ran'].filter((name) => existsSync(join(project.folder, name))),
    [],
  );
});

test('line ends, keywords and LFS pointers go in and come back as they are on disk', async (t) => {
  const project = tempProject(t);
  project.write('.gitattributes', '* text=auto eol=lf ident working-tree-encoding=UTF-16\n*.bin filter=lfs\n');
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
  const files = { 'crlf.txt': 'a\r\nb\r\n', 'ident.c': '$Id$\n', 'large.bin': pointer };
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  const commit = await project.take();
  for (const path of Object.keys(files)) rmSync(join(project.tree, path));
  await project.restore(commit);
  for (const [path, text] of Object.entries(files)) assert.equal(readFileSync(join(project.tree, path), 'utf8'), text);
});

test('repositories inside the project are left out and said to be, submodules too', async (t) => {
  const project = tempProject(t);
  project.write('library/a', '1');
  const library = join(project.tree, 'library');
  userGit(library, 'init', '-q');
  userGit(library, 'add', '-A');
  userGit(library, 'commit', '-q', '-m', 'x');
  userGit(project.tree, 'init', '-q');
  userGit(project.tree, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'module');
  project.write('own', '1');
  const { commit, leftOut } = await project.checkpoints.take(request());
  const reason = 'a repository of its own: its contents are not recorded';
  assert.deepEqual(leftOut, [
    { path: 'library/', reason },
    { path: 'module/', reason },
  ]);
  project.write('library/a', '2');
  project.write('module/a', '2');
  project.write('own', '2');
  await project.restore(commit);
  assert.equal(readFileSync(join(project.tree, 'library/a'), 'utf8'), '2');
  assert.equal(readFileSync(join(project.tree, 'module/a'), 'utf8'), '2');
  assert.equal(readFileSync(join(project.tree, 'own'), 'utf8'), '1');
});

test('a file of 2 GB is left out and said to be, and so is an empty folder', async (t) => {
  const project = tempProject(t);
  project.write('small', '1');
  project.write('huge', '');
  truncateSync(join(project.tree, 'huge'), 2 ** 31 + 1);
  mkdirSync(join(project.tree, 'empty'));
  const { leftOut } = await project.checkpoints.take(request());
  assert.deepEqual(leftOut, [{ path: 'huge', reason: 'larger than 100 MB' }]);
  assert.deepEqual(await project.checkpoints.leftAlone(), [{ path: 'empty/', reason: 'an empty folder' }]);
});

test('what becomes ignored is no longer recorded', async (t) => {
  const project = tempProject(t);
  project.write('a.log', '1');
  await project.take();
  project.write('.gitignore', '*.log\n');
  const second = await project.take();
  rmSync(join(project.tree, 'a.log'));
  rmSync(join(project.tree, '.gitignore'));
  await project.restore(second);
  assert.deepEqual(Object.keys(project.snapshot()), ['.gitignore']);
});

test('the excludes of the repository and of the user hold as well', async (t) => {
  const project = tempProject(t);
  userGit(project.tree, 'init', '-q');
  writeFileSync(join(project.tree, '.git/info/exclude'), 'mine.txt\n');
  mkdirSync(join(project.folder, 'config/git'), { recursive: true });
  writeFileSync(join(project.folder, 'config/git/ignore'), 'yours.txt\n');
  project.write('mine.txt', '1');
  project.write('yours.txt', '1');
  const environment = { ...process.env, XDG_CONFIG_HOME: join(project.folder, 'config'), HOME: project.folder };
  const { changedFiles } = await project.open({ environment }).take(request());
  assert.equal(changedFiles, 0);
});

test('secrets are known by their names, and templates of them are none', () => {
  const secret = [
    '.env',
    'a/.env.local',
    '.npmrc',
    '.netrc',
    'id_rsa',
    'x/id_ed25519',
    'server.pem',
    '.aws/credentials',
  ];
  const open = ['.env.example', 'src/env.ts', 'id_rsa.pub', 'pem.ts', 'credentials.ts', '.npmrc.sample'];
  assert.deepEqual(
    secret.filter((path) => !isSecretName(path)),
    [],
  );
  assert.deepEqual(
    open.filter((path) => isSecretName(path)),
    [],
  );
});

test('sessions that are kept inside the project are neither recorded nor restored', async (t) => {
  const project = tempProject(t);
  const home = join(project.tree, 'state [1]');
  mkdirSync(join(home, 'sessions'), { recursive: true });
  const checkpoints = project.open({ home });
  project.write('a', '1');
  const { commit, changedFiles } = await checkpoints.take(request());
  assert.equal(changedFiles, 1);
  writeFileSync(join(home, 'sessions', 'log'), 'later');
  await checkpoints.restore(commit, request());
  assert.equal(readFileSync(join(home, 'sessions', 'log'), 'utf8'), 'later');
});

test('no checkpoint is taken of the home folder or of what holds it', async (t) => {
  const { home } = tempProject(t);
  for (const workTree of [homedir(), '/']) {
    await assert.rejects(new Checkpoints({ home, workTree }).take(request()), { code: 'CHECKPOINT_FAILED' });
  }
});

test('without git, or with one that is too old, it is said what to install', async (t) => {
  const project = tempProject(t);
  const missing = project.open({ gitCommand: join(project.folder, 'no-git') });
  await assert.rejects(missing.take(request()), { code: 'CHECKPOINT_FAILED', hint: /install git 2\.32/ });
  const old = join(project.folder, 'old-git');
  writeFileSync(old, '#!/bin/sh\necho git version 1.8.3\n');
  chmodSync(old, 0o755);
  await assert.rejects(project.open({ gitCommand: old }).take(request()), {
    code: 'CHECKPOINT_FAILED',
    message: /too old .*1\.8\.3/,
    hint: /install git 2\.32/,
  });
});

test('checkpoints at the same moment, from two holders of one project, are each whole', async (t) => {
  const project = tempProject(t);
  project.write('a', '1');
  const other = project.open();
  const taken = await Promise.all(
    [...Array(3)].flatMap(() => [project.checkpoints.take(request()), other.take(request())]),
  );
  assert.equal(new Set(taken.map(({ treeId }) => treeId)).size, 1);
  assert.equal((await project.checkpoints.list(SESSION)).length, 6);
});

test('an index that became unreadable is made again', async (t) => {
  const project = tempProject(t);
  project.write('a', '1');
  const { treeId } = await project.checkpoints.take(request());
  const { ShadowRepository } = await import('../../../src/workspace/checkpoints/shadow-repository.ts');
  const { indexPath } = new ShadowRepository({ home: project.home, workTree: project.tree });
  writeFileSync(indexPath, Buffer.alloc(200));
  assert.equal((await project.checkpoints.take(request())).treeId, treeId);
});

test("dropping a session frees what only it held and keeps the others' checkpoints", async (t) => {
  const project = tempProject(t);
  project.write('a', 'kept');
  const kept = await project.take({ sessionId: 'other' });
  project.write('big', randomBytes(300_000));
  await project.take();
  const before = checkpointBytes(project.home);
  await dropFromAll(project.home, SESSION);
  const after = checkpointBytes(project.home);
  assert.ok(after < before - 100_000, `${before} → ${after}`);
  assert.deepEqual(await project.checkpoints.list(SESSION), []);
  await project.restore(kept);
  assert.deepEqual(project.snapshot(), { a: '644 kept' });
  await dropFromAll(project.home, SESSION);
  await dropFromAll(project.home, 'other');
  // Not even the lock is left, whose name is that of the project.
  assert.deepEqual(readdirSync(join(project.home, 'state', 'checkpoints')), []);
  assert.equal((await project.checkpoints.list('other')).length, 0);
  await project.take();
  assert.equal((await project.checkpoints.list(SESSION)).length, 1);
});

test('a collection keeps every checkpoint', async (t) => {
  const project = tempProject(t);
  const commits: string[] = [];
  for (let i = 0; i < 5; i++) {
    project.write('a', `version ${i}`);
    commits.push(await project.take());
  }
  await Promise.all([project.checkpoints.gc(), project.open().take(request()), project.checkpoints.tidy()]);
  for (const [i, commit] of commits.entries()) {
    await project.restore(commit);
    assert.equal(project.snapshot()['a'], `644 version ${i}`);
  }
});

test('over its size, a project loses its oldest automatic checkpoints, and none that was asked for', async (t) => {
  const project = tempProject(t);
  const take = (change: Partial<Parameters<typeof project.take>[0]>): Promise<string> => {
    project.write('data', randomBytes(100_000));
    return project.take(change);
  };
  const asked = await take({});
  const automatic: string[] = [];
  for (let i = 0; i < 6; i++) automatic.push(await take({ kind: 'automatic' }));
  await project.checkpoints.tidy(450_000);
  const kept = (await project.checkpoints.list(SESSION)).map(({ commit }) => commit);
  assert.ok(checkpointBytes(project.home) <= 450_000);
  assert.ok(kept.includes(asked) && kept.includes(automatic.at(-1)!));
  assert.deepEqual(kept, [asked, ...automatic.slice(automatic.length - kept.length + 1)]);
  await assert.rejects(() => project.restore(automatic[0]!), { code: 'CHECKPOINT_NOT_FOUND' });
  await project.restore(kept[1]!);
});
