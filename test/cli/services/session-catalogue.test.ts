import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { documentText, storySession } from '../../helpers/format1-documents.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

const ID = 'abcd1234-0000-4000-8000-000000000001';
const LIKE = 'abcd5678-0000-4000-8000-000000000002';
const HERE = { projectPath: '/home/dev/project', currentId: null };

function named(name: string): ReturnType<typeof says> {
  return { type: 'meta', name };
}

describe('a reference', () => {
  it('is an id, a beginning of one, a name, @last or @current', async (t) => {
    const storage = tempHome(t).storage();
    await writeSession(storage, [says('a'), named('login fix')], { sessionId: ID });
    await writeSession(storage, [says('b')], { sessionId: LIKE, project: '/home/dev/else' });
    const cases: [ref: string, id: string][] = [
      [ID, ID],
      ['abcd1', ID],
      ['abcd5678', LIKE],
      ['login fix', ID],
      ['@last', ID],
    ];
    for (const [ref, id] of cases) assert.equal(storage.resolve(ref, HERE), id, ref);
    assert.equal(storage.resolve('@current', { ...HERE, currentId: LIKE }), LIKE);
    assert.equal(storage.resolve('@current', HERE), ID);
    assert.equal(storage.resolve('@last', { ...HERE, projectPath: '/home/dev/else' }), LIKE);
    assert.throws(() => storage.resolve('@last', { ...HERE, projectPath: '/nowhere' }), { code: 'SESSION_NOT_FOUND' });
  });

  it('that fits several lists them', async (t) => {
    const storage = tempHome(t).storage();
    for (const sessionId of [ID, LIKE]) await writeSession(storage, [says('a'), named('same')], { sessionId });
    for (const ref of ['abcd', 'same']) {
      assert.throws(
        () => storage.resolve(ref, HERE),
        (error: unknown) => {
          assert.ok(error instanceof SessionError);
          assert.equal(error.code, 'SESSION_REF_AMBIGUOUS');
          assert.equal((error.data!['candidates'] as unknown[]).length, 2);
          assert.ok(error.hint!.includes(ID) && error.hint!.includes(LIKE));
          return true;
        },
      );
    }
    assert.throws(() => storage.resolve('abc', HERE), { code: 'SESSION_NOT_FOUND' }, 'too short to be meant');
  });

  it('that fits none says whether it could have been one', async (t) => {
    const storage = tempHome(t).storage();
    await writeSession(storage);
    for (const ref of ['../x', 'a/b', 'a\\b', '..', 'CON', 'nul', 'a'.repeat(300), '\0']) {
      assert.throws(() => storage.resolve(ref, HERE), { code: 'SESSION_ID_INVALID' }, JSON.stringify(ref.slice(0, 9)));
    }
    for (const ref of ['nothing', 'a name of several words', '修复登录', '', 'ffffffff']) {
      assert.throws(() => storage.resolve(ref, HERE), { code: 'SESSION_NOT_FOUND' }, ref);
    }
  });

  it('may be a name of any kind', async (t) => {
    const storage = tempHome(t).storage();
    for (const name of ['../x', 'CON', '修复登录', 'a'.repeat(300), '@last of all']) {
      const id = await writeSession(storage, [says('a'), named(name)]);
      assert.equal(storage.resolve(name, HERE), id);
    }
  });

  it('finds a session that another program copied into the folder', async (t) => {
    const [here, there] = [tempHome(t), tempHome(t)];
    const source = here.storage();
    await writeSession(source, [says('needle')], { sessionId: ID });
    const storage = there.storage();
    await writeSession(storage);
    assert.throws(() => storage.resolve('abcd1234', HERE), { code: 'SESSION_NOT_FOUND' });
    copyFileSync(source.layout.logPath(ID), storage.layout.logPath(ID));
    assert.equal(storage.resolve('abcd1234', HERE), ID);
    assert.equal((await storage.find('needle')).sessions.length, 1);
    rmSync(storage.layout.logPath(ID));
    assert.throws(() => storage.resolve('abcd1234', HERE), { code: 'SESSION_NOT_FOUND' });
    assert.equal((await storage.find('needle')).sessions.length, 0);
  });
});

