import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TempProject } from './temp-project.ts';
import { tempProject } from './temp-project.ts';

/** What is done to a project between a checkpoint and the way back; all of it must be undone, and be redone. */
const CHANGES: Readonly<Record<string, (project: TempProject) => void>> = {
  'a changed file': ({ write }) => write('src/a.txt', 'changed'),
  'a file of the same length': ({ write }) => write('src/a.txt', 'b'),
  'a deleted file': ({ tree }) => rmSync(join(tree, 'src/a.txt')),
  'a deleted folder': ({ tree }) => rmSync(join(tree, 'src'), { recursive: true }),
  'a new file': ({ write }) => write('new.txt', 'new'),
  'a new file in new folders': ({ write }) => write('one/two/three.txt', 'new'),
  'a renamed file': ({ tree }) => renameSync(join(tree, 'src/a.txt'), join(tree, 'src/b.txt')),
  'a file that may be run now': ({ tree }) => chmodSync(join(tree, 'src/a.txt'), 0o755),
  'a file that may no longer be run': ({ tree }) => chmodSync(join(tree, 'run.sh'), 0o644),
  'a private file that is gone': ({ tree }) => rmSync(join(tree, 'private.txt')),
  'a link that leads elsewhere': ({ tree }) => {
    rmSync(join(tree, 'link'));
    symlinkSync('nowhere', join(tree, 'link'));
  },
  'a link in place of a file': ({ tree }) => {
    rmSync(join(tree, 'src/a.txt'));
    symlinkSync('../run.sh', join(tree, 'src/a.txt'));
  },
  'a file in place of a link': ({ tree, write }) => {
    rmSync(join(tree, 'link'));
    write('link', 'no link');
  },
  'a folder in place of a file': ({ tree, write }) => {
    rmSync(join(tree, 'run.sh'));
    write('run.sh/inside/file', 'x');
  },
  'a file in place of a folder': ({ tree, write }) => {
    rmSync(join(tree, 'src'), { recursive: true });
    write('src', 'no folder');
  },
  'a link to elsewhere in place of a folder': ({ tree, folder }) => {
    rmSync(join(tree, 'src'), { recursive: true });
    symlinkSync(folder, join(tree, 'src'));
  },
  'names with spaces, line ends and other letters': ({ write }) => {
    for (const name of ['with space', 'line\nend', 'tab\there', 'größe', '"quoted"', '-dash', 'back\\slash', ' lead']) {
      write(`odd/${name}`, name);
    }
  },
  'a name that is no UTF-8': ({ tree }) => {
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0x66, 0xff, 0xfe])]), 'bytes');
  },
  'a file of 3 MB that is not text': ({ write }) => write('big.bin', Buffer.alloc(3_000_000, '\0\r\n\u{ff}')),
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(`${what} is as before after a restore, and back again after going forward`, async (t) => {
    const project = tempProject(t);
    project.write('src/a.txt', 'a');
    project.write('src/deep/c.txt', 'c\r\n');
    project.write('run.sh', '#!/bin/sh\n');
    chmodSync(join(project.tree, 'run.sh'), 0o755);
    project.write('private.txt', 'mine');
    chmodSync(join(project.tree, 'private.txt'), 0o600);
    symlinkSync('src/a.txt', join(project.tree, 'link'));
    const before = project.snapshot();
    const commit = await project.take();
    change(project);
    const after = project.snapshot();
    assert.notDeepEqual(after, before);
    const planned = await project.checkpoints.planRestore(commit);
    assert.deepEqual(project.snapshot(), after, 'a plan changes nothing');
    const restored = await project.restore(commit);
    assert.deepEqual(project.snapshot(), before);
    assert.deepEqual(restored.changes, planned);
    await project.restore(restored.safetyCommit);
    assert.deepEqual(project.snapshot(), after);
    assert.deepEqual(
      readdirSync(project.tree).filter((name) => name.startsWith('.roo-')),
      [],
    );
  });
}

