import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { openSessions } from '../../../src/cli/services/open-sessions.ts';
import type { ManagerEvents, SessionManager } from '../../../src/cli/services/SessionManager.ts';
import { fillSession, lasting } from '../../helpers/full-session.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { collected, movableClock, says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const EVENTS: (keyof ManagerEvents)[] = ['created', 'saved', 'loaded', 'deleted', 'archived', 'autoSaved', 'cleaned'];

/** Every event from now on, as `name what`. */
function eventsOf(manager: SessionManager): string[] {
  const seen: string[] = [];
  for (const name of EVENTS) {
    manager.on(name, (what: unknown) => {
      seen.push(`${name} ${typeof what === 'object' ? (what as { id: string }).id : String(what)}`);
    });
  }
  manager.on('warning', (message) => seen.push(`warning ${message}`));
  return seen;
}

/** Waits until the microtasks and the disk have done what a timer set off. */
async function settled(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !isDone(); i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isDone());
}

describe('createSession', () => {
  it('makes an active session of the directory, durable at once when it has a name', async (t) => {
    const home = tempHome(t);
    const { manager, storage } = home.sessions({
      workingDirectory: '/home/dev/x',
      environment: { EDITOR: 'vi', API_TOKEN: 'secret' },
    });
    const events = eventsOf(manager);
    const session = await manager.createSession('login', 'what it is about');
    assert.equal(manager.getActiveSession(), session);
    assert.deepEqual([session.name, session.description], ['login', 'what it is about']);
    assert.equal(session.state.workingDirectory, '/home/dev/x');
    assert.deepEqual(session.state.environment, { EDITOR: 'vi' });
    assert.deepEqual(session.metadata.project, { path: '/home/dev/x' });
    assert.equal(session.metadata.status, 'active');
    assert.deepEqual(lasting(await home.storage().loadSession(session.id)), lasting(session));
    assert.ok(existsSync(storage.layout.logPath(session.id)));
    assert.deepEqual(events, [`created ${session.id}`]);
  });

  it('without a name leaves no file until something is saved', async (t) => {
    const home = tempHome(t);
    const { manager, storage } = home.sessions();
    const session = await manager.createSession();
    assert.equal(storage.exists(session.id), false);
    await manager.close();
    assert.equal(storage.exists(session.id), false);
    const again = home.sessions();
    const second = await again.manager.createSession();
    await again.manager.saveSession(second.id);
    assert.equal(again.storage.exists(second.id), true);
    assert.equal(again.storage.list().sessions[0]!.name, `session ${second.id.slice(0, 8)}`);
  });
});

describe('saveSession', () => {
  it('writes what was added to the session, and says so', async (t) => {
    const home = tempHome(t);
    const { manager } = home.sessions();
    const session = await manager.createSession('x');
    const events = eventsOf(manager);
    fillSession(session);
    await manager.saveSession(session.id);
    assert.deepEqual(events, [`saved ${session.id}`]);
    assert.deepEqual(lasting(await home.storage().loadSession(session.id)), lasting(session));
  });

  it('of a live session that has no object writes what waits in it', async (t) => {
    const home = tempHome(t);
    const { manager, storage } = home.sessions({ settings: { autoSave: false } });
    const live = await manager.begin({ kind: 'human', agent: 'roo' });
    await live.append(says('a'));
    assert.equal(storage.exists(live.id), false);
    await manager.saveSession(live.id);
    assert.deepEqual(await textsShown(storage, live.id), ['a']);
  });

  it('of one that is not open here says how to open it', async (t) => {
    const { manager, storage } = tempHome(t).sessions();
    const id = await writeSession(storage);
    await assert.rejects(() => manager.saveSession(id), { code: 'SESSION_NOT_FOUND', hint: /loadSession/ });
  });
});

