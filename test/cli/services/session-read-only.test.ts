// A session that is to stay as it is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReadOnly, readOnlyRecord } from '../../../src/core/read-only.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { SessionSerializer } from '../../../src/cli/services/SessionSerializer.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { says, shown, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

const REFUSED = { code: 'SESSION_READ_ONLY', hint: /--writable/ };

/** Ways to write to a session. */
const WRITES: Readonly<Record<string, (storage: SessionStorage, id: string) => Promise<unknown>>> = {
  'a message': (storage, id) => storage.change(id, [says('more')]),
  'a name': (storage, id) => storage.change(id, [{ type: 'meta', name: 'x' }]),
  'another preference': (storage, id) => storage.change(id, [{ type: 'config', patch: { autoSave: false } }]),
  'a writer of its own': (storage, id) => storage.writers.open(id),
  'archiving it': (storage, id) => storage.archive(id),
  'saving it with a new name': async (storage, id) => {
    const session = await storage.loadSession(id);
    session.name = 'x';
    await storage.saveSession(session);
  },
};

async function readOnly(storage: SessionStorage): Promise<string> {
  const id = await writeSession(storage);
  await storage.change(id, [readOnlyRecord('read-only')]);
  return id;
}

describe('a session that is read-only', () => {
  for (const [name, write] of Object.entries(WRITES)) {
    it(`refuses ${name}, and says how it can be written again`, async (t) => {
      const storage = tempHome(t).storage();
      const id = await readOnly(storage);
      await assert.rejects(write(storage, id), REFUSED);
      assert.deepEqual(await textsShown(storage, id), ['hello']);
      await storage.change(id, [readOnlyRecord('writable')]);
      const written = await write(storage, id);
      if (name === 'a writer of its own') await storage.writers.close(written as never);
    });
  }

  it('refuses whoever has had it open before, from then on', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const writer = await storage.writers.open(id);
    await storage.change(id, [readOnlyRecord('read-only')]);
    await assert.rejects(writer.append([says('more')]), REFUSED);
    await storage.change(id, [readOnlyRecord('writable')]);
    await writer.append([says('more')]);
    await storage.writers.close(writer);
    assert.deepEqual(await textsShown(storage, id), ['hello', 'more']);
  });

  it('refuses what would wait in its inbox, and keeps what waited there before', async (t) => {
    const place = tempHome(t);
    const holder = place.storage();
    const id = await writeSession(holder);
    const writer = await holder.writers.open(id);
    const { home } = place;
    const { spawnSync } = await import('node:child_process');
    const code = `
      const { SessionStorage } = await import(${JSON.stringify(new URL('../../../src/cli/services/SessionStorage.ts', import.meta.url).href)});
      const { readOnlyRecord } = await import(${JSON.stringify(new URL('../../../src/core/read-only.ts', import.meta.url).href)});
      const storage = new SessionStorage({ home: ${JSON.stringify(home)} });
      await storage.change('${id}', [{ type: 'meta', name: 'before' }]);
      await storage.change('${id}', [readOnlyRecord('read-only')]);
      await storage.change('${id}', [{ type: 'meta', name: 'after' }]).catch((error) => console.log(error.code));
      await storage.close();`;
    const said = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    assert.equal(said.stdout, 'SESSION_READ_ONLY\n', said.stderr);
    await holder.writers.close(writer);
    const { fold } = holder.details(id);
    assert.deepEqual([fold.name, isReadOnly(fold)], ['before', true]);
  });

  it('is read, exported and gone on with in a fork', async (t) => {
    const storage = tempHome(t).storage();
    const id = await readOnly(storage);
    assert.equal((await shown(storage, id)).length, 1);
    const fork = await storage.fork(id, null, null);
    await storage.change(fork, [says('on')]);
    assert.deepEqual(await textsShown(storage, fork), ['hello', 'on']);
  });

  it('stays so in a copy of every record of it', async (t) => {
    const one = tempHome(t).storage();
    const id = await readOnly(one);
    const place = tempHome(t);
    const path = one.layout.logPath(id);
    const storage = place.storage();
    await new SessionSerializer(storage).importFile(path, {});
    assert.deepEqual(await textsShown(storage, id), ['hello']);
    await assert.rejects(storage.change(id, [says('more')]), REFUSED);
  });

  it('can be deleted: it is kept from being changed, not from going', async (t) => {
    const storage = tempHome(t).storage();
    const id = await readOnly(storage);
    await storage.trash(id, 'test');
    await storage.undelete(id);
    assert.equal(isReadOnly(storage.details(id).fold), true);
  });
});
