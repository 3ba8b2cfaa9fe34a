import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BlobStore } from '../../src/store/blob-store.ts';
import { runs } from '../helpers/slow.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const MEBIBYTE = 1024 * 1024;

describe('a blob store', () => {
  it('keeps bytes under the name that sha256sum gives them, once', (t) => {
    const blobs = new BlobStore(join(tempFolder(t), 'family'));
    const bytes = Buffer.from('some bytes');
    const ref = blobs.put(bytes);
    assert.deepEqual(ref, { hash: createHash('sha256').update(bytes).digest('hex'), bytes: 10 });
    assert.deepEqual(blobs.put(bytes), ref);
    assert.deepEqual(readdirSync(blobs.directory), [ref.hash]);
    assert.ok(blobs.read(ref).equals(bytes));
    assert.equal(statSync(blobs.path(ref)).mode & 0o777, 0o600);
    assert.equal(statSync(blobs.directory).mode & 0o777, 0o700);
  });

  it('writes bytes again where a bad copy left something shorter', (t) => {
    const blobs = new BlobStore(tempFolder(t));
    const bytes = Buffer.from('some bytes');
    const ref = blobs.put(bytes);
    truncateSync(blobs.path(ref), 3);
    blobs.put(bytes);
    assert.ok(blobs.read(ref).equals(bytes));
  });

  it('says that a blob is missing, and where it should be', (t) => {
    const blobs = new BlobStore(tempFolder(t));
    const ref = blobs.put(Buffer.from('some bytes'));
    const path = blobs.path(ref);
    rmSync(path);
    assert.equal(blobs.has(ref), false);
    for (const read of [
      () => blobs.read(ref),
      () => blobs.stream(ref),
      () => blobs.start(ref, 5),
      () => blobs.isWhole(ref),
    ]) {
      assert.throws(read, { code: 'BLOB_MISSING', path, hint: /blobs folder/ });
    }
  });

  for (const [name, damage] of Object.entries<(path: string) => void>({
    'has another byte': (path) => writeFileSync(path, 'some byteS'),
    'was cut': (path) => truncateSync(path, 9),
    'has grown': (path) => writeFileSync(path, 'some bytes and more'),
    'is empty': (path) => truncateSync(path, 0),
  })) {
    it(`does not hand out one that ${name}`, (t) => {
      const blobs = new BlobStore(tempFolder(t));
      const ref = blobs.put(Buffer.from('some bytes'));
      damage(blobs.path(ref));
      assert.throws(() => blobs.read(ref), { code: 'BLOB_DAMAGED', path: blobs.path(ref) });
      assert.equal(blobs.isWhole(ref), false);
    });
  }

  it('is not led out of its folder by a name in a stranger’s log', (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'secret'), 'of somebody else');
    const blobs = new BlobStore(join(folder, 'family'));
    for (const hash of ['../secret', join(folder, 'secret'), '', 'x'.repeat(64), 'A'.repeat(64)]) {
      const ref = { hash, bytes: 16 };
      for (const use of [() => blobs.has(ref), () => blobs.read(ref), () => blobs.stream(ref), () => blobs.path(ref)]) {
        assert.throws(use, { code: 'BLOB_DAMAGED' });
      }
    }
  });

  it('takes an output of any size piece by piece, in bounded memory', (t) => {
    const blobs = new BlobStore(tempFolder(t));
    const writer = blobs.writer();
    const sum = createHash('sha256');
    const piece = Buffer.alloc(MEBIBYTE);
    const pieces = runs(64, 1024);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < pieces; i++) {
      piece.fill(i);
      writer.write(piece);
      sum.update(piece);
    }
    const ref = writer.finish();
    assert.ok(process.memoryUsage().rss - before < 48 * MEBIBYTE, 'it was held in memory');
    assert.deepEqual(ref, { hash: sum.digest('hex'), bytes: pieces * MEBIBYTE });
    assert.deepEqual(readdirSync(blobs.directory), [ref.hash]);
    assert.ok(blobs.isWhole(ref));
  });

  it('streams back what it was given', async (t) => {
    const blobs = new BlobStore(tempFolder(t));
    const bytes = Buffer.alloc(300_000, 'ab');
    const pieces: Buffer[] = [];
    for await (const piece of blobs.stream(blobs.put(bytes))) pieces.push(piece as Buffer);
    assert.ok(Buffer.concat(pieces).equals(bytes));
  });

  it('leaves nothing behind of what was abandoned, however often', (t) => {
    const blobs = new BlobStore(tempFolder(t));
    const writer = blobs.writer();
    writer.write(Buffer.from('begun'));
    assert.equal(readdirSync(blobs.directory).length, 1);
    writer.abandon();
    writer.abandon();
    assert.deepEqual(readdirSync(blobs.directory), []);
    assert.throws(() => writer.write(Buffer.from('more')), { name: 'SessionError' });
    assert.throws(() => writer.finish(), { name: 'SessionError' });
    assert.deepEqual(readdirSync(blobs.directory), []);
  });

  it('gives the beginning of a text without half a character', (t) => {
    const blobs = new BlobStore(tempFolder(t));
    const ref = blobs.put(Buffer.from('äöü'));
    assert.equal(blobs.start(ref, 3), 'ä');
    assert.equal(blobs.start(ref, 100), 'äöü');
    assert.equal(readFileSync(blobs.path(ref), 'utf8'), 'äöü');
  });
});