describe('loadSession', () => {
  it('makes it the active one, and olderMessages goes on where its window ends', async (t) => {
    const { manager, storage } = tempHome(t).sessions({ settings: { maxHistoryLength: 2 } });
    const id = await writeSession(
      storage,
      ['a', 'b', 'c', 'd'].map((text) => says(text)),
    );
    const events = eventsOf(manager);
    const session = await manager.loadSession(id);
    assert.equal(manager.getActiveSession(), session);
    assert.deepEqual(
      session.history.messages.map(({ content }) => content),
      ['c', 'd'],
    );
    assert.deepEqual(
      (await collected(manager.olderMessages(session))).map(({ content }) => content),
      ['b', 'a'],
    );
    assert.deepEqual(events, [`loaded ${id}`]);
    const empty = await manager.loadSession(await writeSession(storage, [{ type: 'meta', name: 'x' }]));
    assert.deepEqual(await collected(manager.olderMessages(empty)), []);
  });
});

describe('deleteSession', () => {
  it('moves it to the trash; it is not active any more', async (t) => {
    const { manager, storage, cleanup } = tempHome(t).sessions();
    const session = await manager.createSession('x');
    const events = eventsOf(manager);
    await manager.deleteSession(session.id);
    assert.equal(manager.getActiveSession(), null);
    assert.equal(storage.exists(session.id), false);
    assert.deepEqual(
      cleanup.trashed().map(({ id, name }) => [id, name]),
      [[session.id, 'x']],
    );
    assert.deepEqual(await manager.listSessions(), []);
    assert.deepEqual(events, [`deleted ${session.id}`]);
    await assert.rejects(() => manager.deleteSession(session.id), { code: 'SESSION_NOT_FOUND' });
  });

  it('of one that was never saved only forgets it', async (t) => {
    const { manager, cleanup } = tempHome(t).sessions();
    const session = await manager.createSession();
    await manager.deleteSession(session.id);
    assert.equal(manager.getActiveSession(), null);
    assert.deepEqual(cleanup.trashed(), []);
  });
});

describe('listSessions and findSessions', () => {
  it('give the rows of what fits', async (t) => {
    const { manager, storage } = tempHome(t).sessions();
    const first = await writeSession(storage, [says('needle in a haystack'), { type: 'meta', addTags: ['x'] }]);
    const second = await writeSession(storage, [says('only hay')]);
    assert.deepEqual((await manager.listSessions()).map(({ id }) => id).toSorted(), [first, second].toSorted());
    assert.deepEqual(
      (await manager.listSessions({ tags: ['x'] })).map(({ id }) => id),
      [first],
    );
    assert.deepEqual(
      (await manager.findSessions('needle')).map(({ id }) => id),
      [first],
    );
    assert.deepEqual(await manager.findSessions('nowhere'), []);
  });
});