describe('a second version of a session that a copy or a syncer left', () => {
  const NAMES = [
    (id: string) => `session-${id} (1).json.gz`,
    (id: string) => `session-${id} copy.json.gz`,
    (id: string) => `session-${id}.sync-conflict-20260203-101112-ABCDEFG.json.gz`,
    (id: string) => `session-${id}.json (conflicted copy 2026-02-03).gz`,
    (id: string) => `session-${id}.json-laptop.gz`,
  ];

  async function withCopy(
    storage: SessionStorage,
    name: (id: string) => string,
  ): Promise<{ copy: string; path: string }> {
    await writeSession(storage, [says('shared'), named('login')], { sessionId: ID });
    const path = join(storage.layout.sessionsDir, name(ID));
    copyFileSync(storage.layout.logPath(ID), path);
    await storage.change(ID, [says('only in the original')]);
    const copy = storage.list().sessions.find(({ id }) => id !== ID)!.id;
    return { copy, path };
  }

  for (const name of NAMES) {
    it(`(${name('ID')}) is listed as a fork, opens, and can be gone on with`, async (t) => {
      const storage = tempHome(t).storage();
      const { copy } = await withCopy(storage, name);
      assert.equal(storage.list().sessions.length, 2);
      const info = storage.details(copy).session;
      assert.deepEqual(info.links, [{ sessionId: ID, kind: 'parent' }]);
      assert.equal(info.name, 'login');
      assert.deepEqual(await textsShown(storage, copy), ['shared']);
      await storage.change(copy, [says('only in the copy')]);
      assert.deepEqual(await textsShown(storage, copy), ['shared', 'only in the copy']);
      assert.deepEqual(await textsShown(storage, ID), ['shared', 'only in the original']);
      const session = await storage.loadSession(copy);
      assert.equal(session.id, copy);
      session.name = 'the copy';
      await storage.saveSession(session);
      assert.equal(storage.resolve('the copy', HERE), copy);
      const fork = await storage.fork(copy, null, null);
      assert.deepEqual(await textsShown(storage, fork), ['shared', 'only in the copy']);
    });

    it(`(${name('ID')}) goes to the trash, comes back and is purged without the original`, async (t) => {
      const storage = tempHome(t).storage();
      const { copy, path } = await withCopy(storage, name);
      const bytes = readFileSync(path);
      await storage.trash(ID, '');
      assert.deepEqual(await textsShown(storage, copy), ['shared'], 'it stays when the original goes');
      await storage.undelete(ID);
      await storage.trash(copy, '');
      assert.deepEqual(
        storage.list().sessions.map(({ id }) => id),
        [ID],
      );
      await storage.undelete(copy);
      assert.ok(readFileSync(path).equals(bytes));
      await storage.archive(copy);
      await storage.purge(copy);
      assert.deepEqual(
        storage.list().sessions.map(({ id }) => id),
        [ID],
      );
      assert.deepEqual(await textsShown(storage, ID), ['shared', 'only in the original']);
    });
  }

  it('of a document of format 1 is one, too', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    mkdirSync(home.sessionsDir, { recursive: true });
    for (const name of [`session-${ID}.json.gz`, `session-${ID} (1).json.gz`]) {
      writeFileSync(join(home.sessionsDir, name), documentText(storySession(ID)));
    }
    const ids = storage.list().sessions.map(({ id }) => id);
    assert.equal(ids.length, 2);
    for (const id of ids) assert.equal((await storage.loadSession(id)).history.messages.length, 3);
    assert.equal(storage.list().sessions.length, 2);
  });
});

describe('a list', () => {
  it('shows a session by its name, else its first words, else its id', async (t) => {
    const storage = tempHome(t).storage();
    await writeSession(storage, [says('a'), named('given')]);
    await writeSession(storage, [says('the first words\nand more')]);
    const empty = await writeSession(storage, [{ type: 'state', patch: { openFiles: [] } }]);
    const names = storage
      .list()
      .sessions.map(({ name }) => name)
      .toSorted();
    assert.deepEqual(names, ['given', `session ${empty.slice(0, 8)}`, 'the first words and more'].toSorted());
  });

  it('has documents of format 1 as what they are, without touching them', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    mkdirSync(home.sessionsDir, { recursive: true });
    writeFileSync(storage.layout.logPath(ID), documentText(storySession(ID)));
    const [row] = storage.list().sessions;
    assert.deepEqual(
      [row!.name, row!.messageCount, row!.status, row!.health, row!.tags],
      ['from the story', 3, 'paused', 'ok', ['old', 'kept']],
    );
    assert.equal(readFileSync(storage.layout.logPath(ID), 'utf8'), documentText(storySession(ID)));
  });

  it('in a folder with files of others shows the sessions', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    for (const name of [
      'a.txt',
      'session-.json.gz',
      'session-con.json.gz',
      'session-x.json',
      '.session-y.json.gz',
      'state',
    ]) {
      writeFileSync(join(home.sessionsDir, name), 'mine');
    }
    mkdirSync(join(home.sessionsDir, 'session-folder.json.gz'));
    const { sessions } = storage.list();
    assert.deepEqual(
      sessions.map((each) => [each.id, each.health]).toSorted(),
      [
        [id, 'ok'],
        ['folder', 'unreadable'],
      ].toSorted(),
    );
  });
});
