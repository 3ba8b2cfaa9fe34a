import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { NewRecord, State } from '../../../src/core/record.ts';
import { putIntoInbox } from '../../../src/store/inbox.ts';
import { isLocked } from '../../../src/store/session-lock.ts';
import { LiveSession } from '../../../src/cli/services/LiveSession.ts';
import type { CaptureState } from '../../../src/cli/services/LiveSession.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { collected, says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

const MINUTE_MS = 60_000;

function begin(storage: SessionStorage, capture: CaptureState | null = null): LiveSession {
  const origin = { kind: 'human', agent: 'roo' } as const;
  return LiveSession.create(storage, storage.newSessionRecord({ project: { path: '/work' }, origin }), capture);
}

async function settled(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !isDone(); i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isDone());
}

async function typesIn(storage: SessionStorage, id: string): Promise<string[]> {
  const records = await collected(storage.records(id));
  return records.map(({ type }) => type).filter((type) => !['session', 'epoch', 'snapshot', 'close'].includes(type));
}

describe('a live session', () => {
  it('has each record on disk when it is acknowledged', async (t) => {
    const storage = tempHome(t).storage();
    const live = begin(storage);
    assert.equal(existsSync(storage.layout.logPath(live.id)), false);
    for (const text of ['a', 'b', 'c']) {
      assert.deepEqual(await live.append(says(text)), { durable: true });
      assert.equal((await textsShown(storage, live.id)).at(-1), text);
    }
    assert.equal(live.waitingRecords, 0);
    assert.ok(isLocked(storage.layout, live.id));
    await live.close();
    assert.equal(isLocked(storage.layout, live.id), false);
    await live.close();
    await assert.rejects(() => live.append(says('d')), { code: 'SESSION_READ_ONLY' });
    await assert.rejects(() => live.save(), { code: 'SESSION_READ_ONLY' });
  });

  it('in which nothing was said leaves no file', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const live = begin(storage, () => ({ workingDirectory: '/x' }));
    await live.close();
    assert.deepEqual(readdirSync(home.sessionsDir), ['metadata.json']);
    assert.deepEqual(storage.list().sessions, []);
  });

  it('refuses a record that is not valid and goes on', async (t) => {
    for (const autoSave of [true, false]) {
      const storage = tempHome(t).storage({ settings: { autoSave } });
      const live = begin(storage);
      await live.append(says('a'));
      for (const record of [{ type: 'state' }, { type: 'message', role: 'user' }, { type: 'meta', addTags: 7 }]) {
        await assert.rejects(() => live.append(record as unknown as NewRecord), { code: 'RECORD_INVALID' });
      }
      await live.append(says('b'));
      await live.save();
      assert.deepEqual(await textsShown(storage, live.id), ['a', 'b']);
      await live.close();
    }
  });

  it('captures slow state every so often, and a last time when it is closed', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const storage = tempHome(t).storage({ settings: { autoSaveInterval: 0.5 } });
    const state: Partial<State> = { workingDirectory: '/one', environment: { EDITOR: 'vi' } };
    const live = begin(storage, () => state);
    let saved = 0;
    live.on('autoSaved', () => saved++);
    await live.append(says('a'));
    t.mock.timers.tick(MINUTE_MS / 2);
    await settled(() => saved === 1);
    assert.equal(live.fold.state.workingDirectory, '/one');
    t.mock.timers.tick(MINUTE_MS / 2);
    await settled(() => saved === 2);
    assert.deepEqual(await typesIn(storage, live.id), ['message', 'state'], 'what did not change is not written again');
    state.workingDirectory = '/two';
    await live.close();
    assert.deepEqual(await typesIn(storage, live.id), ['message', 'state', 'state']);
    assert.deepEqual(storage.details(live.id).fold.state.environment, { EDITOR: 'vi' });
    assert.equal(storage.details(live.id).fold.state.workingDirectory, '/two');
    t.mock.timers.tick(10 * MINUTE_MS);
    assert.equal(saved, 2);
  });

  it('captures in the interval that its preferences say, also after they change', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const storage = tempHome(t).storage();
    let captures = 0;
    const live = begin(storage, () => ({ openFiles: [`${captures++}`] }));
    await live.append(says('a'), { type: 'config', patch: { autoSaveInterval: 1 } });
    t.mock.timers.tick(MINUTE_MS);
    await settled(() => captures === 1);
    await live.append({ type: 'config', patch: { autoSaveInterval: 0 } });
    t.mock.timers.tick(60 * MINUTE_MS);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(captures, 1);
    await live.close();
  });

  it('takes in what others change within a second, and says so', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const storage = tempHome(t).storage();
    const live = begin(storage);
    await live.append(says('a'));
    const changed: string[] = [];
    live.on('changed', (records) => changed.push(...records.map(({ type }) => type)));
    putIntoInbox(storage.layout, live.id, [{ type: 'meta', name: 'x' }], storage.clock);
    t.mock.timers.tick(1000);
    await settled(() => changed.length > 0);
    assert.deepEqual(changed, ['meta']);
    assert.equal(live.fold.name, 'x');
    assert.equal(existsSync(storage.layout.inboxDir(live.id)), false);
    putIntoInbox(storage.layout, live.id, [{ type: 'meta', name: 'y' }], storage.clock);
    await live.close();
    assert.equal(existsSync(storage.layout.inboxDir(live.id)), false, 'also when it is closed');
    assert.equal(storage.details(live.id).session.name, 'y');
  });

  it('tells of work in the background that failed, and goes on', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const storage = tempHome(t).storage();
    const live = begin(storage, () => ({ bad: Symbol.iterator as never, deep: nested(600) as never }));
    const failures: string[] = [];
    live.on('failed', ({ code }) => failures.push(code));
    await live.append(says('a'));
    t.mock.timers.tick(5 * MINUTE_MS);
    await settled(() => failures.length > 0);
    assert.deepEqual(failures, ['RECORD_TOO_DEEP']);
    await live.append(says('b'));
    assert.deepEqual(await textsShown(storage, live.id), ['a', 'b']);
    await assert.rejects(() => live.close(), { code: 'RECORD_TOO_DEEP' });
    assert.equal(isLocked(storage.layout, live.id), false);
  });

  it('that a crash left torn says where the torn bytes are kept', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage, [says('a')]);
    const path = storage.layout.logPath(id);
    truncateSync(path, statSync(path).size - 5);
    const live = await LiveSession.open(storage, id, null);
    assert.match(live.tornPath!, /torn-1$/);
    await live.append(says('b'));
    await live.close();
    assert.deepEqual(await textsShown(storage, id), ['a', 'b']);
  });
});

