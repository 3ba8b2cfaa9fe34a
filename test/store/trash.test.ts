import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseSessionFileName } from '../../src/core/session-file-name.ts';
import { ownNames } from '../../src/store/session-files.ts';
import { tryLock } from '../../src/store/session-lock.ts';
import { emptyFromTrash, listTrash, moveToTrash, restoreFromTrash, trashedLayout } from '../../src/store/trash.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { filesIn } from '../helpers/temp-home.ts';
import { createLog, newSession, tempStore, userSays } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

const NOTE = { name: 'login', deletedAt: '2026-02-01T00:00:00.000Z', reason: 'deleted' };

/** A session with everything that can lie beside its log. */
async function writeAll(store: TempStore): Promise<string> {
  const session = newSession(store);
  const id = session.sessionId;
  const writer = createLog(store, session, { partBytesMax: 1 });
  for (const text of ['one', 'two', 'three']) await writer.append([userSays(text)]);
  await writer.close();
  const { sessionsDir } = store.layout;
  for (const end of ['torn-1', 'damaged-1', 'damaged-1.part2', 'format1-1', 'leftover-1']) {
    writeFileSync(join(sessionsDir, `session-${id}.${end}`), end);
  }
  mkdirSync(store.layout.inboxDir(id));
  writeFileSync(join(store.layout.inboxDir(id), 'entry.json'), '{}\n');
  return id;
}

function namesIn(store: TempStore): string[] {
  return readdirSync(store.layout.sessionsDir)
    .filter((name) => name.startsWith('session-'))
    .toSorted();
}

