import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SessionIndex } from '../../../src/store/index/session-index.ts';
import { FakeLogs, sessionId } from './fake-logs.ts';

/** Not a word of anything else, and long enough that no compression of terms cuts it short. */
const NEEDLE = 'xylophonequartz';

describe('taking words out of the index', () => {
  let logs: FakeLogs;
  let index: SessionIndex;
  beforeEach(() => {
    logs = new FakeLogs();
    index = logs.index();
  });
  afterEach(() => logs.remove());

  /** Whether any trace of the needle is in the index's files, as they are or with the tables' shortened terms. */
  const isThere = (): boolean => {
    const files = ['', '-wal'].map((suffix) => logs.layout.indexPath + suffix).filter((path) => existsSync(path));
    return files.some((path) => readFileSync(path).includes(NEEDLE.slice(1)));
  };
  const check = (): void => {
    const database = new DatabaseSync(logs.layout.indexPath);
    for (const table of ['words', 'pieces']) database.exec(`INSERT INTO ${table}(${table}) VALUES('integrity-check')`);
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    database.close();
  };
  const fill = (texts: number): void => {
    for (let i = 0; i < 30; i++) logs.write(sessionId(i), {}, [{ text: `other words of session ${i}` }]);
    logs.write(
      sessionId(99),
      { fold: { name: `named ${NEEDLE}` } },
      Array.from({ length: texts }, (_, i) => ({
        text: `${NEEDLE} parseJson ${i} 漢字`,
        tools: ['Bash'],
        files: [`${NEEDLE}.ts`],
      })),
    );
  };

  for (const texts of [1, 40, 600]) {
    test(`leaves no trace of a session of ${texts} texts in any file`, async () => {
      fill(texts);
      await index.find('words');
      await index.fillSubstrings(60_000);
      logs.append(sessionId(99), [{ text: `${NEEDLE} at the end` }]);
      await index.find('words');
      assert.ok(isThere());
      assert.equal(await index.forget(sessionId(99)), true);
      assert.equal(isThere(), false);
      logs.delete(sessionId(99));
      assert.deepEqual((await index.find(NEEDLE)).found, []);
      assert.equal((await index.find('words')).found.length, 20);
      assert.equal(isThere(), false);
      check();
    });
  }

  test('says so when the log has other words by now, and the next rebuild removes the rest', async () => {
    fill(3);
    await index.find('words');
    logs.write(sessionId(99), { generation: 'scrubbed' }, [{ text: 'nothing to see' }]);
    assert.equal(await index.forget(sessionId(99)), false);
    assert.deepEqual((await index.find(NEEDLE)).found, []);
    assert.equal((await index.find('nothing')).found.length, 1);
    await index.rebuild();
    assert.equal(isThere(), false);
  });

  test('of a session the index does not know is done at once', async () => {
    assert.equal(await index.forget(sessionId(7)), true);
  });

  test('a log that was rewritten with the same words keeps them, at their new places', async () => {
    fill(100);
    await index.find('words');
    await index.fillSubstrings(60_000);
    const texts = Array.from({ length: 100 }, (_, i) => ({
      text: `${NEEDLE} parseJson ${i} 漢字`,
      tools: ['Bash'],
      files: [`${NEEDLE}.ts`],
    }));
    logs.write(sessionId(99), { generation: 'repacked' }, [...texts, { text: 'added since' }]);
    const { found } = await index.find(`${NEEDLE} 57`);
    assert.match(found[0]!.hits[0]!.snippet, /57/);
    assert.equal((await index.find('added')).found.length, 1);
    const database = new DatabaseSync(logs.layout.indexPath, { readOnly: true });
    const orphans = database.prepare(`SELECT value FROM meta WHERE key = 'orphans'`).get();
    assert.equal(orphans, undefined);
    database.close();
    check();
  });

  test('sessions that vanish leave words behind only until they are too many', async () => {
    const words = { text: `left ${NEEDLE} behind` };
    for (let i = 0; i < 30; i++) logs.write(sessionId(i), {}, [{ text: 'stays' }]);
    logs.write(
      sessionId(99),
      {},
      Array.from({ length: 1_200 }, () => words),
    );
    await index.find('stays');
    logs.delete(sessionId(99));
    index.list();
    assert.ok(isThere());
    assert.equal((await index.find('stays')).found.length, 20);
    assert.equal(isThere(), false);
    check();
  });

  test('for good leaves nothing where the log has other words by now, and the others are found again', async () => {
    fill(3);
    await index.find('words');
    logs.write(sessionId(99), { generation: 'changed' }, [{ text: 'nothing to see' }]);
    assert.equal(await index.erase(sessionId(99)), null);
    assert.equal(isThere(), false);
    logs.delete(sessionId(99));
    assert.equal((await index.find('words')).found.length, 20);
    check();
  });

  test('for good waits for a reader that keeps the write-ahead log', async () => {
    fill(3);
    await index.find('words');
    const reading = `
      import { DatabaseSync } from 'node:sqlite';
      const database = new DatabaseSync(process.argv[1]);
      database.exec('BEGIN');
      database.prepare('SELECT count(*) FROM session').get();
      console.log('reading');
      setTimeout(() => database.close(), 800);`;
    const args = ['--input-type=module', '--eval', reading, logs.layout.indexPath];
    const reader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(reader.stdout, 'data');
    assert.equal(await index.erase(sessionId(99)), null);
    assert.equal(isThere(), false);
    await once(reader, 'exit');
  });

  test('for good takes away other indexes that know the session, as a folder that was moved leaves them', async () => {
    fill(3);
    await index.find('words');
    const beside = (name: string): string => join(dirname(logs.layout.indexPath), name);
    index.close();
    copyFileSync(logs.layout.indexPath, beside('index-01234567.db'));
    await index.erase(sessionId(99));
    index.close();
    copyFileSync(logs.layout.indexPath, beside('index-89abcdef.db'));
    await index.erase(sessionId(99));
    assert.equal(existsSync(beside('index-01234567.db')), false);
    assert.equal(existsSync(beside('index-89abcdef.db')), true);
  });

  test('for good says so where the file cannot be used', async () => {
    fill(3);
    mkdirSync(logs.layout.indexPath, { recursive: true });
    assert.match((await index.erase(sessionId(99)))!, /the index .*index-.*\.db, which cannot be written/);
  });

  test('a session that goes while a list looks at it is not taken in again', async () => {
    fill(1);
    logs.afterSummary = (id) => {
      if (id === sessionId(99)) logs.delete(id);
    };
    assert.equal(index.list({ limit: 50 }).rows.length, 30);
    assert.equal(isThere(), false);
  });
});