describe('a live session with autoSave off', () => {
  it('answers that nothing is durable, and leaves nothing on disk before it is saved', async (t) => {
    const home = tempHome(t);
    const storage = home.storage({ settings: { autoSave: false } });
    const live = begin(storage, () => ({ workingDirectory: '/x' }));
    assert.deepEqual(await live.append(says('a'), says('b')), { durable: false });
    assert.deepEqual(await live.append({ type: 'meta', name: 'n' }), { durable: false });
    assert.equal(live.waitingRecords, 3);
    assert.deepEqual(readdirSync(home.sessionsDir), ['metadata.json']);
    assert.deepEqual(await live.save(), { durable: true });
    assert.equal(live.waitingRecords, 0);
    assert.deepEqual(await typesIn(storage, live.id), ['message', 'message', 'meta', 'state']);
    await live.append(says('never saved'));
    await live.close();
    assert.deepEqual(await textsShown(storage, live.id), ['a', 'b']);
  });

  it('keeps what is appended while it is being saved for the next time', async (t) => {
    const storage = tempHome(t).storage({ settings: { autoSave: false } });
    const live = begin(storage);
    await live.append(says('a'));
    const saving = live.save();
    await live.append(says('b'));
    await saving;
    assert.equal(live.waitingRecords, 1);
    assert.deepEqual(await textsShown(storage, live.id), ['a']);
    await live.save();
    assert.deepEqual(await textsShown(storage, live.id), ['a', 'b']);
    await live.close();
  });

  it('keeps everything, in order, when a save fails', async (t) => {
    const storage = tempHome(t).storage({ settings: { autoSave: false } });
    const live = begin(storage);
    await live.append(says('a'), says('lost parent', { parentId: 'nowhere' }));
    const failed = live.save();
    await live.append(says('b'));
    await assert.rejects(failed, { code: 'PARENT_NOT_DURABLE' });
    assert.equal(live.waitingRecords, 3);
    await live.close();
  });

  it('saves what waits when another process turns autoSave on', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const storage = tempHome(t).storage({ settings: { autoSave: false } });
    const live = begin(storage);
    await live.append(says('a'));
    await live.save();
    await live.append(says('b'));
    putIntoInbox(storage.layout, live.id, [{ type: 'config', patch: { autoSave: true } }], storage.clock);
    t.mock.timers.tick(1000);
    await settled(() => live.waitingRecords === 0);
    assert.deepEqual(await live.append(says('c')), { durable: true });
    assert.deepEqual(await textsShown(storage, live.id), ['a', 'b', 'c']);
    await live.close();
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}
