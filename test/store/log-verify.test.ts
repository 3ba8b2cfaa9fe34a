import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { BlobRef } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import type { Verified } from '../../src/store/log-verify.ts';
import { blobsOf, verifyLog } from '../../src/store/log-verify.ts';
import { frameEdges, framesOf, junk, overwritten, zeroed } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { createLog, newSession, readLog, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, calls, says } from '../helpers/walks.ts';

makeSyncingFree();

async function write(store: TempStore, count = 6): Promise<{ id: string; path: string; bytes: Buffer }> {
  const session = newSession(store);
  const writer = createLog(store, session);
  for (let i = 0; i < count; i++) await writer.append([says(`${i}`), { type: 'meta', addTags: [`${i}`] }]);
  await writer.close();
  const path = store.layout.logPath(session.sessionId);
  return { id: session.sessionId, path, bytes: readFileSync(path) };
}

function verify(store: TempStore, id: string, how: 'look' | 'hash' = 'hash'): Verified {
  const reader = LogReader.open(store.layout, id);
  try {
    return verifyLog(reader, how);
  } finally {
    reader.close();
  }
}

describe('verifying a log', () => {
  it('that is in order counts all of its records and finds nothing', async (t) => {
    const store = tempStore(t);
    const { id } = await write(store);
    const recordsOk = readLog(store.layout, id).records.length;
    assert.deepEqual(verify(store, id), {
      health: 'ok',
      recordsOk,
      recordsDamaged: 0,
      bytesKept: 0,
      spans: [],
      blobs: [],
    });
  });

  it('whose end is torn calls that torn and loses nothing', async (t) => {
    const store = tempStore(t);
    const { id, path, bytes } = await write(store);
    const cut = bytes.length - 11;
    writeFileSync(path, bytes.subarray(0, cut));
    const { health, recordsDamaged, bytesKept, spans } = verify(store, id);
    const edge = frameEdges(bytes).findLast((each) => each <= cut)!;
    assert.deepEqual(spans, [{ part: 1, offsetBytes: edge, lengthBytes: cut - edge, reason: 'torn' }]);
    assert.deepEqual(
      { health, recordsDamaged, bytesKept },
      { health: 'torn', recordsDamaged: 0, bytesKept: cut - edge },
    );
  });

  const DAMAGE: Record<string, { lost: number; damage(bytes: Buffer): Buffer }> = {
    'one byte of a payload changed': {
      lost: 2,
      damage: (bytes) => overwritten(bytes, frameEdges(bytes)[3]! + 70, junk(1)),
    },
    'a whole frame zeroed': {
      lost: 1,
      damage: (bytes) => zeroed(bytes, frameEdges(bytes)[3]!, frameEdges(bytes)[4]!),
    },
    'a frame taken out': {
      lost: 1,
      damage: (bytes) => Buffer.concat(framesOf(bytes).filter((_, index) => index !== 3)),
    },
    'two frames zeroed': { lost: 2, damage: (bytes) => zeroed(bytes, frameEdges(bytes)[3]!, frameEdges(bytes)[5]!) },
    'two places': {
      lost: 4,
      damage: (bytes) => {
        const once = overwritten(bytes, frameEdges(bytes)[2]! + 70, junk(1));
        return overwritten(once, frameEdges(bytes)[4]! + 70, junk(1));
      },
    },
  };
  for (const [name, { lost, damage }] of Object.entries(DAMAGE)) {
    it(`with ${name} counts what is lost and changes nothing`, async (t) => {
      const store = tempStore(t);
      const { id, path, bytes } = await write(store);
      const whole = readLog(store.layout, id).records.length;
      const damaged = damage(bytes);
      writeFileSync(path, damaged);
      const found = verify(store, id);
      assert.equal(found.health, 'damaged');
      assert.equal(found.recordsDamaged, lost);
      assert.ok(found.recordsOk >= whole - 4 && found.recordsOk < whole);
      assert.equal(
        found.bytesKept,
        found.spans.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
      );
      assert.ok(readFileSync(path).equals(damaged));
    });
  }

  it('says that frames of another log are foreign, and that nothing of ours is lost', async (t) => {
    const store = tempStore(t);
    const [mine, other] = [await write(store), await write(store)];
    const [first, ...rest] = framesOf(mine.bytes);
    writeFileSync(mine.path, Buffer.concat([first!, framesOf(other.bytes)[2]!, ...rest]));
    const { health, recordsDamaged, spans } = verify(store, mine.id);
    assert.equal(health, 'damaged');
    assert.equal(recordsDamaged, 0);
    assert.deepEqual(
      spans.map(({ reason }) => reason),
      ['foreign'],
    );
  });

  it('looks for its blobs, and hashes them when asked', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    await writer.append([calls('a', ['1', '2']), answers('1', noise(1, 300_000)), answers('2', noise(2, 300_000))]);
    await writer.close();
    const id = session.sessionId;
    const [first, second] = readLog(store.layout, id).records.flatMap((record) => [...blobsOf(record)]) as [
      BlobRef,
      BlobRef,
    ];
    assert.deepEqual(verify(store, id).blobs, []);
    const folder = store.layout.blobDir(session.family);
    rmSync(join(folder, first.hash));
    writeFileSync(join(folder, second.hash), junk(second.bytes));
    assert.deepEqual(verify(store, id, 'look').blobs, [{ hash: first.hash, reason: 'missing' }]);
    const { health, blobs, recordsDamaged } = verify(store, id, 'hash');
    assert.equal(health, 'damaged');
    assert.equal(recordsDamaged, 2);
    assert.deepEqual(blobs, [
      { hash: first.hash, reason: 'missing' },
      { hash: second.hash, reason: 'damaged' },
    ]);
  });
});

function hash(digit: string): string {
  return digit.repeat(64);
}

describe('the blobs of a record', () => {
  it('are its whole, its output and its images', () => {
    const record = {
      type: 'tool-end',
      id: 'x',
      at: '',
      spilled: { hash: hash('a'), bytes: 1 },
      blob: { hash: hash('b'), bytes: 1 },
      parts: [{ type: 'image', blob: { hash: hash('c'), bytes: 1 } }, { type: 'text', text: '' }, null],
    };
    assert.deepEqual(
      [...blobsOf(record)].map((ref) => ref.hash[0]),
      ['a', 'b', 'c'],
    );
  });

  it('are none where there are none, or where the name is no hash', () => {
    assert.deepEqual([...blobsOf({ type: 'x', id: '', at: '' })], []);
    assert.deepEqual([...blobsOf({ type: 'x', id: '', at: '', blob: { hash: '../x', bytes: 1 }, parts: 'none' })], []);
  });
});
