import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { NewRecord } from '../../../src/core/record.ts';
import { inboxNames } from '../../../src/store/inbox.ts';
import { claimShared } from '../../../src/store/shared-lock.ts';
import { isLocked, tryLock } from '../../../src/store/session-lock.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { startChild } from '../../helpers/child.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { runs } from '../../helpers/slow.ts';
import { collected, filesIn, movableClock, says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

async function countOf(
  storage: SessionStorage,
  id: string,
  isIt: (record: { type: string }) => boolean,
): Promise<number> {
  return (await collected(storage.records(id))).filter(isIt).length;
}

const isMeta = ({ type }: { type: string }): boolean => type === 'meta';

describe('a session that another process has open', () => {
  it('is refused for writing at once, with who has it; reading goes on', async (t) => {
    const home = tempHome(t);
    const { storage, manager } = home.sessions();
    const id = await writeSession(storage);
    const child = startChild(t, 'hold-session', [home.home, id]);
    await child.saysLines(1);
    assert.equal(child.lines[0], 'open');
    await assert.rejects(
      () => manager.resume(id),
      (error: unknown) => {
        const { code, data, hint } = error as { code: string; data: { holder: { pid: number } }; hint: string };
        assert.equal(code, 'SESSION_IN_USE');
        assert.equal(data.holder.pid, child.process.pid);
        assert.match(hint, new RegExp(`fork ${id}`));
        return true;
      },
    );
    assert.equal(storage.details(id).holder!.pid, child.process.pid);
    assert.deepEqual(await textsShown(storage, id), ['hello']);
    for (const verb of ['archive', 'repair', 'purge'] as const) {
      await assert.rejects(() => storage[verb](id), { code: 'SESSION_IN_USE' }, verb);
    }
    await assert.rejects(() => storage.trash(id, ''), { code: 'SESSION_IN_USE' });
    await assert.rejects(() => storage.change(id, [says('no place for it')]), { code: 'SESSION_IN_USE' });
    assert.equal(storage.details(id).session.archived, false);
    await storage.fork(id, null, null);
    await child.end('SIGKILL');
    assert.equal(storage.details(id).holder, null);
    await manager.resume(id);
  });

  it('takes changes in by itself: durable and seen by readers at once, in its log once', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const child = startChild(t, 'hold-session', [home.home, id]);
    await child.saysLines(1);
    const changes: NewRecord[] = [
      { type: 'meta', name: 'named from outside', addTags: ['t'] },
      { type: 'meta', addLinks: [{ sessionId: id, kind: 'related' }] },
      { type: 'config', patch: { maxHistoryLength: 9 } },
      { type: 'checkpoint', description: 'from outside', messageId: null },
    ];
    for (const record of changes) {
      assert.deepEqual(await storage.change(id, [record]), { via: 'inbox', durable: true });
    }
    // At once: the holder looks once a second.
    const { session, fold, config } = storage.details(id);
    assert.equal(session.name, 'named from outside');
    assert.equal(storage.list().sessions[0]!.name, 'named from outside');
    assert.equal(config.maxHistoryLength, 9);
    assert.equal((await storage.loadSession(id)).history.checkpoints[0]!.description, 'from outside');
    assert.equal(fold.links.length, 1);
    await child.saysLines(5);
    assert.equal(existsSync(storage.layout.inboxDir(id)), false);
    await child.end('SIGTERM');
    assert.equal(await countOf(storage, id, isMeta), 2);
    assert.deepEqual(storage.details(id).session.tags, ['t']);
  });

  it('that was killed before it took them in leaves them to the next writer', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const child = startChild(t, 'hold-session', [home.home, id]);
    await child.saysLines(1);
    child.process.kill('SIGSTOP');
    await storage.change(id, [{ type: 'meta', addTags: ['waits'] }]);
    await child.end('SIGKILL');
    assert.deepEqual(storage.details(id).session.tags, ['waits']);
    await storage.change(id, [{ type: 'meta', addTags: ['next'] }]);
    assert.equal(existsSync(storage.layout.inboxDir(id)), false);
    assert.deepEqual(storage.details(id).session.tags, ['waits', 'next']);
    assert.equal(await countOf(storage, id, isMeta), 2);
  });

  it('that was killed between taking them in and removing them has them once', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const lock = tryLock(storage.layout, id, '')!;
    for (let i = 0; i < 20; i++) await storage.change(id, [{ type: 'meta', addTags: [`t${i}`] }]);
    lock.release();
    const child = startChild(t, 'die-taking-inbox', [home.home, id]);
    assert.equal(await child.ended, null);
    assert.equal(inboxNames(storage.layout.inboxDir(id)).length, 20);
    const seen = storage.details(id);
    assert.equal(seen.session.tags.length, 20);
    await storage.change(id, [{ type: 'meta', name: 'on' }]);
    assert.equal(existsSync(storage.layout.inboxDir(id)), false);
    assert.equal(await countOf(storage, id, isMeta), 21);
    assert.equal(storage.details(id).fold.counts.records, seen.fold.counts.records + 1);
  });

  it('has them once also where there are more than a writer can remember', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const lock = tryLock(storage.layout, id, '')!;
    await storage.change(
      id,
      Array.from({ length: 700 }, (_, i) => ({ type: 'custom', kind: `${i}` }) as NewRecord),
    );
    lock.release();
    for (let death = 0; death < runs(1, 8); death++) {
      const child = startChild(t, 'die-taking-inbox', [home.home, id]);
      assert.equal(await child.ended, null);
      // What the first batch of it was is removed by the next.
    }
    await storage.change(id, [{ type: 'meta', name: 'on' }]);
    const kinds = (await collected(storage.records(id))).flatMap((record) =>
      record.type === 'custom' ? [record['kind' as never]] : [],
    );
    assert.deepEqual(
      kinds,
      Array.from({ length: 700 }, (_, i) => `${i}`),
    );
  });

  it('and that is changed by many at once has every change, and every message of its own', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const child = startChild(t, 'hold-session', [home.home, id, 'append']);
    await child.saysLines(1);
    const others = [home.storage(), home.storage()];
    await Promise.all(
      others.flatMap((other, who) =>
        Array.from({ length: 8 }, (_, i) => other.change(id, [{ type: 'meta', addTags: [`${who}-${i}`] }])),
      ),
    );
    await child.end('SIGKILL');
    await storage.change(id, [{ type: 'meta', name: 'last' }]);
    assert.equal(storage.details(id).session.tags.length, 16);
    assert.equal(await countOf(storage, id, isMeta), 17);
    const texts = (await textsShown(storage, id)).slice(1);
    assert.deepEqual(
      texts,
      texts.map((_, i) => `${i}`),
    );
  });
});