describe('trash', () => {
  it('takes everything of a session, and gives it back byte for byte', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    const before = filesIn(store.layout.sessionsDir);
    moveToTrash(store.layout, { id, ...NOTE });
    assert.deepEqual(namesIn(store), []);
    const [trashed, ...others] = listTrash(store.layout);
    assert.deepEqual(others, []);
    assert.equal(trashed!.id, id);
    assert.equal(trashed!.name, 'login');
    restoreFromTrash(store.layout, id);
    assert.deepEqual(filesIn(store.layout.sessionsDir), before);
    assert.deepEqual(listTrash(store.layout), []);
    assert.deepEqual(readdirSync(store.layout.trashDir), []);
  });

  it('counts the bytes it holds, and frees all of them', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    const bytes = [...filesIn(store.layout.sessionsDir).values()].reduce((sum, file) => sum + file.length, 0);
    moveToTrash(store.layout, { id, ...NOTE });
    const counted = listTrash(store.layout)[0]!.bytes;
    assert.ok(counted > bytes && counted < bytes + 300, `${counted} for ${bytes} and a note`);
    assert.equal(emptyFromTrash(store.layout, id), counted);
    assert.deepEqual(readdirSync(store.layout.trashDir), []);
    assert.equal(emptyFromTrash(store.layout, id), 0);
  });

  it('leaves other sessions alone, those whose id only begins alike and second versions of the same log among them', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    const others = [
      `session-${id}a.json.gz`,
      `session-${id} (1).json.gz`,
      `session-${id} (1).torn-1`,
      `session-${id}.sync-conflict-20260101-120000-ABCDEFG.json.gz`,
      `session-${id}.sync-conflict-20260101-120000-ABCDEFG.torn-1`,
      `session-${id}.json (conflicted copy).gz`,
      `session-${id}.lock`,
    ];
    for (const name of others) writeFileSync(join(store.layout.sessionsDir, name), name);
    moveToTrash(store.layout, { id, ...NOTE });
    assert.deepEqual(namesIn(store), others.toSorted());
  });

  it('takes a conflict copy with what is beside it, and gives it back under its name', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    const { sessionsDir } = store.layout;
    const path = join(sessionsDir, `session-${id} (1).json.gz`);
    writeFileSync(path, filesIn(sessionsDir).get(`session-${id}.json.gz`)!);
    writeFileSync(join(sessionsDir, `session-${id} (1).torn-1`), 'torn');
    const copy = parseSessionFileName(`session-${id} (1).json.gz`)!.id;
    const before = filesIn(sessionsDir);
    const original = ownNames(store.layout, id);
    moveToTrash(store.layout, { id: copy, ...NOTE });
    assert.deepEqual(namesIn(store), original.toSorted());
    const reader = LogReader.open(trashedLayout(store.layout, copy), copy);
    assert.equal(reader.session.sessionId, id);
    reader.close();
    restoreFromTrash(store.layout, copy);
    assert.deepEqual(filesIn(sessionsDir), before);
  });

  it('of a deletion that a crash cut short is completed: the session is in the trash with all its files', async (t) => {
    const names = await countOwnNames(t);
    for (let moved = 1; moved < names; moved++) {
      const store = tempStore(t);
      const id = await writeAll(store);
      const before = filesIn(store.layout.sessionsDir);
      moveToTrash(store.layout, { id, ...NOTE });
      undoMoves(store, id, moved);
      assert.deepEqual(
        listTrash(store.layout).map((each) => each.id),
        [id],
        `${moved} files moved`,
      );
      assert.deepEqual(namesIn(store), []);
      restoreFromTrash(store.layout, id);
      assert.deepEqual(filesIn(store.layout.sessionsDir), before);
    }
  });

  it('of a deletion that had only begun has nothing: the session is where it was', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    const before = filesIn(store.layout.sessionsDir);
    moveToTrash(store.layout, { id, ...NOTE });
    undoMoves(store, id, 0);
    assert.deepEqual(listTrash(store.layout), []);
    assert.throws(() => restoreFromTrash(store.layout, id), { code: 'SESSION_NOT_FOUND' });
    assert.deepEqual(filesIn(store.layout.sessionsDir), before);
    moveToTrash(store.layout, { id, ...NOTE });
    assert.equal(listTrash(store.layout).length, 1);
  });

  it('of a restoration that was cut short before its last file still has the session', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    const before = filesIn(store.layout.sessionsDir);
    moveToTrash(store.layout, { id, ...NOTE });
    const kept = join(store.layout.trashDir, id);
    for (const name of readdirSync(kept).filter((each) => /torn|damaged|part/.test(each))) {
      renameSync(join(kept, name), join(store.layout.sessionsDir, name));
    }
    assert.equal(listTrash(store.layout).length, 1);
    assert.deepEqual(namesIn(store), []);
    restoreFromTrash(store.layout, id);
    assert.deepEqual(filesIn(store.layout.sessionsDir), before);
  });

  it('leaves a session alone that somebody is moving at this moment', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    moveToTrash(store.layout, { id, ...NOTE });
    undoMoves(store, id, 2);
    const halfway = filesIn(store.layout.sessionsDir);
    const lock = tryLock(store.layout, id, '')!;
    assert.equal(listTrash(store.layout).length, 1);
    assert.deepEqual(filesIn(store.layout.sessionsDir), halfway);
    lock.release();
    listTrash(store.layout);
    assert.deepEqual(namesIn(store), []);
  });

  it('refuses a second session of the same id, and what is there is kept', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    moveToTrash(store.layout, { id, ...NOTE });
    const before = filesIn(store.layout.trashDir);
    const again = createLog(store, newSession(store, { sessionId: id }));
    await again.append([userSays('another')]);
    await again.close();
    assert.throws(() => moveToTrash(store.layout, { id, ...NOTE, name: 'other' }), { code: 'SESSION_EXISTS' });
    assert.throws(() => restoreFromTrash(store.layout, id), { code: 'SESSION_EXISTS' });
    assert.equal(listTrash(store.layout)[0]!.name, 'login');
    assert.deepEqual(filesIn(store.layout.trashDir), before);
    assert.deepEqual(namesIn(store), [`session-${id}.json.gz`]);
  });

  for (const [name, note] of Object.entries({
    'is no JSON': '{"name":',
    'is empty': '',
    'says nothing': 'null',
    'holds no date': '{"name":"x","deletedAt":"soon","reason":""}',
  })) {
    it(`shows and gives back a session whose note ${name}`, async (t) => {
      const store = tempStore(t);
      const id = await writeAll(store);
      const before = filesIn(store.layout.sessionsDir);
      moveToTrash(store.layout, { id, ...NOTE });
      writeFileSync(join(store.layout.trashDir, id, 'trash.json'), note);
      const [trashed] = listTrash(store.layout);
      assert.equal(trashed!.id, id);
      assert.ok(!Number.isNaN(Date.parse(trashed!.deletedAt)));
      restoreFromTrash(store.layout, id);
      assert.deepEqual(filesIn(store.layout.sessionsDir), before);
    });
  }

  it('gives back a session without what somebody else put beside it', async (t) => {
    const store = tempStore(t);
    const id = await writeAll(store);
    moveToTrash(store.layout, { id, ...NOTE });
    const foreign = join(store.layout.trashDir, id, 'notes.txt');
    writeFileSync(foreign, 'mine');
    restoreFromTrash(store.layout, id);
    assert.ok(existsSync(foreign));
    assert.deepEqual(listTrash(store.layout), []);
    assert.ok(!existsSync(join(store.layout.sessionsDir, 'notes.txt')));
  });

  it('lists the oldest first, and passes over files that are not ours', async (t) => {
    const store = tempStore(t);
    const [first, second] = [await writeAll(store), await writeAll(store)];
    moveToTrash(store.layout, { id: first, ...NOTE, deletedAt: '2026-03-01T00:00:00.000Z' });
    moveToTrash(store.layout, { id: second, ...NOTE });
    mkdirSync(join(store.layout.trashDir, 'a folder'));
    writeFileSync(join(store.layout.trashDir, '.DS_Store'), '');
    assert.deepEqual(
      listTrash(store.layout).map(({ id }) => id),
      [second, first],
    );
  });

  for (const id of ['../x', 'CON', 'a'.repeat(300), '', '.', 'a/b', 'a\0b']) {
    it(`refuses the id ${JSON.stringify(id.slice(0, 10))}`, (t) => {
      const { layout } = tempStore(t);
      const isRefused = { code: 'SESSION_ID_INVALID' };
      assert.throws(() => moveToTrash(layout, { id, ...NOTE }), isRefused);
      assert.throws(() => restoreFromTrash(layout, id), isRefused);
      assert.throws(() => emptyFromTrash(layout, id), isRefused);
      assert.throws(() => trashedLayout(layout, id), isRefused);
    });
  }

  it('that is a file says so', (t) => {
    const { layout } = tempStore(t);
    mkdirSync(layout.sessionsDir, { recursive: true });
    writeFileSync(layout.trashDir, '');
    assert.throws(() => listTrash(layout), { code: 'STORE_UNREADABLE', path: layout.trashDir });
  });
});

async function countOwnNames(t: Parameters<typeof tempStore>[0]): Promise<number> {
  const store = tempStore(t);
  return ownNames(store.layout, await writeAll(store)).length;
}

/** Back to the state after so many files had been moved: the log goes first. */
function undoMoves(store: TempStore, id: string, moved: number): void {
  const kept = join(store.layout.trashDir, id);
  const log = `session-${id}.json.gz`;
  const others = readdirSync(kept)
    .filter((name) => name !== log && name !== 'trash.json')
    .toSorted();
  for (const name of [log, ...others].slice(moved)) renameSync(join(kept, name), join(store.layout.sessionsDir, name));
}