test('folders that came with new files go with them', async (t) => {
  const project = tempProject(t);
  project.write('a', '1');
  const commit = await project.take();
  project.write('one/two/three', 'x');
  await project.restore(commit);
  assert.deepEqual(readdirSync(project.tree), ['a']);
});

test('ignored files and secrets stay as they are, and so do the folders they are in', async (t) => {
  const project = tempProject(t);
  project.write('.gitignore', '*.log\n/build/\n!.env\n');
  project.write('a', '1');
  const commit = await project.take();
  const left = { 'x.log': '1', 'build/out': '2', '.env': 'KEY=3', 'src/new.pem': '4', '.npmrc': '5' };
  for (const [path, text] of Object.entries(left)) project.write(path, text);
  project.write('src/new.ts', 'new');
  const { leftOut } = await project.restore(commit);
  for (const [path, text] of Object.entries(left)) assert.equal(readFileSync(join(project.tree, path), 'utf8'), text);
  assert.equal(existsSync(join(project.tree, 'src/new.ts')), false);
  assert.deepEqual(leftOut.map(({ path }) => path).toSorted(), ['.env', '.npmrc', 'src/new.pem']);
  const { checkpoints } = project;
  assert.deepEqual(await checkpoints.leftAlone(), [
    { path: 'build/', reason: 'ignored' },
    { path: 'x.log', reason: 'ignored' },
  ]);
});

test('an ignored file that is in the way is in the safety checkpoint before it is replaced', async (t) => {
  const project = tempProject(t);
  project.write('out.js', 'recorded');
  const commit = await project.take();
  project.write('.gitignore', 'out.js\n');
  project.write('out.js', 'ignored by now');
  await project.take();
  const { safetyCommit } = await project.restore(commit);
  assert.deepEqual(project.snapshot(), { 'out.js': '644 recorded' });
  await project.restore(safetyCommit);
  assert.equal(project.snapshot()['out.js'], '644 ignored by now');
});

test('a file that is too large to be kept is not overwritten', async (t) => {
  const project = tempProject(t);
  project.write('data', 'small');
  const commit = await project.take();
  writeFileSync(join(project.tree, 'data'), '');
  const { truncateSync } = await import('node:fs');
  truncateSync(join(project.tree, 'data'), 2_000_000_000);
  await assert.rejects(project.restore(commit), {
    code: 'CHECKPOINT_FAILED',
    message: /data would be lost: larger than/,
  });
  const { leftOut } = await project.checkpoints.take({ sessionId: 's', description: '', nowMs: 1 });
  assert.deepEqual(leftOut, [{ path: 'data', reason: 'larger than 100 MB' }]);
});

test('a folder that holds what is left alone does not give way to a file', async (t) => {
  const project = tempProject(t);
  project.write('thing', 'a file');
  const commit = await project.take();
  rmSync(join(project.tree, 'thing'));
  project.write('thing/new', 'x');
  project.write('thing/.env', 'KEY=1');
  const before = project.snapshot();
  await assert.rejects(project.restore(commit), { code: 'CHECKPOINT_FAILED', message: /thing .*holds thing\/\.env/ });
  assert.deepEqual(project.snapshot(), before);
});

test('a link that is left alone is not followed out of the project', async (t) => {
  const project = tempProject(t);
  project.write('dir/a', 'recorded');
  const commit = await project.take();
  rmSync(join(project.tree, 'dir'), { recursive: true });
  const outside = join(project.folder, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(project.tree, 'dir'));
  project.write('.gitignore', '/dir\n');
  await assert.rejects(project.restore(commit), { code: 'CHECKPOINT_FAILED', message: /dir is in the way of dir\/a/ });
  assert.deepEqual(readdirSync(outside), []);
});

test('a checkpoint that is not kept here is said to be so', async (t) => {
  const project = tempProject(t);
  project.write('a', '1');
  await project.take();
  await assert.rejects(project.restore('0'.repeat(40)), { code: 'CHECKPOINT_NOT_FOUND' });
});
