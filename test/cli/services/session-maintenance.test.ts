import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LogReader } from '../../../src/store/log-reader.ts';
import { isPacked } from '../../../src/store/log-rewrite.ts';
import { trashedLayout } from '../../../src/store/trash.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { framesOf, junk } from '../../helpers/damage.ts';
import { documentText, PACKINGS, storySession } from '../../helpers/format1-documents.ts';
import { plainBytesIn } from '../../helpers/plain-bytes.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import {
  bytesIn,
  collected,
  filesIn,
  says,
  shown,
  tempHome,
  textsShown,
  writeSession,
} from '../../helpers/temp-home.ts';
import type { TempHome } from '../../helpers/temp-home.ts';
import { answers, calls, prints } from '../../helpers/walks.ts';

makeSyncingFree();

const OLD = 'a1b2c3d4-0000-4000-8000-000000000001';

/** Too long for a line. */
const LONG = 'some words that are said again and again '.repeat(10_000);

/** A session with a word of its own in every place that something can hide in. */
async function writeMarked(storage: SessionStorage, mark: string): Promise<string> {
  const id = await writeSession(storage, [
    says(`${mark} message`),
    { type: 'meta', name: `${mark} name`, description: `${mark} description`, addTags: [`${mark}-tag`] },
    { type: 'context', context: { systemPrompt: `${mark} prompt` } },
    { type: 'state', patch: { openFiles: [`${mark}/file`] } },
    calls(`${mark} call`, ['c']),
    answers('c', `${mark} output ${LONG}`),
    says(`${mark} long ${LONG}`),
  ]);
  // A torn tail, and a change that waits.
  const path = storage.layout.logPath(id);
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from(`${mark} torn`)]));
  await storage.change(id, [says('on')]);
  mkdirSync(storage.layout.inboxDir(id), { recursive: true });
  writeFileSync(join(storage.layout.inboxDir(id), 'bad.json'), `{"${mark}`);
  await storage.find(mark);
  await storage.reindex(() => {});
  return id;
}

function damageFrame(storage: SessionStorage, id: string, index: number): Buffer {
  const path = storage.layout.logPath(id);
  const frames = framesOf(readFileSync(path));
  const damaged = Buffer.concat(frames.map((frame, at) => (at === index ? junk(frame.length) : frame)));
  writeFileSync(path, damaged);
  return damaged;
}

describe('archiving', () => {
  it('repacks a session small, takes it out of the list, and it stays found and whole', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('needle')]);
    for (let i = 0; i < 60; i++) await storage.change(id, [says(`the same words again ${i}`)]);
    const before = await textsShown(storage, id);
    const { size } = storage.details(id).session;
    await storage.archive(id);
    const after = storage.details(id).session;
    assert.equal(after.archived, true);
    assert.ok(after.size < size / 5, `${after.size} of ${size}`);
    assert.deepEqual(storage.list().sessions, []);
    assert.deepEqual(
      storage.list({ archived: 'only' }).sessions.map((each) => each.id),
      [id],
    );
    assert.equal((await storage.find('needle')).sessions[0]!.id, id);
    assert.deepEqual(await textsShown(storage, id), before);
    await storage.change(id, [says('goes on')]);
    assert.equal((await textsShown(storage, id)).at(-1), 'goes on');
    await storage.unarchive(id);
    assert.deepEqual(
      storage.list().sessions.map((each) => each.id),
      [id],
    );
  });

  it('twice is the same as once', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    await storage.archive(id);
    const records = (await collected(storage.records(id))).length;
    await storage.archive(id);
    assert.equal((await collected(storage.records(id))).filter(({ type }) => type === 'meta').length, 1);
    assert.ok((await collected(storage.records(id))).length <= records + 4);
  });

  it('marks a damaged session and rewrites nothing of it', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    await storage.change(id, [says('b')]);
    await storage.change(id, [says('c')]);
    damageFrame(storage, id, 4);
    const bytes = readFileSync(storage.layout.logPath(id));
    await storage.archive(id);
    const after = readFileSync(storage.layout.logPath(id));
    assert.ok(after.subarray(0, bytes.length).equals(bytes));
    assert.equal(storage.list({ archived: 'only' }).sessions.length, 1);
  });
});