describe('writing a session', () => {
  it('changes through a writer that is open here, and through one for the purpose otherwise', async (t) => {
    const home = tempHome(t);
    const { storage, manager } = home.sessions();
    const id = await writeSession(storage);
    const live = await manager.resume(id);
    assert.deepEqual(await storage.change(id, [says('b')]), { via: 'log', durable: true });
    assert.ok(isLocked(storage.layout, id));
    await live.close();
    assert.deepEqual(await storage.change(id, [says('c')]), { via: 'log', durable: true });
    assert.equal(isLocked(storage.layout, id), false);
    assert.deepEqual(await textsShown(storage, id), ['hello', 'b', 'c']);
  });

  it('many times at once in one process is done one after the other, and nothing is refused', async (t) => {
    const home = tempHome(t);
    const { storage, manager } = home.sessions();
    const id = await writeSession(storage, [{ type: 'meta', name: 'x' }]);
    const work: Promise<unknown>[] = Array.from({ length: 12 }, (_, i) => storage.change(id, [says(`${i}`)]));
    work.push(manager.resume(id).then((live) => live.close()));
    work.push(...Array.from({ length: 12 }, (_, i) => storage.change(id, [says(`${i + 12}`)])));
    await Promise.all(work);
    assert.deepEqual(
      (await textsShown(storage, id)).map(Number).toSorted((a, b) => a - b),
      Array.from({ length: 24 }, (_, i) => i),
    );
  });

  it('that fails leaves the session free', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    await assert.rejects(() => storage.change(id, [{ type: 'state' } as unknown as NewRecord]), {
      code: 'RECORD_INVALID',
    });
    await assert.rejects(() => storage.change(id, [says('x', { parentId: 'nowhere' })]), {
      code: 'PARENT_NOT_DURABLE',
    });
    assert.equal(isLocked(storage.layout, id), false);
    const missing = 'a1b2c3d4-0000-4000-8000-000000000009';
    await assert.rejects(() => storage.change(missing, []), { code: 'SESSION_NOT_FOUND' });
    assert.equal(isLocked(storage.layout, missing), false);
    assert.deepEqual(await textsShown(storage, id), ['hello']);
  });

  it('in a store of a newer version is refused, and reading is not', async (t) => {
    const home = tempHome(t);
    const first = home.storage();
    const id = await writeSession(first);
    await first.close();
    writeFileSync(first.layout.manifestPath, '{"format":3,"storeId":"x"}\n');
    const files = filesIn(home.sessionsDir);
    const storage = home.storage();
    const newer = { code: 'FORMAT_NEWER' };
    await assert.rejects(() => writeSession(storage), newer);
    await assert.rejects(() => storage.change(id, [says('b')]), newer);
    await assert.rejects(() => storage.trash(id, ''), newer);
    await assert.rejects(() => storage.archive(id), newer);
    assert.deepEqual(await textsShown(storage, id), ['hello']);
    assert.equal(storage.list().sessions.length, 1);
    assert.deepEqual(filesIn(home.sessionsDir), files);
  });

  it('where metadata.json was something else goes on, keeps it and says so once', async (t) => {
    const home = tempHome(t);
    const { manager, storage } = home.sessions();
    await writeSession(home.storage());
    writeFileSync(storage.layout.manifestPath, '{"sessions":[]}');
    const warnings: string[] = [];
    manager.on('warning', (message) => warnings.push(message));
    await manager.createSession('one');
    await manager.createSession('two');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /metadata\.json\.kept-1/);
    assert.equal(readFileSync(`${storage.layout.manifestPath}.kept-1`, 'utf8'), '{"sessions":[]}');
  });

  it('leaves files of others in the home and in the sessions folder alone', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    const foreign = ['../config.json', '../mcp.json', '../tasks', 'notes.txt', 'session-backup.zip', '.stfolder'];
    for (const name of foreign) writeFileSync(`${home.sessionsDir}/${name}`, `mine: ${name}`);
    const before = [...filesIn(home.home)].filter(([, bytes]) => bytes.toString('utf8').startsWith('mine'));
    assert.equal(before.length, foreign.length);
    await storage.change(id, [says('b')]);
    await storage.archive(id);
    await storage.repair(id);
    await storage.migrate();
    await storage.reindex(() => {});
    await storage.trash(id, '');
    await storage.purge(id);
    const after = filesIn(home.home);
    for (const [name, bytes] of before) assert.deepEqual(after.get(name), bytes, name);
    assert.equal(storage.list().sessions.length, 0);
  });
});

