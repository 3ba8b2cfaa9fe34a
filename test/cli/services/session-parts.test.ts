import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { collected, digits, filesIn, says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';
import type { TempHome } from '../../helpers/temp-home.ts';

makeSyncingFree();

/** A store whose logs go on in a next part after 10 kB, and a session that has several. */
async function manyParts(home: TempHome): Promise<{ storage: SessionStorage; id: string; texts: string[] }> {
  const storage = home.storage({ settings: { maxSessionSize: 0.01 } });
  const texts = Array.from({ length: 40 }, (_, i) => `${i} ${digits(i, 2_000)}`);
  const id = await writeSession(storage, [says(texts[0]!)]);
  const writer = await storage.writers.open(id);
  for (const text of texts.slice(1)) await writer.append([says(text)]);
  await storage.writers.close(writer);
  return { storage, id, texts };
}

function partsOf(storage: SessionStorage, id: string): string[] {
  return readdirSync(storage.layout.sessionsDir).filter((name) => name.startsWith(`session-${id}.`));
}

describe('a session that grew past its size', () => {
  it('is one session: one row with all of its bytes, one transcript, one history', async (t) => {
    const { storage, id, texts } = await manyParts(tempHome(t));
    const parts = partsOf(storage, id);
    assert.ok(parts.length >= 3, `${parts}`);
    const [row, ...others] = storage.list().sessions;
    assert.deepEqual(others, []);
    assert.equal(row!.messageCount, 40);
    assert.equal(
      row!.size,
      parts.reduce((sum, name) => sum + statSync(`${storage.layout.sessionsDir}/${name}`).size, 0),
    );
    assert.deepEqual(await textsShown(storage, id), texts);
    const session = await storage.loadSession(id);
    assert.deepEqual(
      session.history.messages.map(({ content }) => content),
      texts,
    );
    assert.deepEqual((await collected(storage.olderMessages(id, session.history.messages[20]!.id!))).length, 20);
    const { health, recordsDamaged } = await storage.verify(id);
    assert.deepEqual([health, recordsDamaged], ['ok', 0]);
    assert.equal((await storage.find('"0"')).sessions[0]?.id ?? id, id);
  });

  it('goes on in its last part, also when that ends torn', async (t) => {
    const { storage, id, texts } = await manyParts(tempHome(t));
    const last = storage.layout.logPath(id, partsOf(storage, id).length);
    const size = statSync(last).size;
    truncateSync(last, size - 7);
    assert.equal(storage.list().sessions[0]!.health, 'torn');
    await storage.change(id, [says('goes on')]);
    const shown = await textsShown(storage, id);
    assert.equal(shown.at(-1), 'goes on');
    assert.deepEqual(shown.slice(0, -1), texts);
    assert.equal((await storage.verify(id)).health, 'ok');
    assert.equal(partsOf(storage, id).filter((name) => name.includes('torn')).length, 1);
  });

  it('becomes one file again when it is archived', async (t) => {
    const { storage, id, texts } = await manyParts(tempHome(t));
    const fork = await storage.fork(id, '30', null);
    await storage.archive(id);
    assert.deepEqual(partsOf(storage, id), [`session-${id}.json.gz`]);
    assert.deepEqual(await textsShown(storage, id), texts);
    assert.deepEqual(await textsShown(storage, fork), texts.slice(0, 30));
  });

  it('goes to the trash and comes back with all of them', async (t) => {
    const home = tempHome(t);
    const { storage, id, texts } = await manyParts(home);
    const before = filesIn(home.sessionsDir);
    await storage.trash(id, '');
    assert.deepEqual(partsOf(storage, id), []);
    await storage.undelete(id);
    assert.deepEqual(filesIn(home.sessionsDir), before);
    assert.deepEqual(await textsShown(storage, id), texts);
    await storage.purge(id);
    assert.deepEqual(partsOf(storage, id), []);
  });

  for (const lost of [1, 2]) {
    it(`is listed, read and repaired when its part ${lost} is lost`, async (t) => {
      const { storage, id, texts } = await manyParts(tempHome(t));
      rmSync(storage.layout.logPath(id, lost));
      assert.equal(storage.list().sessions.length, 1);
      const shown = await textsShown(storage, id);
      assert.ok(shown.length > 10 && shown.length < 40);
      assert.ok(shown.every((text) => texts.includes(text)));
      assert.equal((await storage.verify(id)).health, 'damaged');
      assert.equal((await storage.repair(id)).health, 'ok');
      const after = await textsShown(storage, id);
      assert.ok(shown.every((text) => after.includes(text)));
      await storage.change(id, [says('goes on')]);
      assert.equal((await textsShown(storage, id)).at(-1), 'goes on');
    });
  }

  it('never does so when the size is zero, nor for what is imported', async (t) => {
    const home = tempHome(t);
    const storage = home.storage({ settings: { maxSessionSize: 0 } });
    const id = await writeSession(storage, [says(digits(1, 100_000))]);
    await storage.change(id, [says(digits(2, 100_000))]);
    assert.equal(partsOf(storage, id).length, 1);
    const small = home.storage({ settings: { maxSessionSize: 0.001 } });
    const first = small.newSessionRecord({ project: { path: '/w' }, origin: { kind: 'import', agent: 'x' } });
    const writer = small.createWriter(first);
    for (let i = 0; i < 5; i++) await writer.append([says(digits(i, 10_000))]);
    await small.closeWriter(writer);
    assert.equal(partsOf(small, first.sessionId).length, 1);
    assert.ok(readFileSync(small.layout.logPath(first.sessionId)).length > 10_000);
  });
});