describe('trash', () => {
  it('holds a session byte for byte, out of every list, and gives it back', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeMarked(storage, 'gone');
    const other = await writeSession(storage, [says('gone is another')]);
    const before = filesIn(home.sessionsDir);
    await storage.trash(id, 'by hand');
    assert.deepEqual(
      storage.list().sessions.map((each) => each.id),
      [other],
    );
    assert.deepEqual(
      (await storage.find('gone')).sessions.map((each) => each.id),
      [other],
    );
    assert.throws(() => storage.resolve(id, { projectPath: '/', currentId: null }), { code: 'SESSION_NOT_FOUND' });
    assert.throws(() => storage.details(id), { code: 'SESSION_NOT_FOUND' });
    assert.deepEqual(
      storage.list({ trash: 'only' }).sessions.map(({ name }) => name),
      ['gone name'],
    );
    assert.equal(await storage.undelete(id), id);
    assert.deepEqual(filesIn(home.sessionsDir), before);
    assert.equal(storage.details(id).session.name, 'gone name');
    assert.equal((await storage.find('gone')).sessions.length, 2);
  });

  it('gives back by a beginning of the id and by name, and asks where that is not clear', async (t) => {
    const storage = tempHome(t).storage();
    const [one, two] = [await writeSession(storage), await writeSession(storage)];
    for (const id of [one, two]) await storage.change(id, [{ type: 'meta', name: 'same' }]);
    for (const id of [one, two]) await storage.trash(id, '');
    await assert.rejects(
      () => storage.undelete('same'),
      (error: unknown) => {
        const { code, data } = error as { code: string; data: { candidates: unknown[] } };
        return code === 'SESSION_REF_AMBIGUOUS' && data.candidates.length === 2;
      },
    );
    assert.equal(await storage.undelete(one.slice(0, 8)), one);
    assert.equal(await storage.undelete('same'), two);
    await assert.rejects(() => storage.undelete(one), { code: 'SESSION_NOT_FOUND' });
  });

  it('that holds one of the same id refuses the second, which stays in the list', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    await storage.trash(id, '');
    await writeSession(storage, [says('again')], { sessionId: id });
    await assert.rejects(() => storage.trash(id, ''), { code: 'SESSION_EXISTS' });
    assert.deepEqual(
      storage.list().sessions.map((each) => each.id),
      [id],
    );
    assert.equal((await storage.find('again')).sessions.length, 1);
    await assert.rejects(() => storage.undelete(id), { code: 'SESSION_EXISTS' });
  });

  it('pages its list', async (t) => {
    const storage = tempHome(t).storage();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await writeSession(storage, [{ type: 'meta', name: `${i}` }]));
    for (const id of ids.toReversed()) await storage.trash(id, '');
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = storage.list({ trash: 'only', limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.sessions.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    assert.deepEqual(seen.toSorted(), ids.toSorted());
    assert.throws(() => storage.list({ trash: 'only', cursor: 'none' }), { code: 'USAGE' });
  });

  it('takes a move that a crash cut short as done', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeMarked(storage, 'gone');
    const before = filesIn(home.sessionsDir);
    await storage.trash(id, '');
    const kept = join(storage.layout.trashDir, id);
    for (const name of readdirSync(kept).filter((each) => /torn|inbox/.test(each))) {
      renameSync(join(kept, name), join(home.sessionsDir, name));
    }
    const again = home.storage();
    assert.deepEqual(again.list().sessions, []);
    assert.equal(again.list({ trash: 'only' }).sessions.length, 1);
    assert.deepEqual(readdirSync(home.sessionsDir).toSorted(), ['blobs', 'metadata.json', 'trash']);
    await again.undelete(id);
    assert.deepEqual(filesIn(home.sessionsDir), before);
  });
});

