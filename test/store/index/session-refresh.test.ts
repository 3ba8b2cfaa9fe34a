import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SessionError } from '../../../src/core/errors.ts';
import { dirtyIds, markDirty } from '../../../src/store/index/dirty-markers.ts';
import type { SessionIndex } from '../../../src/store/index/session-index.ts';
import { DAY, FakeLogs, sessionId, START_MS } from './fake-logs.ts';

const at = (days: number): string => new Date(START_MS + days * DAY).toISOString();

describe('catching up with the logs', () => {
  let logs: FakeLogs;
  let index: SessionIndex;
  beforeEach(() => {
    logs = new FakeLogs();
    index = logs.index();
  });
  afterEach(() => logs.remove());

  const write = (number: number, name: string): void =>
    logs.write(sessionId(number), { fold: { name, updatedAt: at(number) } });
  const names = (limit = 1000): string[] => index.list({ limit }).rows.map(({ name }) => name);
  const asked = <Result>(work: () => Result): FakeLogs['asked'] & { result: Result } => {
    Object.assign(logs.asked, { ids: 0, stamps: 0, summaries: 0, texts: 0 });
    return { result: work(), ...logs.asked };
  };

  test('a store in which nothing changed is listed without reading its folder or any log', () => {
    for (let i = 0; i < 20; i++) write(i, `n${i}`);
    names();
    const { ids, summaries, texts } = asked(() => names());
    assert.deepEqual({ ids, summaries, texts }, { ids: 0, summaries: 0, texts: 0 });
  });

  test('a folder that changed a moment ago is read once more, or a change in the same moment would be missed', () => {
    write(1, 'one');
    logs.nowMs = Math.ceil(statSync(logs.layout.sessionsDir).mtimeMs) + 1_000;
    names();
    // Another session in the same tick of the file system's clock.
    const { atime, mtime } = statSync(logs.layout.sessionsDir);
    write(2, 'two');
    utimesSync(logs.layout.sessionsDir, atime, mtime);
    assert.deepEqual(names(), ['two', 'one']);
    logs.nowMs += 60_000;
    names();
    assert.equal(asked(() => names()).ids, 0);
  });

  test('sessions that are copied in, renamed, replaced or removed are noticed by the next list', () => {
    write(1, 'one');
    write(2, 'two');
    assert.deepEqual(names(), ['two', 'one']);
    const elsewhere = join(logs.home, 'elsewhere.gz');
    write(3, 'three');
    renameSync(logs.path(sessionId(3)), elsewhere);
    assert.deepEqual(names(), ['two', 'one']);
    copyFileSync(elsewhere, logs.path(sessionId(3)));
    assert.deepEqual(names(), ['three', 'two', 'one']);
    renameSync(logs.path(sessionId(3)), logs.path(sessionId(1)));
    assert.deepEqual(names(), ['three', 'two']);
    logs.delete(sessionId(2));
    assert.deepEqual(names(), ['three']);
    assert.equal(index.get(sessionId(2)), null);
  });

  test('a log that changed in place without a word is found when it is shown, and in a small store at once', () => {
    for (let i = 0; i < 60; i++) write(i, `n${i}`);
    names();
    logs.write(sessionId(5), { fold: { name: 'changed', updatedAt: at(99) } });
    assert.equal(names(10)[0], 'changed');
    const { summaries } = asked(() => names());
    assert.equal(summaries, 0);
  });

  test('in a large store a marked session is found without looking at the others', () => {
    for (let i = 0; i < 700; i++) write(i, `n${i}`);
    assert.equal(names(1)[0], 'n699');
    logs.write(sessionId(5), { fold: { name: 'changed', updatedAt: at(9999) } });
    markDirty(logs.layout, sessionId(5));
    const { result, stamps, summaries } = asked(() => names(1));
    assert.deepEqual(result, ['changed']);
    assert.equal(summaries, 1);
    assert.ok(stamps < 200, `${stamps} logs were looked at`);
  });

  test('in a large store an unmarked change is found by asking for all, or by and by', () => {
    for (let i = 0; i < 700; i++) write(i, `n${i}`);
    names(1);
    logs.write(sessionId(5), { fold: { name: 'changed', updatedAt: at(9999) } });
    for (let i = 0; i < 200 && names(1)[0] !== 'changed'; i++) logs.nowMs++;
    assert.equal(names(1)[0], 'changed');
    logs.write(sessionId(6), { fold: { name: 'changed too', updatedAt: at(99999) } });
    index.refreshAll();
    assert.equal(names(1)[0], 'changed too');
  });

  test('a session that can be read again is shown as it is, though its log has not changed', () => {
    write(1, 'one');
    logs.failing.set(sessionId(1), new SessionError('STORE_UNREADABLE', 'no', { op: 'open' }));
    assert.equal(index.list().rows[0]!.health, 'unreadable');
    logs.failing.clear();
    assert.equal(index.list().rows[0]!.health, 'ok');
  });

  test('shows when a session was last read, which changes nothing else of its log', () => {
    write(1, 'one');
    assert.equal(index.list().rows[0]!.lastAccessedAt, at(0));
  });

  test('what is noted when a session closes is not read again by the next list', async () => {
    write(1, 'one');
    names();
    markDirty(logs.layout, sessionId(1));
    logs.write(sessionId(1), { fold: { name: 'closed', updatedAt: at(1) } }, [{ text: 'findable' }]);
    await index.noteChanged(sessionId(1));
    assert.deepEqual(dirtyIds(logs.layout), []);
    const { result, summaries } = asked(() => names());
    assert.deepEqual([result, summaries], [['closed'], 0]);
    const found = await index.find('findable');
    assert.equal(found.found.length, 1);
  });

  describe('a marker', () => {
    test('stays while somebody writes the session, and goes when nobody does', () => {
      write(1, 'one');
      logs.held.add(sessionId(1));
      markDirty(logs.layout, sessionId(1));
      names();
      assert.deepEqual(dirtyIds(logs.layout), [sessionId(1)]);
      logs.append(sessionId(1), [{ text: 'more' }]);
      assert.equal(index.list().rows[0]!.messageCount, 1);
      logs.held.clear();
      names();
      assert.deepEqual(dirtyIds(logs.layout), []);
    });

    test('is not lost to a writer that starts while it is cleared', () => {
      write(1, 'one');
      markDirty(logs.layout, sessionId(1));
      let asked = 0;
      // Nobody at first; when the marker is gone, a writer that had found it there.
      const racing = logs.index({ isHeld: () => ++asked > 1 });
      racing.list();
      assert.deepEqual([asked, dirtyIds(logs.layout)], [2, [sessionId(1)]]);
    });

    test('is not lost when what was written since is not taken in yet', () => {
      write(1, 'one');
      markDirty(logs.layout, sessionId(1));
      let asked = 0;
      const racing = logs.index({
        isHeld: (id) => {
          if (++asked === 2) logs.append(id, [{ text: 'a whole session in between' }]);
          return false;
        },
      });
      racing.list();
      assert.deepEqual(dirtyIds(logs.layout), [sessionId(1)]);
    });

    test('of a session that never was, or is gone, is cleared', () => {
      markDirty(logs.layout, sessionId(9));
      assert.deepEqual(names(), []);
      assert.deepEqual(dirtyIds(logs.layout), []);
    });

    test('is never a file outside its folder, and foreign files there are left alone', () => {
      assert.throws(() => markDirty(logs.layout, '../escaped'), { code: 'SESSION_ID_INVALID' });
      assert.throws(() => markDirty(logs.layout, 'CON'), { code: 'SESSION_ID_INVALID' });
      mkdirSync(logs.layout.dirtyDir, { recursive: true });
      mkdirSync(join(logs.layout.dirtyDir, 'some folder'));
      assert.deepEqual(names(), []);
      assert.ok(existsSync(join(logs.layout.dirtyDir, 'some folder')));
    });
  });
});

