import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { replaceFile } from '../../src/store/durable-files.ts';
import { LogWriter } from '../../src/store/log-writer.ts';
import { tryLock } from '../../src/store/session-lock.ts';
import { createLog, newSession, openLog, tempStore, userSays, writerOptions } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';

describe('everything that a store writes', { skip: process.platform === 'win32' && 'no modes here' }, () => {
  for (const umask of [0o000, 0o022, 0o077, 0o777]) {
    it(`is its owner’s alone under umask ${umask.toString(8).padStart(3, '0')}`, async (t) => {
      const before = process.umask(umask);
      t.after(() => process.umask(before));
      const store = tempStore(t);
      await writeOneOfEach(store);
      const folders = ['sessions', 'state', 'sessions/blobs'];
      for (const entry of readdirSync(store.directory, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        const mode = statSync(path).mode & 0o777;
        assert.equal(mode.toString(8), entry.isDirectory() ? '700' : '600', path);
      }
      for (const folder of folders) assert.ok(statSync(join(store.directory, folder)).isDirectory());
    });
  }

  it('leaves a folder that was there as its owner made it', async (t) => {
    const store = tempStore(t);
    mkdirSync(store.layout.sessionsDir, { mode: 0o750 });
    const writer = createLog(store, newSession(store));
    await writer.append([userSays('x')]);
    await writer.close();
    assert.equal(statSync(store.layout.sessionsDir).mode & 0o777, 0o750);
  });
});

/** A log of two parts with a torn tail cut off, a blob, a lock, a file that was replaced. */
async function writeOneOfEach(store: TempStore): Promise<void> {
  const session = newSession(store);
  const id = session.sessionId;
  const lock = tryLock(store.layout, id, '')!;
  const writer = LogWriter.create(store.layout, session, writerOptions(store, { partBytesMax: 1 }), lock);
  await writer.append([userSays('x'.repeat(300_000))]);
  await writer.append([userSays('in the second part')]);
  await writer.close();
  const path = store.layout.logPath(id, 2);
  truncateSync(path, statSync(path).size - 10);
  const again = openLog(store, id);
  await again.append([userSays('after the tail was cut')]);
  await again.close();
  assert.ok(again.tornPath);
  replaceFile(join(store.layout.sessionsDir, 'metadata.json'), Buffer.from('{}'));
  const held = tryLock(store.layout, id, '')!;
  held.release();
}