describe('purging', () => {
  for (const from of ['the store', 'the trash'] as const) {
    it(`from ${from} leaves not one byte of the session: not in the index, in no blob, in no frame`, async (t) => {
      const home = tempHome(t);
      const storage = home.storage();
      const kept = await writeMarked(storage, 'staying');
      const id = await writeMarked(storage, 'vanishing');
      assert.deepEqual(where(home, 'vanishing').length > 0, true);
      if (from === 'the trash') await storage.trash(id, '');
      const before = bytesIn(home.sessionsDir);
      const { bytesFreed, remains } = await storage.purge(id);
      assert.ok(before - bytesIn(home.sessionsDir) === bytesFreed || from === 'the store');
      assert.ok(bytesFreed > 400_000, `${bytesFreed}`);
      assert.equal(remains.length, 3);
      await storage.close();
      assert.deepEqual(where(home, 'vanishing'), []);
      const again = home.storage();
      assert.equal((await again.find('staying')).sessions.length, 1);
      assert.equal((await again.verify(kept)).health, 'ok');
      assert.deepEqual(readdirSync(again.layout.trashDir), []);
      assert.equal(existsSync(again.layout.blobDir(id)), false);
    });
  }

  it('of a base gives its forks, and their forks, the past first', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const long = LONG;
    const id = await writeSession(storage, [
      says('a'),
      calls('b', ['c']),
      answers('c', long),
      calls('c', ['d']),
      prints('d', 'recorded in pieces'),
      { type: 'tool-end', callId: 'd', status: 'ok' },
    ]);
    const fork = await storage.fork(id, null, null);
    await storage.change(fork, [says('fork')]);
    const forkOfFork = await storage.fork(fork, null, null);
    await storage.change(forkOfFork, [says('fork of fork')]);
    const inTrash = await storage.fork(id, '1', null);
    await storage.trash(inTrash, '');
    const before = [await shown(storage, fork), await shown(storage, forkOfFork)];
    const { remains } = await storage.purge(id);
    for (const each of [fork, inTrash]) assert.ok(remains.some((reason) => reason.includes(`${each}, a fork`)));
    assert.deepEqual([await shown(storage, fork), await shown(storage, forkOfFork)], before);
    for (const each of [fork, forkOfFork]) {
      const { health, recordsDamaged } = await storage.verify(each);
      assert.deepEqual([health, recordsDamaged], ['ok', 0]);
    }
    await storage.undelete(inTrash);
    assert.deepEqual(await textsShown(storage, inTrash), ['a']);
    assert.deepEqual(readdirSync(storage.layout.blobDir(id)).length, 1, 'the blob is still used');
    for (const each of [fork, forkOfFork]) await storage.purge(each);
    assert.equal(existsSync(storage.layout.blobDir(id)), false, 'and goes with its last user');
  });

  it('of a fork leaves its base and the other forks as they were', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [calls('a', ['c']), answers('c', `6 ${LONG}`)]);
    const [one, two] = [await storage.fork(id, null, null), await storage.fork(id, null, null)];
    await storage.change(one, [calls('mine', ['e']), answers('e', `7 ${LONG}`)]);
    await storage.purge(one);
    assert.equal(readdirSync(storage.layout.blobDir(id)).length, 1);
    for (const each of [id, two]) assert.equal((await storage.verify(each)).health, 'ok');
  });

  it('is refused where a fork of it is open, and nothing is lost', async (t) => {
    const { manager, storage } = tempHome(t).sessions();
    const id = await writeSession(storage, [says('a')]);
    const fork = await storage.fork(id, null, null);
    const live = await manager.resume(fork);
    await assert.rejects(() => storage.purge(id), { code: 'SESSION_IN_USE' });
    assert.deepEqual(await textsShown(storage, fork), ['a']);
    await live.close();
    await storage.purge(id);
    assert.deepEqual(await textsShown(storage, fork), ['a']);
  });

  it('says what stays because nobody can tell whose it is', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [calls('a', ['c']), answers('c', `6 ${LONG}`)]);
    writeFileSync(storage.layout.logPath(OLD), junk(100));
    const { remains } = await storage.purge(id);
    assert.match(remains[0]!, new RegExp(`${OLD}.*cannot be read`));
    assert.equal(readdirSync(storage.layout.blobDir(id)).length, 1);
  });

  it('of a session whose base is in the trash, or whose base was purged, works', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    const fork = await storage.fork(id, null, null);
    await storage.trash(id, '');
    assert.deepEqual(await textsShown(storage, fork), ['a']);
    await storage.purge(fork);
    await storage.undelete(id);
    assert.deepEqual(await textsShown(storage, id), ['a']);
  });

  it('that was cut short before its end is finished by purging again', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage, [calls('a', ['c']), answers('c', LONG)]);
    await storage.trash(id, '');
    rmSync(storage.layout.blobDir(id), { recursive: true });
    rmSync(trashedLayout(storage.layout, id).logPath(id));
    assert.equal(storage.list({ trash: 'only' }).sessions.length, 1);
    await storage.purge(id);
    assert.deepEqual(storage.list({ trash: 'only' }).sessions, []);
  });

  it('of a session whose log cannot be read frees its large parts too', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [calls('a', ['c']), answers('c', LONG)]);
    await storage.trash(id, '');
    writeFileSync(trashedLayout(storage.layout, id).logPath(id), junk(100));
    await storage.purge(id);
    assert.equal(existsSync(storage.layout.blobDir(id)), false);
    assert.deepEqual(storage.list({ trash: 'only' }).sessions, []);
  });

  it('of nothing says so', async (t) => {
    const storage = tempHome(t).storage();
    await assert.rejects(() => storage.purge(OLD), { code: 'SESSION_NOT_FOUND' });
  });
});