describe('while another process writes the index', () => {
  test('lists and searches are as complete as ever, and the markers stay for later', async () => {
    const logs = new FakeLogs();
    const index = logs.index();
    logs.write(sessionId(1), { fold: { name: 'one', updatedAt: at(1) } }, [{ text: 'apple pie' }]);
    logs.write(sessionId(2), { fold: { name: 'two', updatedAt: at(2) } }, [{ text: 'apple cake' }]);
    await index.find('apple');
    const other = new DatabaseSync(logs.layout.indexPath);
    other.exec('BEGIN IMMEDIATE');
    logs.write(sessionId(3), { fold: { name: 'three', updatedAt: at(3) } }, [{ text: 'apple tart' }]);
    logs.append(sessionId(1), [{ text: 'another apple' }]);
    markDirty(logs.layout, sessionId(1));
    const list = index.list();
    assert.deepEqual(list.rows.map(({ name }) => name).sort(), ['one', 'three', 'two']);
    assert.equal(list.rows.find(({ name }) => name === 'one')!.messageCount, 2);
    const { found } = await index.find('apple');
    assert.deepEqual(found.map(({ row }) => row.name).sort(), ['one', 'three', 'two']);
    assert.equal(found.flatMap(({ hits }) => hits).length, 4);
    assert.deepEqual([...list.warnings, ...index.takeWarnings()], []);
    assert.deepEqual(dirtyIds(logs.layout), [sessionId(1)]);
    other.exec('ROLLBACK');
    other.close();
    assert.equal((await index.find('apple')).found.length, 3);
    assert.deepEqual(dirtyIds(logs.layout), []);
    logs.remove();
  });
});
