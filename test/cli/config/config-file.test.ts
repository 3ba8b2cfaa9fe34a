import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { editConfigFile } from '../../../src/cli/config/config-file.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

test('the first setting makes the file, readable by its owner only', async (t) => {
  const path = join(tempFolder(t), '.roo', 'config.json');
  await editConfigFile(path, 'retention.keepLast', 5);
  assert.deepEqual(read(path), { retention: { keepLast: 5 } });
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('keys of others are kept, and nothing else is left in the folder', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'config.json');
  writeFileSync(path, '{"theirs": {"x": [1]}, "autoSave": true}');
  await editConfigFile(path, 'autoSave', false);
  await editConfigFile(path, 'retention.keepLast', 5);
  await editConfigFile(path, 'retention.keepLast', undefined);
  assert.deepEqual(read(path), { theirs: { x: [1] }, autoSave: false });
  assert.deepEqual(readdirSync(folder), ['config.json']);
});

test('a file that cannot be understood is not overwritten', async (t) => {
  const path = join(tempFolder(t), 'config.json');
  for (const text of ['{ broken', '[]', '{"retention": 5}']) {
    writeFileSync(path, text);
    await assert.rejects(editConfigFile(path, 'retention.keepLast', 5), { code: 'CONFIG_INVALID', path });
    assert.equal(readFileSync(path, 'utf8'), text);
  }
});

test('a file reached through a link is changed where it is, and the link stays', async (t) => {
  const folder = tempFolder(t);
  const real = join(folder, 'dotfiles.json');
  const link = join(folder, 'config.json');
  writeFileSync(real, '{}');
  symlinkSync(real, link);
  await editConfigFile(link, 'model', 'x/y');
  assert.deepEqual(read(real), { model: 'x/y' });
  assert.deepEqual(readdirSync(folder).sort(), ['config.json', 'dotfiles.json']);
});
