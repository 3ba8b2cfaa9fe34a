import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SessionIndex } from '../../../src/store/index/session-index.ts';
import { FakeLogs, sessionId } from './fake-logs.ts';

const PAGE = 4096;
const SESSIONS = 30;

/** What users get to see, from every table. */
async function answers(index: SessionIndex): Promise<unknown> {
  const lists = (['updated', 'created', 'name', 'size', 'messages'] as const).map(
    (sort) => index.list({ sort, limit: 1000 }).rows,
  );
  const tagged = index.list({ tags: ['odd'], limit: 1000 }).rows.map(({ id }) => id);
  const project = index.list({ project: '/home/dev/two', limit: 1000 }).rows.map(({ id }) => id);
  const found = [];
  for (const query of ['common', 'rare17', '"two words"', 'tool:bash', 'file:deep.ts', 'ommo', 'tag:odd common']) {
    const { found: rows } = await index.find(query, { limit: 1000 });
    found.push(rows.map(({ row, score, hits }) => [row.id, score, hits]));
  }
  return { lists, tagged, project, found, named: index.byName('Session 7'), prefix: index.byPrefix('0000001') };
}

describe('an index that is damaged', () => {
  const logs = new FakeLogs();
  let expected: unknown;
  let whole: Buffer;

  before(async () => {
    for (let i = 0; i < SESSIONS; i++) {
      const texts = Array.from({ length: 20 }, (_, t) => ({
        text: `common words ${t} of session ${i}, two words, rare${i * 20 + t} ${'padding '.repeat((i * t) % 50)}`,
        tools: t % 5 === 0 ? ['Bash'] : [],
        files: t % 7 === 0 ? [`src/${i}/deep.ts`] : [],
      }));
      const fold = {
        name: `Session ${i}`,
        description: i % 9 === 0 ? `long ${'description '.repeat(1500)}` : '',
        tags: i % 2 ? ['odd'] : [],
      };
      logs.write(sessionId(i), { project: i % 3 ? '/home/dev/one' : '/home/dev/two', fold }, texts);
    }
    const index = logs.index();
    await index.rebuild();
    expected = await answers(index);
    index.close();
    whole = readFileSync(logs.layout.indexPath);
    assert.ok(!existsSync(`${logs.layout.indexPath}-wal`));
  });
  after(() => logs.remove());

  const check = async (what: string): Promise<void> => {
    const index = logs.index();
    try {
      assert.deepEqual(await answers(index), expected, what);
      // Whatever was found out on the way is mended by the end.
      assert.deepEqual(await answers(index), expected, `${what}, again`);
    } finally {
      index.close();
    }
  };

  test('answers the same with any one of its pages zeroed', async () => {
    const pages = whole.length / PAGE;
    // All pages on demand; else enough of them to meet every kind.
    const step = process.env['SLOW'] ? 1 : Math.ceil(pages / 8);
    for (let page = 0; page < pages; page += step) {
      writeFileSync(logs.layout.indexPath, Buffer.from(whole).fill(0, page * PAGE, (page + 1) * PAGE));
      await check(`page ${page + 1} of ${pages} zeroed`);
    }
  });

  const damages: [string, (path: string) => void][] = [
    ['deleted', (path) => rmSync(path)],
    ['empty', (path) => writeFileSync(path, '')],
    ['cut in the middle of a page', (path) => truncateSync(path, Math.floor(whole.length / 2) + 100)],
    ['replaced by text', (path) => writeFileSync(path, 'not a database at all\n'.repeat(1000))],
    ['all zeroes', (path) => writeFileSync(path, Buffer.alloc(whole.length))],
    ['of another version', (path) => sql(path, 'PRAGMA user_version = 999')],
    ["somebody else's database", (path) => (rmSync(path), sql(path, 'CREATE TABLE meta(x); CREATE TABLE session(y)'))],
    ['without a table', (path) => sql(path, 'DROP TABLE session')],
  ];
  for (const [name, damage] of damages) {
    test(`answers the same when it is ${name}`, async () => {
      writeFileSync(logs.layout.indexPath, whole);
      damage(logs.layout.indexPath);
      await check(name);
    });
  }

  test('is mended while it is open', async () => {
    writeFileSync(logs.layout.indexPath, whole);
    const index = logs.index();
    index.list();
    rmSync(logs.layout.indexPath);
    assert.deepEqual(await answers(index), expected);
    assert.ok(existsSync(logs.layout.indexPath));
    index.close();
  });

  test('says so, once, and is for nobody else to read', () => {
    writeFileSync(logs.layout.indexPath, 'x'.repeat(10_000));
    const index = logs.index();
    const { rows, warnings } = index.list({ limit: 1000 });
    assert.equal(rows.length, SESSIONS);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['INDEX_UNUSABLE'],
    );
    assert.deepEqual(index.list().warnings, []);
    if (process.platform !== 'win32') assert.equal(statSync(logs.layout.indexPath).mode & 0o777, 0o600);
    index.close();
  });

  test('is done without where it cannot be made', async () => {
    // A file where the folder should be: nobody can write there, whoever they are.
    const state = logs.layout.stateDir;
    rmSync(state, { recursive: true });
    writeFileSync(state, '');
    const index = logs.index({ layout: { ...logs.layout, dirtyDir: `${logs.home}/dirty` } });
    assert.deepEqual(await answers(index), expected);
    index.close();
    rmSync(state);
  });
});

function sql(path: string, statements: string): void {
  const database = new DatabaseSync(path);
  database.exec(statements);
  database.close();
}
