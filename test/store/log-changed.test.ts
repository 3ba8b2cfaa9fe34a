import { atNextSync } from '../helpers/at-sync.ts';
import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { createLog, newSession, openLog, readLog, tempStore, textsOf, userSays } from '../helpers/temp-store.ts';

/** What somebody else does to the file at a log's path, while a writer has it open. */
const CHANGES: Record<string, (path: string) => void> = {
  'replaced by a rename': (path) => {
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
  },
  removed: (path) => rmSync(path),
  'moved away': (path) => renameSync(path, `${path}.away`),
  'grown by another writer': (path) => appendFileSync(path, readFileSync(path).subarray(-200)),
  'cut short': (path) => truncateSync(path, statSync(path).size - 1),
  emptied: (path) => truncateSync(path, 0),
  'replaced by a link': (path) => {
    renameSync(path, `${path}.away`);
    writeFileSync(`${path}.elsewhere`, 'not a log');
    symlinkSync(`${path}.elsewhere`, path);
  },
};

describe('a log that is', () => {
  for (const [name, change] of Object.entries(CHANGES)) {
    it(`${name} under its writer is not written any more, and nothing is acknowledged`, async (t) => {
      const store = tempStore(t);
      const session = newSession(store);
      const path = store.layout.logPath(session.sessionId);
      const writer = createLog(store, session);
      await writer.append([userSays('before')]);
      change(path);
      const after = contentOf(path);
      const refused = { code: 'LOG_CHANGED', path, op: 'append' };
      await assert.rejects(writer.append([userSays('lost')]), refused);
      await assert.rejects(writer.append([userSays('also lost')]), refused);
      await writer.close();
      assert.deepEqual(contentOf(path), after, 'the writer wrote to a file that is not its own');
    });

    it(`${name} while a record is synced does not acknowledge that record`, async (t) => {
      const store = tempStore(t);
      const session = newSession(store);
      const path = store.layout.logPath(session.sessionId);
      const writer = createLog(store, session);
      await writer.append([userSays('before')]);
      atNextSync(() => change(path));
      await assert.rejects(writer.append([userSays('in between')]), { code: 'LOG_CHANGED', path });
      await assert.rejects(writer.append([userSays('after')]), { code: 'LOG_CHANGED' });
      await writer.close();
    });
  }

  it('opened again after another writer took it over goes on from what is there', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const first = createLog(store, session);
    await first.append([userSays('one')]);
    // Its lock was broken: another one writes, as a newer epoch.
    const second = openLog(store, session.sessionId);
    await second.append([userSays('two')]);
    await assert.rejects(first.append([userSays('never')]), { code: 'LOG_CHANGED' });
    await first.close();
    await second.append([userSays('three')]);
    await second.close();
    const { records, health } = readLog(store.layout, session.sessionId);
    assert.deepEqual(textsOf(records), ['one', 'two', 'three']);
    assert.equal(health, 'ok');
    const epochs = records.flatMap((record) => (record.type === 'epoch' ? [(record as { epoch: number }).epoch] : []));
    assert.deepEqual(epochs, [1, 2]);
  });
});

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