describe('verify and repair', () => {
  it('find damage, keep the original, and leave everything readable, found and listed', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage, [says('alpha')]);
    for (const text of ['beta', 'gamma', 'delta']) await storage.change(id, [says(text)]);
    const fork = await storage.fork(id, '2', null);
    await storage.change(fork, [says('mine')]);
    const damaged = damageFrame(storage, id, 5);
    const found = await storage.verify(id);
    assert.equal(found.health, 'damaged');
    assert.ok(found.recordsDamaged > 0 && found.bytesKept > 0 && found.recordsOk > 0);
    assert.deepEqual(storage.list({ damaged: 'only' }).sessions.length <= 1, true);
    const before = await textsShown(storage, id);
    const report = await storage.repair(id);
    assert.equal(report.health, 'ok');
    assert.ok(readFileSync(report.originalPath!).equals(damaged));
    assert.ok(report.actions.length >= 2);
    assert.equal((await storage.verify(id)).health, 'ok');
    assert.equal(storage.details(id).fold.counts.quarantined, 1);
    const after = (await textsShown(storage, id)).filter((text) => text !== '');
    assert.deepEqual(after, before);
    assert.equal((await storage.find('delta')).sessions.length, 1);
    assert.equal((await textsShown(storage, fork)).at(-1), 'mine');
    const { actions, originalPath } = await storage.repair(id);
    assert.deepEqual({ actions, originalPath }, { actions: [], originalPath: null });
  });

  it('of a session with a lost blob say so; repairing cannot bring it back', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [calls('a', ['c']), answers('c', `6 ${LONG}`)]);
    const folder = storage.layout.blobDir(id);
    const blob = join(folder, readdirSync(folder)[0]!);
    writeFileSync(blob, junk(statSync(blob).size));
    assert.equal((await storage.verify(id)).health, 'damaged');
    const { actions } = await storage.repair(id);
    assert.deepEqual(actions, []);
    assert.equal((await shown(storage, id)).length, 1);
  });

  it('of what is no log say that it cannot be read', async (t) => {
    const storage = tempHome(t).storage();
    await writeSession(storage);
    writeFileSync(storage.layout.logPath(OLD), junk(300));
    assert.equal((await storage.verify(OLD)).health, 'unreadable');
    await assert.rejects(() => storage.repair(OLD), { code: 'LOG_UNREADABLE' });
    assert.ok(readFileSync(storage.layout.logPath(OLD)).equals(junk(300)));
    assert.equal(storage.list().sessions.find(({ id }) => id === OLD)?.health, 'unreadable');
    await assert.rejects(() => storage.verify(OLD.replace('0001', '0009')), { code: 'SESSION_NOT_FOUND' });
  });

  it('of a document of format 1 check its checksum', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    mkdirSync(home.sessionsDir, { recursive: true });
    const path = storage.layout.logPath(OLD);
    writeFileSync(path, documentText(storySession(OLD)));
    const { health, recordsOk } = await storage.verify(OLD);
    assert.deepEqual([health, recordsOk], ['ok', 3]);
    writeFileSync(path, documentText(storySession(OLD)).replace('said 2', 'said 9'));
    assert.equal((await storage.verify(OLD)).health, 'damaged');
    writeFileSync(path, documentText(storySession(OLD)).slice(0, 500));
    assert.equal((await storage.verify(OLD)).health, 'unreadable');
  });
});

