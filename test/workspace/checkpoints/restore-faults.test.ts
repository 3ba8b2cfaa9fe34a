// A restore that is killed, that meets a full disk or a file it may not move: wholly done, or as if it had never begun.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../../helpers/child.ts';
import { runs } from '../../helpers/slow.ts';
import type { TempProject } from './temp-project.ts';
import { request, SESSION, tempProject } from './temp-project.ts';

/** Something of every kind of move; 8 renames in all. */
async function changedProject(project: TempProject): Promise<string> {
  project.write('changed', 'old');
  project.write('deleted', 'old');
  project.write('folder/file', 'old');
  project.write('gives/way', 'old');
  const commit = await project.take();
  project.write('changed', 'new');
  rmSync(join(project.tree, 'deleted'));
  rmSync(join(project.tree, 'folder'), { recursive: true });
  project.write('folder', 'a file now');
  rmSync(join(project.tree, 'gives'), { recursive: true });
  symlinkSync('changed', join(project.tree, 'gives'));
  project.write('later/one', 'new');
  return commit;
}

const STEPS = [1, 2, 3, 4, 5, 6, 7, 8];
for (const step of STEPS.filter((_step, index) => index % runs(3, 1) === 0)) {
  test(`a restore killed before move ${step} is undone by the next command, and then works`, async (t) => {
    const project = tempProject(t);
    const commit = await changedProject(project);
    const before = project.snapshot();
    const child = startChild(t, 'restore-checkpoint', [project.home, project.tree, commit, String(step), SESSION]);
    await child.saysLines(1);
    assert.equal(child.lines[0], 'stopped');
    await child.end('SIGKILL');
    assert.ok(readdirSync(project.tree).some((name) => name.startsWith('.roo-restore-')));
    await project.checkpoints.list(SESSION);
    assert.deepEqual(project.snapshot(), before);
    await project.restore(commit);
    assert.deepEqual(project.snapshot(), {
      changed: '644 old',
      deleted: '644 old',
      'folder/file': '644 old',
      'gives/way': '644 old',
    });
  });
}

test('a restore for which the disk is too small changes nothing', async (t) => {
  const project = tempProject(t);
  const mount = `mount -t tmpfs -o size=3m none ${project.tree} && exec "$0" "$@"`;
  const small = ['unshare', '-rm', 'sh', '-c', mount];
  const { status } = spawnSync(small[0]!, [...small.slice(1), 'true']);
  if (status !== 0) return t.skip('a small disk cannot be mounted here');
  project.write('big', Buffer.alloc(2_900_000, 'x'));
  const commit = await project.take();
  // The small disk is empty: all of the checkpoint is to come, and beside its spare bytes there is no room for it.
  const child = startChild(t, 'restore-checkpoint', [project.home, project.tree, commit, '0', SESSION], small);
  await child.ended;
  assert.match(child.lines[0]!, /^STORE_FULL: no space to restore files .* no file was changed$/);
});

test('a disk that fills up half-way through changes nothing', async (t) => {
  const project = tempProject(t);
  const commit = await changedProject(project);
  const before = project.snapshot();
  const child = startChild(t, 'restore-checkpoint', [project.home, project.tree, commit, 'full', SESSION]);
  await child.ended;
  assert.match(child.lines[0]!, /^STORE_FULL: no space to restore files .* no file was changed$/);
  assert.deepEqual(project.snapshot(), before);
});

test('a file that changes while it is to be restored stops the restore, and stays', async (t) => {
  const project = tempProject(t);
  const commit = await changedProject(project);
  const busy = project.checkpoints.restore(commit, request(), async () => project.write('changed', 'typed just now'));
  await assert.rejects(busy, { code: 'CHECKPOINT_FAILED', message: /changed is being changed right now/ });
  assert.equal(project.snapshot()['changed'], '644 typed just now');
  assert.equal(project.snapshot()['later/one'], '644 new');
});

test('a file that may not be moved rolls the restore back whole', async (t) => {
  const project = tempProject(t);
  const commit = await changedProject(project);
  const held = join(project.tree, 'later/one');
  if (spawnSync('chattr', ['+i', held]).status !== 0) return t.skip('files cannot be held here');
  const before = project.snapshot();
  try {
    await assert.rejects(project.restore(commit), { code: 'CHECKPOINT_FAILED', message: /all are as before/ });
    assert.deepEqual(project.snapshot(), before);
  } finally {
    spawnSync('chattr', ['-i', held]);
  }
});