describe('a session in a folder that several machines share', () => {
  const options = (folder: string) => ({ sessionsDir: `${folder}/synced` });
  const there = (atMs: number): string =>
    JSON.stringify({
      host: 'other',
      machine: 'boot:1',
      pid: 7,
      since: '2026-01-01T00:00:00.000Z',
      beatAt: new Date(atMs).toISOString(),
    });

  it('is in that folder, and everything of this machine in the home', async (t) => {
    const home = tempHome(t);
    const storage = home.storage(options(home.folder));
    const id = await writeSession(storage, [says('shared words')]);
    assert.deepEqual(readdirSync(`${home.folder}/synced`).toSorted(), ['metadata.json', `session-${id}.json.gz`]);
    assert.deepEqual(readdirSync(home.home), ['state']);
    assert.equal((await storage.find('shared')).sessions[0]!.id, id);
    assert.deepEqual(home.storage().list().sessions, []);
    const viaEnvironment = home.sessions({ environment: { ROO_SESSIONS_DIR: `${home.folder}/synced` } });
    assert.equal(viaEnvironment.storage.list().sessions.length, 1);
  });

  it('is refused while another machine writes it, takes changes for it, and is free when that falls silent', async (t) => {
    const home = tempHome(t);
    const clock = movableClock();
    const { storage, manager, cleanup } = home.sessions({ ...options(home.folder), clock });
    const id = await writeSession(storage, [says('a')]);
    const claim = storage.layout.sharedLockPath(id);
    writeFileSync(claim, there(clock.now()));
    await assert.rejects(() => manager.resume(id), { code: 'SESSION_IN_USE', message: /on other/ });
    await assert.rejects(() => storage.trash(id, ''), { code: 'SESSION_IN_USE' });
    assert.equal(storage.details(id).holder!.host, 'other');
    const plan = await cleanup.plan({ maxCount: 1, olderThanDays: 0.000001 });
    assert.equal(plan.keep[0]!.reason, 'open in another process');
    assert.deepEqual(await storage.change(id, [{ type: 'meta', name: 'from here' }]), { via: 'inbox', durable: true });
    assert.equal(storage.details(id).session.name, 'from here');
    clock.advance(61_000);
    assert.deepEqual(await storage.change(id, [says('b')]), { via: 'log', durable: true });
    assert.equal(existsSync(claim), false);
    assert.equal(await countOf(storage, id, isMeta), 1);
  });

  it('that is moved to trash and back has no claim of anybody beside it', async (t) => {
    const home = tempHome(t);
    const storage = home.storage(options(home.folder));
    const id = await writeSession(storage);
    const before = filesIn(storage.layout.sessionsDir);
    await storage.trash(id, 'deleted');
    await storage.undelete(id);
    assert.deepEqual(filesIn(storage.layout.sessionsDir), before);
    const lock = claimShared(storage.layout, id, movableClock());
    assert.ok(existsSync(storage.layout.sharedLockPath(id)));
    lock.release();
  });
});
