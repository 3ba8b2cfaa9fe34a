import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import type { ShownMessage } from '../../../src/cli/types/session-types.ts';
import { startChild } from '../../helpers/child.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { says, tempHome, writeSession } from '../../helpers/temp-home.ts';
import { answers, calls, goesTo } from '../../helpers/walks.ts';

makeSyncingFree();

interface Following {
  /** Waits for the next message, and says it briefly. */
  next(): Promise<string>;
  end(): Promise<void>;
}

async function follow(t: TestContext, storage: SessionStorage, id: string): Promise<Following> {
  const controller = new AbortController();
  const messages = storage.follow(id, controller.signal)[Symbol.asyncIterator]();
  // Following begins with the first look.
  let pending = messages.next();
  await new Promise((resolve) => setImmediate(resolve));
  const end = async (): Promise<void> => {
    controller.abort();
    while (!(await pending).done) pending = messages.next();
  };
  t.after(() => controller.abort());
  return {
    async next() {
      const { value } = await pending;
      pending = messages.next();
      return briefly(value as ShownMessage);
    },
    end,
  };
}

function briefly({ parts }: ShownMessage): string {
  return parts
    .map((part) =>
      part.type === 'text' ? part.text : part.type === 'tool-result' ? `(${part.status}:${part.output})` : '',
    )
    .join('');
}

describe('following a session', () => {
  it('gives what is written from now on, in order, and ends when told to', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('before')]);
    const following = await follow(t, storage, id);
    await storage.change(id, [says('a'), says('b')]);
    await storage.change(id, [says('c')]);
    assert.deepEqual([await following.next(), await following.next(), await following.next()], ['a', 'b', 'c']);
    await following.end();
  });

  it('gives a message with a call again when its result is there, also one that was there before', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [calls('first', ['1'])]);
    const following = await follow(t, storage, id);
    await storage.change(id, [answers('1', 'x')]);
    assert.equal(await following.next(), 'first(ok:x)');
    await storage.change(id, [calls('second', ['1'])]);
    assert.equal(await following.next(), 'second(running:)');
    await storage.change(id, [answers('1', 'y')]);
    assert.equal(await following.next(), 'second(ok:y)');
    await following.end();
  });

  it('goes on through a rewrite of the log, and in its next part', async (t) => {
    const storage = tempHome(t).storage({ settings: { maxSessionSize: 0.0005 } });
    const id = await writeSession(storage, [says('before')]);
    const following = await follow(t, storage, id);
    await storage.archive(id);
    await storage.change(id, [says('a')]);
    assert.equal(await following.next(), 'a');
    for (let i = 0; i < 3; i++) {
      await storage.change(id, [says(`${i}`)]);
      assert.equal(await following.next(), `${i}`);
    }
    await following.end();
  });

  it('gives nothing again when somebody goes back to an older message, and then the new ones', async (t) => {
    const storage = tempHome(t).storage();
    const texts = Array.from({ length: 30 }, (_, i) => says(`${i}`, { id: `m${i}` }));
    const id = await writeSession(storage, texts);
    const following = await follow(t, storage, id);
    await storage.change(id, [goesTo('m3')]);
    await storage.change(id, [says('other way')]);
    assert.equal(await following.next(), 'other way');
    const forked = await storage.fork(id, 'm5', null);
    const ofFork = await follow(t, storage, forked);
    await storage.change(forked, [says('mine', { id: 'mine' })]);
    assert.equal(await ofFork.next(), 'mine');
    await storage.change(forked, [goesTo('m5')]);
    await storage.change(forked, [says('again')]);
    assert.equal(await ofFork.next(), 'again');
    await ofFork.end();
    await following.end();
  });

  it('sees what another process writes', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const following = await follow(t, storage, id);
    startChild(t, 'hold-session', [home.home, id, 'append']);
    assert.deepEqual([await following.next(), await following.next()], ['0', '1']);
    await following.end();
  });

  it('ends with an error when the session goes', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const following = await follow(t, storage, id);
    await storage.trash(id, '');
    await assert.rejects(() => following.next(), { code: 'SESSION_NOT_FOUND' });
  });
});