describe('exportSession and importSession', () => {
  it('carry a session from one store to another', async (t) => {
    const [here, there] = [tempHome(t), tempHome(t)];
    const { manager } = here.sessions();
    const session = await manager.createSession('x');
    fillSession(session);
    await manager.saveSession(session.id);
    for (const format of ['json', 'jsonl', 'yaml'] as const) {
      const path = `${there.folder}/export.${format}`;
      writeFileSync(path, await manager.exportSession(session.id, format));
      const other = tempHome(t).sessions().manager;
      const events = eventsOf(other);
      const imported = await other.importSession(path);
      assert.equal(imported.name, session.name);
      assert.deepEqual(
        imported.history.messages.map(({ content }) => content),
        session.history.messages.map(({ content }) => content),
        format,
      );
      assert.equal(other.getActiveSession(), imported);
      assert.deepEqual(events, [`loaded ${imported.id}`]);
    }
    assert.match(await manager.exportSession(session.id, 'markdown'), /^# every field/m);
    await assert.rejects(() => manager.importSession(`${there.folder}/nothing`), { code: 'STORE_UNREADABLE' });
  });
});

describe('archiveSession', () => {
  it('takes it out of the list; it is still found, and loads', async (t) => {
    const { manager, storage } = tempHome(t).sessions();
    const session = await manager.createSession('old login');
    session.history.messages.push({ role: 'user', content: 'needle' });
    await manager.saveSession(session.id);
    const events = eventsOf(manager);
    await manager.archiveSession(session.id);
    assert.deepEqual(events, [`archived ${session.id}`]);
    assert.deepEqual(await manager.listSessions(), []);
    assert.equal((await manager.listSessions({ archived: 'only' }))[0]!.archived, true);
    assert.equal((await manager.findSessions('needle')).length, 1);
    assert.equal((await manager.loadSession(session.id)).history.messages.length, 1);
    await storage.unarchive(session.id);
    assert.equal((await manager.listSessions()).length, 1);
  });
});

describe('cleanupOldSessions and getStorageUsage', () => {
  it('carry a policy out and answer how many it moved, and where the bytes are', async (t) => {
    const clock = movableClock();
    const { manager, storage } = tempHome(t).sessions({ clock });
    await writeSession(storage, [says('old')]);
    clock.advance(40 * DAY_MS);
    const fresh = await writeSession(storage, [says('new')]);
    const events = eventsOf(manager);
    assert.equal(await manager.cleanupOldSessions({}), 0);
    assert.equal(await manager.cleanupOldSessions({ olderThanDays: 30 }), 1);
    assert.deepEqual(
      (await manager.listSessions()).map(({ id }) => id),
      [fresh],
    );
    assert.deepEqual(events, ['cleaned 0', 'cleaned 1']);
    const usage = await manager.getStorageUsage();
    assert.equal(usage.sessionCount, 1);
    assert.ok(usage.trashBytes > 0 && usage.logBytes > 0);
  });
});

describe('autoSave', () => {
  it('saves loaded sessions every so many minutes, and only what is new', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const home = tempHome(t);
    const { manager, storage } = home.sessions({ settings: { autoSaveInterval: 2 } });
    const id = await writeSession(storage);
    const session = await manager.loadSession(id);
    const events = eventsOf(manager);
    session.history.messages.push({ role: 'user', content: 'not saved yet' });
    t.mock.timers.tick(MINUTE_MS);
    assert.deepEqual(events, []);
    t.mock.timers.tick(MINUTE_MS);
    await settled(() => events.length > 0);
    assert.deepEqual(events, [`autoSaved ${id}`]);
    assert.deepEqual(await textsShown(storage, id), ['hello', 'not saved yet']);
    const records = (await collected(storage.records(id))).length;
    t.mock.timers.tick(2 * MINUTE_MS);
    await settled(() => events.length > 1);
    assert.equal((await collected(storage.records(id))).length, records);
  });

  it('saves created ones, and none that nothing was said in', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { manager, storage } = tempHome(t).sessions();
    const session = await manager.createSession();
    const events = eventsOf(manager);
    t.mock.timers.tick(5 * MINUTE_MS);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(storage.exists(session.id), false);
    session.history.messages.push({ role: 'user', content: 'a' });
    t.mock.timers.tick(5 * MINUTE_MS);
    await settled(() => events.length > 0);
    assert.deepEqual(await textsShown(storage, session.id), ['a']);
    assert.deepEqual(events, [`autoSaved ${session.id}`]);
  });

  it('that is off writes nothing by itself, not even at the end', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const home = tempHome(t);
    const { manager, storage } = home.sessions({ settings: { autoSave: false } });
    const session = await manager.createSession('named');
    assert.equal(session.name, 'named');
    session.history.messages.push({ role: 'user', content: 'a' });
    t.mock.timers.tick(60 * MINUTE_MS);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(storage.exists(session.id), false);
    await manager.saveSession(session.id);
    const [row] = storage.list().sessions;
    assert.deepEqual([row!.name, row!.messageCount], ['named', 1]);
    session.history.messages.push({ role: 'user', content: 'b' });
    await manager.close();
    assert.deepEqual(await textsShown(home.storage(), session.id), ['a']);
  });

  it('that is on saves what is left when the manager is closed', async (t) => {
    const home = tempHome(t);
    const { manager } = home.sessions();
    const session = await manager.createSession('x');
    session.history.messages.push({ role: 'user', content: 'the last' });
    await manager.close();
    assert.deepEqual(await textsShown(home.storage(), session.id), ['the last']);
  });

  it('that cannot save says so and goes on', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { manager, storage } = tempHome(t).sessions();
    const id = await writeSession(storage);
    const session = await manager.loadSession(id);
    const events = eventsOf(manager);
    session.history.messages[0]!.content = 'rewritten';
    t.mock.timers.tick(5 * MINUTE_MS);
    await settled(() => events.length > 0);
    assert.match(events[0]!, /^warning session .* could not be saved: .* was changed in memory/);
    session.history.messages[0]!.content = 'hello';
    t.mock.timers.tick(5 * MINUTE_MS);
    await settled(() => events.length > 1);
    assert.equal(events[1], `autoSaved ${id}`);
  });
});

