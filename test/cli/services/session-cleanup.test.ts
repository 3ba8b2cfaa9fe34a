import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { retentionPolicy, loadConfig } from '../../../src/cli/config/config.ts';
import type { SessionCleanup } from '../../../src/cli/services/SessionCleanup.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import type { RetentionPolicy } from '../../../src/cli/types/storage-types.ts';
import { tryLock } from '../../../src/store/session-lock.ts';
import { junk } from '../../helpers/damage.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { SLOW } from '../../helpers/slow.ts';
import { bytesIn, filesIn, movableClock, says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';
import type { MovableClock, TempHome } from '../../helpers/temp-home.ts';
import { answers, calls } from '../../helpers/walks.ts';

makeSyncingFree();

const DAY_MS = 86_400_000;

interface Store {
  home: TempHome;
  storage: SessionStorage;
  cleanup: SessionCleanup;
  clock: MovableClock;
  /** Ids by age in days. */
  ids: Record<number, string>;
}

async function agedStore(home: TempHome, ages = [100, 40, 10, 0]): Promise<Store> {
  const clock = movableClock();
  const { storage, cleanup } = home.sessions({ clock, trashDays: 7 });
  const ids: Record<number, string> = {};
  for (const [index, age] of ages.entries()) {
    ids[age] = await writeSession(storage, [says(`${age} days`), { type: 'meta', name: `${age}` }]);
    clock.advance((age - (ages[index + 1] ?? 0)) * DAY_MS);
  }
  return { home, storage, cleanup, clock, ids };
}

function namesOf(items: readonly { name: string }[]): string[] {
  return items.map(({ name }) => name);
}

describe('a cleanup', () => {
  it('is a plan with a reason for every session, and changes nothing', async (t) => {
    const { home, cleanup } = await agedStore(tempHome(t));
    const before = filesIn(home.sessionsDir);
    const { remove, keep, done } = await cleanup.plan({ olderThanDays: 30, keepLast: 1 });
    assert.equal(done, false);
    assert.deepEqual(
      remove.map(({ name, action, reason }) => [name, action, reason]),
      [
        ['40', 'trash', 'not changed for 40 days, the limit is 30'],
        ['100', 'trash', 'not changed for 100 days, the limit is 30'],
      ],
    );
    assert.deepEqual(
      keep.map(({ name, action, reason }) => [name, action, reason]),
      [
        ['0', 'keep', 'one of the 1 newest'],
        ['10', 'keep', 'no rule applies'],
      ],
    );
    assert.ok([...remove, ...keep].every(({ bytes }) => bytes > 0));
    assert.deepEqual(filesIn(home.sessionsDir), before);
  });

  it('is carried out exactly as it was planned: to the trash, from where everything comes back', async (t) => {
    const { home, storage, cleanup, ids } = await agedStore(tempHome(t));
    const before = filesIn(home.sessionsDir);
    const plan = await cleanup.plan({ olderThanDays: 30 });
    const steps: string[] = [];
    const report = await cleanup.run(plan, (done, total) => steps.push(`${done}/${total}`));
    assert.equal(report.done, true);
    assert.deepEqual(report.remove, plan.remove);
    assert.deepEqual(steps, ['1/2', '2/2']);
    assert.deepEqual(namesOf(storage.list().sessions), ['0', '10']);
    for (const age of [100, 40]) await storage.undelete(ids[age]!);
    assert.deepEqual(filesIn(home.sessionsDir), before);
  });

  it('to the archive changes only the storage: everything is listed and found as before, and smaller', async (t) => {
    const { storage, cleanup, ids } = await agedStore(tempHome(t));
    for (let i = 0; i < 30; i++) await storage.change(ids[100]!, [says('the same again')]);
    const before = storage.list({ sort: 'name' }).sessions;
    const policy: RetentionPolicy = { maxTotalBytes: 1, action: 'archive' };
    const report = await cleanup.run(await cleanup.plan(policy), () => {});
    assert.equal(report.remove.length, 4);
    assert.ok(report.remove.every(({ action }) => action === 'archive'));
    const after = storage.list({ sort: 'name' }).sessions;
    // Reading a file to index it counts as an access for most file systems.
    const visible = ({ size: _size, lastAccessedAt: _at, ...row }: (typeof after)[number]): object => row;
    assert.deepEqual(after.map(visible), before.map(visible));
    const sizes = [before, after].map((rows) => rows.find(({ id }) => id === ids[100])!.size);
    assert.ok(sizes[1]! < sizes[0]! / 2, `${sizes}`);
    assert.equal((await storage.find('days')).sessions.length, 4);
    const again = await cleanup.plan(policy);
    assert.deepEqual(again.remove, [], 'what was repacked would not get smaller');
    assert.ok(again.keep.some(({ reason }) => reason === 'as small as it gets already'));
  });

  it('keeps what is open, damaged, tagged or of another status, and says so', async (t) => {
    const { storage, cleanup, ids } = await agedStore(tempHome(t));
    await storage.change(ids[100]!, [{ type: 'meta', addTags: ['release'], status: 'completed' }]);
    const lock = tryLock(storage.layout, ids[40]!, '')!;
    writeFileSync(storage.layout.logPath(ids[10]!), junk(100));
    const { remove, keep } = await cleanup.plan({ maxTotalBytes: 1, keepTags: ['release'] });
    const reasons = new Map(keep.map(({ id, reason }) => [id, reason]));
    assert.equal(reasons.get(ids[100]!), 'tagged release');
    assert.equal(reasons.get(ids[40]!), 'open in another process');
    assert.match(reasons.get(ids[10]!)!, /^damaged/);
    assert.deepEqual(
      remove.map(({ id }) => id),
      [ids[0]],
    );
    lock.release();
    assert.deepEqual(namesOf((await cleanup.plan({ maxCount: 1, status: ['completed'] })).remove), ['100']);
  });

  it('that meets a session which was opened since it was planned leaves it, with a warning', async (t) => {
    const { storage, cleanup, ids } = await agedStore(tempHome(t));
    const plan = await cleanup.plan({ olderThanDays: 30 });
    const lock = tryLock(storage.layout, ids[40]!, '')!;
    const report = await cleanup.run(plan, () => {});
    assert.deepEqual(namesOf(report.remove), ['100']);
    assert.deepEqual(
      report.warnings.map(({ code }) => code),
      ['SESSION_IN_USE'],
    );
    assert.match(report.keep.find(({ name }) => name === '40')!.reason, /is being written/);
    lock.release();
    assert.deepEqual(namesOf(storage.list().sessions).toSorted(), ['0', '10', '40']);
  });

  const NOTHING: Record<string, RetentionPolicy> = {
    'no rules': {},
    zeros: { olderThanDays: 0, maxCount: 0, maxTotalBytes: 0 },
    negatives: { olderThanDays: -1, maxCount: -5, maxTotalBytes: -1 },
    'no numbers': { olderThanDays: NaN, maxCount: NaN, maxTotalBytes: NaN },
    'fractions of a session': { maxCount: 0.9 },
    texts: { olderThanDays: 'soon' as never, maxCount: '1' as never },
    'an action alone': { action: 'archive' },
  };
  for (const [name, policy] of Object.entries(NOTHING)) {
    it(`by ${name} removes nothing, whatever the time`, async (t) => {
      const { cleanup, clock } = await agedStore(tempHome(t), [10, 0]);
      clock.advance(3650 * DAY_MS);
      assert.deepEqual((await cleanup.plan(policy)).remove, []);
    });
  }

  it('is never done by itself: ten years later, after many starts, everything is there', async (t) => {
    const home = tempHome(t);
    const { storage, ids, clock } = await agedStore(home);
    const doomed = await writeSession(storage, [says('in the trash')]);
    await storage.trash(doomed, '');
    await storage.close();
    clock.advance(3650 * DAY_MS);
    const before = filesIn(home.sessionsDir);
    for (let start = 0; start < (SLOW ? 100 : 20); start++) {
      const { storage: again, manager } = home.sessions({ clock });
      assert.equal(again.list().sessions.length, 4);
      assert.equal((await manager.findSessions('days')).length, 4);
      assert.equal(again.list({ trash: 'only' }).sessions.length, 1);
      await manager.getStorageUsage();
      await manager.close();
    }
    assert.deepEqual(filesIn(home.sessionsDir), before);
    const config = await loadConfig({ env: {}, cwd: home.folder, home: home.home, userFolder: home.folder });
    const { cleanup } = home.sessions({ clock });
    const plan = await cleanup.plan(retentionPolicy(config));
    assert.equal(plan.remove.length, 4, 'it is only proposed');
    assert.deepEqual(filesIn(home.sessionsDir), before);
    assert.ok(Object.values(ids).length === 4);
  });

  it('of a store where nothing is, finds nothing', async (t) => {
    const { cleanup } = tempHome(t).sessions();
    assert.deepEqual(await cleanup.plan({ olderThanDays: 1 }), { remove: [], keep: [], done: false, warnings: [] });
    assert.deepEqual(cleanup.trashed(), []);
    assert.deepEqual(await cleanup.prune('all'), { pruned: [], bytesFreed: 0, remains: [], failures: [] });
  });
});

describe('pruning', () => {
  it('frees what the trash has held past its days, and leaves the rest', async (t) => {
    const { home, storage, cleanup, clock, ids } = await agedStore(tempHome(t));
    await storage.trash(ids[100]!, '');
    clock.advance(5 * DAY_MS);
    await storage.trash(ids[40]!, '');
    assert.deepEqual(await cleanup.prune('expired'), { pruned: [], bytesFreed: 0, remains: [], failures: [] });
    clock.advance(3 * DAY_MS);
    const [first] = cleanup.trashed();
    assert.equal(Date.parse(first!.expiresAt) - Date.parse(first!.deletedAt), 7 * DAY_MS);
    const before = bytesIn(home.sessionsDir);
    const { pruned, bytesFreed } = await cleanup.prune('expired');
    assert.deepEqual(
      pruned.map(({ id }) => id),
      [ids[100]],
    );
    assert.equal(before - bytesIn(home.sessionsDir), bytesFreed);
    assert.deepEqual(
      cleanup.trashed().map(({ id }) => id),
      [ids[40]],
    );
    await cleanup.prune('all');
    assert.deepEqual(cleanup.trashed(), []);
    await assert.rejects(() => storage.undelete(ids[40]!), { code: 'SESSION_NOT_FOUND' });
  });

  it('goes on where one session cannot be freed, and says why that one stays', async (t) => {
    const { manager, storage, cleanup } = tempHome(t).sessions();
    const [base, other] = [await writeSession(storage), await writeSession(storage)];
    const live = await manager.resume(await storage.fork(base, null, null));
    for (const id of [base, other]) await storage.trash(id, '');
    const { pruned, failures, remains } = await cleanup.prune('all');
    assert.deepEqual(
      pruned.map(({ id }) => id),
      [other],
    );
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['SESSION_IN_USE'],
    );
    assert.ok(remains.some((reason) => reason.includes('backups')));
    await live.close();
    assert.equal((await cleanup.prune('all')).pruned.length, 1);
  });

  for (const trashDays of [0, -3, NaN, Infinity]) {
    it(`with ${trashDays} days frees nothing by itself`, async (t) => {
      const home = tempHome(t);
      const clock = movableClock();
      const { storage, cleanup } = home.sessions({ clock, trashDays });
      await storage.trash(await writeSession(storage), '');
      clock.advance(36_500 * DAY_MS);
      assert.deepEqual((await cleanup.prune('expired')).pruned, []);
      assert.equal((await cleanup.prune('all')).pruned.length, 1);
    });
  }
});

