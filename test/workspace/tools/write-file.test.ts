import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool } from './run-tool.ts';

test('a new file is made with the folders above it, and its lines are counted', async (t) => {
  const folder = tempFolder(t);
  const end = await callTool('write_file', folder, { path: 'a/b/c.txt', content: 'one\ntwo' });
  assert.deepEqual([end.status, end.output], ['ok', `Created ${join(folder, 'a/b/c.txt')}: 2 lines.`]);
  assert.equal(readFileSync(join(folder, 'a/b/c.txt'), 'utf8'), 'one\ntwo');
});

test('a file that is there is replaced, keeps its mode, and leaves nothing beside it', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'run.sh');
  writeFileSync(path, 'old');
  chmodSync(path, 0o755);
  const { output } = await callTool('write_file', folder, { path: 'run.sh', content: 'new\n' });
  assert.match(output!, /^Overwrote .*: 1 lines\.$/);
  assert.equal(readFileSync(path, 'utf8'), 'new\n');
  assert.equal(statSync(path).mode & 0o777, 0o755);
  assert.deepEqual(readdirSync(folder), ['run.sh']);
});

test('a new file has the mode that the user has chosen for new files', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'other'), '');
  await callTool('write_file', folder, { path: 'mine', content: '' });
  assert.equal(statSync(join(folder, 'mine')).mode, statSync(join(folder, 'other')).mode);
});

test('a link stays a link and the file behind it is written, also where there is none yet', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real', 'a'), 'old');
  symlinkSync('real/a', join(folder, 'one'));
  symlinkSync('one', join(folder, 'two'));
  symlinkSync('real/b', join(folder, 'dangling'));
  await callTool('write_file', folder, { path: 'two', content: 'new' });
  await callTool('write_file', folder, { path: 'dangling', content: 'made' });
  assert.equal(readFileSync(join(folder, 'real', 'a'), 'utf8'), 'new');
  assert.equal(readFileSync(join(folder, 'real', 'b'), 'utf8'), 'made');
  for (const link of ['one', 'two', 'dangling']) assert.ok(lstatSync(join(folder, link)).isSymbolicLink(), link);
});

test('a file where a folder should be, and half a character, are refused and nothing is written', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), 'x');
  const below = await callTool('write_file', folder, { path: 'file/a', content: 'y' });
  assert.equal(below.status, 'error');
  const half = await callTool('write_file', folder, { path: 'new', content: '\ud83d' });
  assert.match(half.output!, /half a character/);
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('on a full disk the old content stays, and nothing half-written is left', async (t) => {
  const folder = tempFolder(t);
  const script = `
    import { writeFileSync, readFileSync, readdirSync } from 'node:fs';
    import { callTool } from ${JSON.stringify(join(import.meta.dirname, 'run-tool.ts'))};
    writeFileSync('kept', 'old');
    // A limit on the size of files refuses a write as a full disk does: half-way.
    process.on('SIGXFSZ', () => {});
    const end = await callTool('write_file', process.cwd(), { path: 'kept', content: 'x'.repeat(3_000_000) });
    console.log(JSON.stringify([end.status, readFileSync('kept', 'utf8'), readdirSync('.')]));`;
  const command = `ulimit -f 1024; exec "$0" --input-type=module -e "$1"`;
  const printed = execFileSync('/bin/bash', ['-c', command, process.execPath, script], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.deepEqual(JSON.parse(printed), ['error', 'old', ['kept']]);
});