describe('memory', () => {
  it('is measured by operation', async (t) => {
    const { manager } = tempHome(t).sessions();
    await manager.createSession('x');
    await manager.listSessions();
    await manager.listSessions();
    await assert.rejects(() => manager.loadSession('a1b2c3d4-0000-4000-8000-000000000009'));
    const figures = manager.operationFigures();
    assert.deepEqual(Object.keys(figures).toSorted(), ['create', 'list', 'load']);
    assert.equal(figures['list']!.count, 2);
    assert.ok(Object.values(figures).every(({ peakRssBytes, durationMs }) => peakRssBytes > 1e6 && durationMs >= 0));
  });

  it('above its limit lets go of sessions that are not active, saved, and says so', async (t) => {
    const { manager, storage } = tempHome(t).sessions({ memoryLimitBytes: 1 });
    const [first, second] = [await writeSession(storage), await writeSession(storage)];
    const idle = await manager.loadSession(first);
    idle.history.messages.push({ role: 'user', content: 'not saved yet' });
    const warnings: string[] = [];
    manager.on('warning', (message) => warnings.push(message));
    const active = await manager.loadSession(second);
    assert.deepEqual(warnings, ['memory is above its limit: 1 loaded sessions were let go']);
    assert.deepEqual(await textsShown(storage, first), ['hello', 'not saved yet']);
    assert.equal(manager.getActiveSession(), active);
    await assert.rejects(() => manager.saveSession(first), { code: 'SESSION_NOT_FOUND' });
    await manager.saveSession(second);
  });

  it('above its limit keeps what may hold something that was never written', async (t) => {
    const { manager, storage } = tempHome(t).sessions({ memoryLimitBytes: 1, settings: { autoSave: false } });
    const [first, second] = [await writeSession(storage), await writeSession(storage)];
    const idle = await manager.loadSession(first);
    idle.history.messages.push({ role: 'user', content: 'not saved yet' });
    await manager.loadSession(second);
    await manager.saveSession(first);
    assert.deepEqual(await textsShown(storage, first), ['hello', 'not saved yet']);
  });
});

describe('openSessions', () => {
  it('opens the store that the environment names, else the one in the options', async (t) => {
    const home = tempHome(t);
    const id = await writeSession(home.storage());
    const environment = { ROO_HOME: home.home };
    const named = openSessions({ environment });
    assert.deepEqual(
      (await named.manager.listSessions()).map((each) => each.id),
      [id],
    );
    await named.manager.close();
    const { storage } = home.sessions({
      environment: { ROO_HOME: '/nowhere', ROO_SESSIONS_DIR: `${home.folder}/other` },
    });
    assert.equal(storage.layout.home, home.home);
    assert.equal(storage.layout.sessionsDir, `${home.folder}/other`);
    assert.deepEqual(storage.list().sessions, []);
  });
});

describe('several managers', () => {
  it('on one store see what the others did', async (t: TestContext) => {
    const home = tempHome(t);
    const [one, two] = [home.sessions().manager, home.sessions().manager];
    const session = await one.createSession('x');
    assert.deepEqual(
      (await two.listSessions()).map(({ name }) => name),
      ['x'],
    );
    await assert.rejects(() => two.resume(session.id), { code: 'SESSION_IN_USE' });
    await one.close();
    const live = await two.resume(session.id);
    assert.equal(await two.resume(session.id), live);
    await live.close();
    assert.notEqual(await two.resume(session.id), live, 'a closed one is not given out again');
  });
});