describe('usage', () => {
  it('adds up to what is on the disk', async (t) => {
    const home = tempHome(t);
    const { storage, ids } = await agedStore(home);
    await storage.change(ids[0]!, [calls('a', ['c']), answers('c', 'x'.repeat(300_000))]);
    await storage.trash(ids[100]!, '');
    writeFileSync(`${home.sessionsDir}/session-${ids[10]}.torn-1`, junk(1234));
    await storage.find('days');
    const usage = await home.sessions({ policy: { olderThanDays: 30 }, clock: storage.clock }).cleanup.usage();
    const { totalBytes, logBytes, blobBytes, trashBytes, indexBytes, checkpointBytes, keptBytes } = usage;
    assert.equal(totalBytes, logBytes + blobBytes + trashBytes + indexBytes + checkpointBytes + keptBytes);
    assert.equal(logBytes + blobBytes + trashBytes + keptBytes, bytesIn(home.sessionsDir));
    assert.equal(blobBytes, 300_000);
    assert.equal(keptBytes, 1234 + statSync(storage.layout.manifestPath).size);
    assert.ok(indexBytes > 0);
    assert.equal(usage.sessionCount, 3);
    assert.deepEqual(
      usage.largest.map(({ bytes }) => bytes),
      usage.largest.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
    );
    assert.equal(usage.largest.length, 3);
    const old = storage.details(ids[40]!).session.size;
    assert.equal(usage.reclaimableBytes, trashBytes + old);
    assert.ok(usage.freeDiskBytes > 0);
  });

  it('does not count what is not ours', async (t) => {
    const home = tempHome(t);
    const { storage } = await agedStore(home, [1, 0]);
    const before = await home.sessions({ clock: storage.clock }).cleanup.usage();
    writeFileSync(`${home.sessionsDir}/holiday.mp4`, junk(5000));
    mkdirSync(`${home.sessionsDir}/.stversions`);
    writeFileSync(`${home.sessionsDir}/.stversions/x`, junk(5000));
    const after = await home.sessions({ clock: storage.clock }).cleanup.usage();
    assert.equal(after.totalBytes - after.indexBytes, before.totalBytes - before.indexBytes);
  });

  it('of a store that is not there yet is nothing, on the disk it will be on', async (t) => {
    const { cleanup } = tempHome(t).sessions();
    const { sessionCount, logBytes, trashBytes, freeDiskBytes, largest } = await cleanup.usage();
    assert.deepEqual([sessionCount, logBytes, trashBytes, largest], [0, 0, 0, []]);
    assert.ok(freeDiskBytes > 0);
  });

  it('can be asked for while a session is being written', async (t) => {
    const home = tempHome(t);
    const { manager, storage, cleanup } = home.sessions();
    const live = await manager.begin({ kind: 'human', agent: 'roo' });
    await live.append(says('a'));
    const usage = await cleanup.usage();
    assert.equal(usage.logBytes, readFileSync(storage.layout.logPath(live.id)).length);
    assert.deepEqual(await textsShown(storage, live.id), ['a']);
  });
});
