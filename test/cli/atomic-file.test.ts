import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomically } from '../../src/cli/atomic-file.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

test('a file is replaced as a whole, and its bytes are counted', async (t) => {
  const path = join(tempFolder(t), 'out');
  writeFileSync(path, 'before');
  assert.equal(await writeFileAtomically(path, ['é', '\n']), 3);
  assert.equal(readFileSync(path, 'utf8'), 'é\n');
});

async function* failing(): AsyncIterable<string> {
  yield 'half';
  throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
}

test('when the content fails half way, what was there before stays and nothing is left behind', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'out');
  writeFileSync(path, 'before');
  await assert.rejects(writeFileAtomically(path, failing()), { code: 'STORE_FULL', path });
  assert.equal(readFileSync(path, 'utf8'), 'before');
  assert.deepEqual(readdirSync(folder), ['out']);
});

test('a folder that is not there is not made up', async (t) => {
  const path = join(tempFolder(t), 'typo', 'out');
  await assert.rejects(writeFileAtomically(path, ['x']), { code: 'STORE_UNREADABLE', path });
});

test('a folder is not replaced by a file', async (t) => {
  const path = join(tempFolder(t), 'folder');
  mkdirSync(path);
  await assert.rejects(writeFileAtomically(path, ['x']), { code: 'STORE_UNREADABLE' });
});

test('a device is written to and stays a device', { skip: process.platform === 'win32' }, async () => {
  assert.equal(await writeFileAtomically('/dev/null', ['gone']), 4);
  assert.throws(() => readdirSync('/dev/null'), { code: 'ENOTDIR' });
});
