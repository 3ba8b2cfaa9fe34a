// Words that a person, a script or a stranger's file may hand over, made to be taken for something else: a path, a
// pattern, a piece of SQL or of a full-text query. They are found as words, or refused; nothing else happens.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import type { NewRecord } from '../../../src/core/record.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { runs } from '../../helpers/slow.ts';
import { randomOf } from '../../helpers/fuzz.ts';
import { says, tempHome, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

const CONTEXT = { projectPath: '/home/dev/project', currentId: null };

/** What cannot be an id, and must not become a path. */
const IDS = [
  '../x',
  '..',
  '..%2f..%2fx',
  'a/b',
  'a\\b',
  'CON',
  'nul.txt',
  'com1',
  'a\0b',
  'x'.repeat(300),
  '',
  ' ',
  '-rf',
  '~',
  'é',
  'e\u0301',
  'session-x.json.gz',
  '\u202eabc',
  '$(id)',
  "'; DROP TABLE session; --",
];

/** Each has a meaning to SQL, to LIKE, to GLOB, to FTS5 or to a regular expression. */
const QUERIES = [
  '" OR',
  '"',
  '""',
  "'",
  "' OR 1=1 --",
  "'; DROP TABLE session; --",
  '*',
  'needle*',
  '**',
  'NEAR(',
  'NEAR(needle other, 5)',
  'needle AND',
  'NOT needle',
  'needle OR other',
  'OR OR OR',
  '^needle',
  '+needle',
  '-',
  '--',
  '-needle',
  '{body}: needle',
  'body:needle',
  'rowid:1',
  'tag:',
  'tag:"',
  'tag:%',
  'project:_',
  'role:*',
  'file:..',
  'before:never',
  'after:',
  'status:',
  '%',
  '_',
  '\\',
  '(',
  ')',
  '((((',
  '[',
  '{',
  '?',
  '\0',
  'a\0b',
  '\ud800',
  '😀',
  '(a{999}){999}',
  '(a+)+$',
  'x'.repeat(100_000),
  '"'.repeat(10_001),
  'a '.repeat(20_000),
  '-a '.repeat(5000),
  'NEAR '.repeat(1000),
];

/** Answers with a code or an answer; never with an error of SQLite. */
async function answered<T>(work: () => T | Promise<T>, word: string): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    assert.ok(error instanceof SessionError && error.code !== 'INTERNAL', `${word.slice(0, 60)}: ${String(error)}`);
    return error.code;
  }
}

describe('words made to be taken for something else', () => {
  it('name no session but one that is called so, and no file', async (t) => {
    const { storage: open, folder } = tempHome(t);
    const storage = open();
    await writeSession(storage);
    for (const id of IDS) {
      const code = await answered(() => storage.resolve(id, CONTEXT), id);
      assert.match(code, /^(?:SESSION_NOT_FOUND|SESSION_ID_INVALID|USAGE)$/, id);
      for (const work of [
        () => storage.details(id),
        () => storage.change(id, [says('x')]),
        () => storage.trash(id, 'test'),
        () => storage.purge(id),
        () => storage.verify(id),
        () => storage.undelete(id),
      ]) {
        const answer = await answered(work as () => unknown, id);
        assert.ok(
          answer === 'SESSION_ID_INVALID' || answer === 'SESSION_NOT_FOUND',
          `${JSON.stringify(id)}: ${String(answer)}`,
        );
      }
    }
    for (const name of IDS.filter((word) => word.trim() !== '')) {
      const called = await writeSession(storage, [{ type: 'meta', name }, says('x')]);
      assert.equal(await answered(() => storage.resolve(name, CONTEXT), name), called, name);
      await storage.purge(called);
    }
    assert.deepEqual(readdirSync(folder), ['.roo']);
  });

  it('are looked for as words, and bring nobody else’s sessions', async (t) => {
    const storage = tempHome(t).storage();
    const mine = await writeSession(storage, [says('a needle in the hay')], { project: '/home/dev/mine' });
    await writeSession(storage, [says('a needle of another')], { project: '/home/dev/theirs' });
    for (const query of QUERIES) {
      for (const mode of ['words', 'regex'] as const) {
        const found = await answered(() => storage.find(query, { mode, project: '/home/dev/mine' }), query);
        if (typeof found === 'string') assert.match(found, /^(?:USAGE|CONFIG_INVALID)$/, query.slice(0, 60));
        else for (const { id } of found.sessions) assert.equal(id, mine, query.slice(0, 60));
      }
    }
    const whole = await storage.find('needle', { project: '/home/dev/mine' });
    assert.deepEqual(
      whole.sessions.map(({ id }) => id),
      [mine],
    );
  });

  it('are tags, names and projects like any others', async (t) => {
    const storage = tempHome(t).storage();
    const other = await writeSession(storage, [{ type: 'meta', addTags: ['plain'] } as NewRecord, says('x')]);
    for (const word of QUERIES.filter((query) => query.length < 1000)) {
      const id = await writeSession(storage, [{ type: 'meta', name: word, addTags: [word] } as NewRecord, says('x')]);
      const { sessions } = storage.list({ tags: [word] } as never);
      const ids = sessions.map((session) => session.id);
      assert.ok(!ids.includes(other) || ids.length > 1, word);
      assert.ok(ids.includes(id), JSON.stringify(word));
      for (const filter of [
        { project: word },
        { status: [word] },
        { origin: [word] },
        { sort: word },
        { cursor: word },
        { since: word },
      ]) {
        await answered(() => storage.list(filter as never), word);
      }
      await storage.purge(id);
    }
  });

  it('put together at random are searched for without an error', async (t) => {
    const storage = tempHome(t).storage();
    await writeSession(storage, [says('a needle in the hay')]);
    const words = QUERIES.filter((query) => query.length < 40);
    for (let seed = 0; seed < runs(150, 1000); seed++) {
      const random = randomOf(seed);
      const query = Array.from({ length: 1 + random.below(5) }, () => random.pick(words)).join(
        random.pick(['', ' ', '"']),
      );
      await answered(() => storage.find(query, { mode: random.pick(['words', 'regex']) }), `seed ${seed}: ${query}`);
    }
  });
});