describe('migrating', () => {
  it('turns every document into a log, and tells of those that it cannot', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const log = await writeSession(storage, [says('a log already')]);
    const ids = ['1', '2', '3', '4'].map((digit) => OLD.replace('0001', `000${digit}`)) as [
      string,
      string,
      string,
      string,
    ];
    const [gzip, plain, changed, newer] = ids;
    writeFileSync(storage.layout.logPath(gzip), PACKINGS.gzip(documentText(storySession(gzip, 5))));
    writeFileSync(storage.layout.logPath(plain), PACKINGS.plain(documentText(storySession(plain))));
    const damaged = documentText(storySession(changed)).replace('said 2', 'said 9');
    writeFileSync(storage.layout.logPath(changed), damaged);
    writeFileSync(storage.layout.logPath(newer), documentText(storySession(newer), { version: '9.0' }));
    assert.equal(storage.list({ limit: 99 }).sessions.length, 5);
    assert.equal((await storage.find('what was said')).sessions.length, 2, 'found before they are brought over');
    const { migrated, warnings } = await storage.migrate();
    assert.deepEqual(
      migrated.map(({ id, messages }) => [id, messages]).toSorted(),
      [
        [gzip, 5],
        [plain, 3],
      ].toSorted(),
    );
    assert.deepEqual(warnings.map(({ code }) => code).toSorted(), ['CHECKSUM_MISMATCH', 'FORMAT_NEWER']);
    assert.equal(readFileSync(storage.layout.logPath(changed), 'utf8'), damaged);
    assert.deepEqual((await textsShown(storage, plain)).length, 3);
    assert.equal(storage.details(gzip).session.name, 'from the story');
    assert.equal((await storage.find('what was said')).sessions.length, 2);
    assert.deepEqual(await textsShown(storage, log), ['a log already']);
    assert.deepEqual((await storage.migrate()).migrated, []);
  });

  it('leaves other names in the folder alone', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    mkdirSync(storage.layout.logPath('a-folder'), { recursive: true });
    writeFileSync(join(home.sessionsDir, 'notes.json'), documentText(storySession('x')));
    const { migrated, warnings } = await storage.migrate();
    assert.deepEqual(migrated, []);
    assert.ok(warnings.length <= 1);
    assert.ok(existsSync(join(home.sessionsDir, 'notes.json')));
  });
});

describe('rebuilding the index', () => {
  it('gives the same answers from the logs alone', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const ids = [await writeSession(storage, [says('needle one')]), await writeSession(storage, [says('needle two')])];
    await storage.archive(ids[0]!);
    const answer = async (from: SessionStorage): Promise<unknown> => [
      from.list({ archived: 'include' }).sessions.map(({ lastAccessedAt: _at, ...row }) => row),
      (await from.find('needle')).sessions.map(({ id }) => id).toSorted(),
    ];
    const before = await answer(storage);
    const { sessions, texts } = await storage.reindex(() => {});
    assert.deepEqual([sessions, texts], [2, 2]);
    assert.deepEqual(await answer(storage), before);
    await storage.close();
    for (const name of readdirSync(storage.layout.stateDir).filter((each) => each.startsWith('index'))) {
      renameSync(join(storage.layout.stateDir, name), join(home.folder, name));
    }
    assert.deepEqual(await answer(home.storage()), before);
  });
});

/** Files under the home in which a word stands, logs unpacked. */
function where({ home }: TempHome, mark: string): string[] {
  return [...plainBytesIn(home)].filter(([, bytes]) => bytes.includes(mark)).map(([name]) => name);
}

describe('a packed session', () => {
  it('is one after its archiving', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    await storage.archive(id);
    const reader = LogReader.open(storage.layout, id);
    assert.ok(isPacked(reader));
    reader.close();
  });
});
