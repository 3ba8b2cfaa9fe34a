import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ensureDirectory, isThere, replaceFile, writeNewFile } from '../../src/store/durable-files.ts';
import { readSafely } from '../../src/store/safe-file.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('files that are written to stay', () => {
  it('are replaced whole, and leave nothing beside them', (t) => {
    const folder = tempFolder(t);
    const path = join(folder, 'file');
    replaceFile(path, Buffer.from('one'));
    replaceFile(path, Buffer.alloc(1_000_000, 'x'));
    assert.equal(readFileSync(path).length, 1_000_000);
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('stay as they were when they cannot be replaced', (t) => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'a-folder'));
    assert.throws(() => replaceFile(join(folder, 'a-folder'), Buffer.from('x')), {
      code: 'STORE_UNREADABLE',
      op: 'write',
    });
    assert.throws(() => replaceFile(join(folder, 'missing', 'file'), Buffer.from('x')), { code: 'STORE_UNREADABLE' });
    assert.deepEqual(readdirSync(folder), ['a-folder']);
  });

  it('are never written over something, nor through a link', (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'there'), 'old');
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
    for (const name of ['there', 'link']) {
      assert.throws(() => writeNewFile(join(folder, name), Buffer.from('new')), { code: 'EEXIST' });
    }
    assert.equal(readFileSync(join(folder, 'there'), 'utf8'), 'old');
    assert.equal(isThere(join(folder, 'elsewhere')), false);
  });

  it('are missing only when they are', (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('circle', join(folder, 'circle'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    assert.equal(readSafely(join(folder, 'missing')), null);
    assert.deepEqual(readSafely(join(folder, 'file')), Buffer.alloc(0));
    assert.throws(() => readSafely(folder), { code: 'STORE_UNSAFE', path: folder });
    assert.equal(isThere(join(folder, 'missing', 'deeper')), false);
    assert.equal(isThere(join(folder, 'dangling')), true);
    assert.throws(() => isThere(join(folder, 'circle', 'x')), { code: 'STORE_UNSAFE' });
  });

  it('get the folders they need, but none inside a file', (t) => {
    const folder = tempFolder(t);
    ensureDirectory(join(folder, 'a', 'b', 'c'));
    ensureDirectory(join(folder, 'a', 'b', 'c'));
    writeFileSync(join(folder, 'file'), '');
    const inside = join(folder, 'file', 'x');
    assert.throws(() => ensureDirectory(inside), { code: 'STORE_UNREADABLE', op: 'create', path: inside });
  });
});
