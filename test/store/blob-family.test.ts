import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { NewRecord } from '../../src/core/record.ts';
import { familyOf, sweepBlobs } from '../../src/store/blob-family.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { planFork } from '../../src/store/session-fork.ts';
import { tryLock } from '../../src/store/session-lock.ts';
import { moveToTrash } from '../../src/store/trash.ts';
import { frameEdges, junk, overwritten } from '../helpers/damage.ts';
import { documentText, storySession } from '../helpers/format1-documents.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { createLog, newSession, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, calls } from '../helpers/walks.ts';

makeSyncingFree();

/** A session with an output that is a blob, and a fork of it with one of its own. */
async function family(store: TempStore): Promise<{ id: string; forked: string; blobs(): string[] }> {
  const session = newSession(store);
  const writer = createLog(store, session);
  await writer.append([calls('a', ['1']), answers('1', noise(1, 300_000))]);
  await writer.close();
  const id = session.sessionId;
  const forked = await fork(store, id, [calls('b', ['2']), answers('2', noise(2, 300_000))]);
  return { id, forked, blobs: () => readdirSync(store.layout.blobDir(id)).toSorted() };
}

async function fork(store: TempStore, id: string, own: NewRecord[]): Promise<string> {
  const reader = LogReader.open(store.layout, id);
  const { session, records } = planFork(reader, null, null, store.clock, () => assert.fail());
  reader.close();
  const writer = createLog(store, session);
  await writer.append([...records, ...own]);
  await writer.close();
  return session.sessionId;
}

describe('the blobs of a family', () => {
  it('that only the purged session names go, those of its fork stay', async (t) => {
    const store = tempStore(t);
    const { id, forked, blobs } = await family(store);
    assert.equal(familyOf(store.layout, forked), id);
    const before = blobs();
    assert.equal(before.length, 2);
    const { bytesFreed, kept } = sweepBlobs(store.layout, id, id);
    assert.deepEqual({ bytesFreed, kept }, { bytesFreed: 300_000, kept: null });
    assert.equal(blobs().length, 1);
    assert.ok(before.includes(blobs()[0]!));
  });

  it('go with the last session, and their folder with them', async (t) => {
    const store = tempStore(t);
    const { id, forked } = await family(store);
    sweepBlobs(store.layout, id, forked);
    assert.equal(existsSync(store.layout.blobDir(id)), true);
    rmSync(store.layout.logPath(forked));
    writeFileSync(join(store.layout.blobDir(id), 'a.tmp'), '');
    assert.equal(sweepBlobs(store.layout, id, id).kept, null);
    assert.equal(existsSync(store.layout.blobDir(id)), false);
  });

  it('that a session in the trash names stay', async (t) => {
    const store = tempStore(t);
    const { id, forked, blobs } = await family(store);
    moveToTrash(store.layout, { id: forked, name: '', deletedAt: '2026-01-01T00:00:00.000Z', reason: '' });
    sweepBlobs(store.layout, id, 'nobody');
    assert.equal(blobs().length, 2);
  });

  const HINDRANCES: Record<string, (store: TempStore, forked: string) => RegExp> = {
    'a session of the family is open': (store, forked) => {
      tryLock(store.layout, forked, '');
      return /is open in another process/;
    },
    'a session of the family is damaged': (store, forked) => {
      const path = store.layout.logPath(forked);
      const bytes = readFileSync(path);
      writeFileSync(path, overwritten(bytes, frameEdges(bytes)[1]! + 70, junk(9)));
      return /is damaged/;
    },
    'a session of the family was repaired': (store, forked) => {
      writeFileSync(join(store.layout.sessionsDir, `session-${forked}.damaged-1`), '');
      return /was repaired/;
    },
    'a session cannot be read': (store) => {
      writeFileSync(store.layout.logPath('a0000000-0000-4000-8000-000000000001'), junk(100));
      return /cannot be read/;
    },
  };
  for (const [name, hinder] of Object.entries(HINDRANCES)) {
    it(`all stay while ${name}, and it says so`, async (t) => {
      const store = tempStore(t);
      const { id, forked, blobs } = await family(store);
      const why = hinder(store, forked);
      const { bytesFreed, kept } = sweepBlobs(store.layout, id, id);
      assert.equal(bytesFreed, 0);
      assert.match(kept!, why);
      assert.equal(blobs().length, 2);
    });
  }

  it('do not stay for a document of format 1, which has everything in itself', async (t) => {
    const store = tempStore(t);
    const { id } = await family(store);
    const old = 'a0000000-0000-4000-8000-000000000001';
    writeFileSync(store.layout.logPath(old), documentText(storySession(old)));
    assert.deepEqual(sweepBlobs(store.layout, id, id), { bytesFreed: 300_000, kept: null });
  });

  it('keep what a crash left of a call without an end, and lose what it left of others', async (t) => {
    const store = tempStore(t);
    const { id, forked, blobs } = await family(store);
    await fork(store, forked, [calls('c', ['open-call'])]);
    const folder = store.layout.blobDir(id);
    for (const name of ['partial-open-call', 'partial-gone', '1b2c.tmp']) writeFileSync(join(folder, name), 'so far');
    sweepBlobs(store.layout, id, 'nobody');
    assert.deepEqual(
      blobs().filter((name) => name.length !== 64),
      ['partial-open-call'],
    );
  });

  it('of a session without any are none, and nothing is made', (t) => {
    const store = tempStore(t);
    mkdirSync(store.layout.sessionsDir, { recursive: true });
    assert.deepEqual(sweepBlobs(store.layout, 'a', 'a'), { bytesFreed: 0, kept: null });
    assert.deepEqual(readdirSync(store.layout.sessionsDir), []);
    assert.equal(familyOf(store.layout, 'a'), null);
  });

  it('named only in what was spilled of a record stay', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const images = Array.from({ length: 80 }, (_, i) => writer.blobs.put(Buffer.from(`image ${i}`)));
    const parts = images.map((blob) => ({
      type: 'image' as const,
      mediaType: 'image/png',
      blob,
      path: noise(1, 4000),
    }));
    await writer.append([calls('a', ['1']), { type: 'tool-end', callId: '1', status: 'ok', output: '', parts }]);
    await writer.close();
    const id = session.sessionId;
    const before = readdirSync(store.layout.blobDir(id)).length;
    assert.ok(before > 80, 'the record was spilled');
    sweepBlobs(store.layout, id, 'nobody');
    assert.equal(readdirSync(store.layout.blobDir(id)).length, before);
  });
});
