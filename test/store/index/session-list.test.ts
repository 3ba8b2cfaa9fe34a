import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readFileSync, rmSync } from 'node:fs';
import { SessionError } from '../../../src/core/errors.ts';
import type { CatalogueFilter } from '../../../src/store/index/catalogue-query.ts';
import type { SessionIndex } from '../../../src/store/index/session-index.ts';
import type { Head } from './fake-logs.ts';
import { DAY, FakeLogs, sessionId, START_MS } from './fake-logs.ts';

const at = (days: number): string => new Date(START_MS + days * DAY).toISOString();

const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);

describe('the list', () => {
  let logs: FakeLogs;
  let index: SessionIndex;
  beforeEach(() => {
    logs = new FakeLogs();
    index = logs.index();
  });
  afterEach(() => logs.remove());

  const write = (number: number, head: Head = {}): void =>
    logs.write(sessionId(number), { ...head, fold: { updatedAt: at(number), name: `n${number}`, ...head.fold } });
  const listed = (filter: CatalogueFilter): string[] =>
    index.list({ limit: 1000, ...filter }).rows.map(({ name }) => name);

  test('is empty for a store without sessions, and for one without a folder', () => {
    assert.deepEqual(index.list().rows, []);
    rmSync(logs.layout.sessionsDir, { recursive: true });
    assert.deepEqual(index.list().rows, []);
  });

  test('shows the last changed first, fifty a page, and goes on where the page before ended', () => {
    for (let i = 0; i < 120; i++) write(i);
    const seen: string[] = [];
    let cursor: string | undefined;
    const sizes: number[] = [];
    do {
      const page = index.list({ ...(cursor !== undefined && { cursor }) });
      seen.push(...page.rows.map(({ name }) => name));
      sizes.push(page.rows.length);
      cursor = page.nextCursor ?? undefined;
      // What changes meanwhile neither doubles nor hides another row.
      write(500 + sizes.length);
    } while (cursor !== undefined);
    assert.deepEqual(sizes, [50, 50, 20]);
    assert.deepEqual(
      seen,
      Array.from({ length: 120 }, (_, i) => `n${119 - i}`),
    );
  });

  for (const sort of ['updated', 'created', 'name', 'size', 'messages'] as const) {
    test(`by ${sort} goes through every session once, in the same order after the index is made anew`, async () => {
      for (let i = 0; i < 30; i++) {
        // Many equal values: only their tie-break tells them apart.
        const counts = { records: 0, messages: i % 3, prompts: 0, toolCalls: 0, quarantined: 0 };
        write(i, { fold: { updatedAt: at(i % 4), createdAt: at(i % 2), name: `Name ${i % 5}`, counts } });
      }
      const walk = (): string[] => {
        const walked: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = index.list({ sort, limit: 7, ...(cursor && { cursor }) });
          walked.push(...ids(page.rows));
          cursor = page.nextCursor;
        }
        return walked;
      };
      const before = walk();
      assert.equal(new Set(before).size, 30);
      await index.rebuild();
      assert.deepEqual(walk(), before);
    });
  }

  test('narrows by project in any spelling, tags, status, time and origin, all together', () => {
    write(1, { project: '/home/dev/café', fold: { tags: ['a', 'b'], status: 'completed' } });
    write(2, { project: '/home/dev/other', fold: { tags: ['a'] } });
    write(3, { project: 'C:\\Code\\App', origin: { kind: 'import', agent: 'codex', sessionId: 'their-id' } });
    assert.deepEqual(listed({ project: '/home/dev/./cafe\u0301/' }), ['n1']);
    assert.deepEqual(listed({ project: '/mnt/c/code/app' }), ['n3']);
    assert.deepEqual(listed({ tags: ['a'] }), ['n2', 'n1']);
    assert.deepEqual(listed({ tags: ['a', 'b'] }), ['n1']);
    assert.deepEqual(listed({ status: ['completed', 'aborted'] }), ['n1']);
    assert.deepEqual(listed({ since: at(2) }), ['n3', 'n2']);
    assert.deepEqual(listed({ until: at(2).slice(0, 10) }), ['n2', 'n1']);
    assert.deepEqual(listed({ origin: ['import'] }), ['n3']);
    assert.deepEqual(listed({ tags: ['a'], project: '/home/dev/other', since: at(1) }), ['n2']);
  });

  test('leaves out archived sessions and subagents unless they are asked for', () => {
    write(1);
    write(2, { fold: { archived: true } });
    write(3, { origin: { kind: 'subagent', parent: sessionId(1) } });
    assert.deepEqual(listed({}), ['n1']);
    assert.deepEqual(listed({ archived: 'include' }), ['n2', 'n1']);
    assert.deepEqual(listed({ archived: 'only' }), ['n2']);
    assert.deepEqual(listed({ origin: ['subagent'] }), ['n3']);
    assert.equal(index.all().rows.length, 3);
  });

  test('has a row for a session that cannot be read, and for all the others', () => {
    write(1);
    write(2, { health: 'damaged' });
    write(3, { health: 'torn' });
    logs.corrupt(sessionId(4));
    const rows = index.list({ limit: 1000 }).rows;
    assert.equal(rows.length, 4);
    assert.equal(rows.find(({ id }) => id === sessionId(4))!.health, 'unreadable');
    assert.deepEqual(
      new Set(index.list({ damaged: 'only' }).rows.map(({ health }) => health)),
      new Set(['damaged', 'unreadable']),
    );
  });

  test('a log that even its summary cannot be had of becomes a row and a warning', () => {
    write(1);
    write(2);
    logs.failing.set(sessionId(2), new SessionError('STORE_UNREADABLE', 'permission denied', { op: 'open' }));
    const { rows, warnings } = index.list();
    assert.deepEqual(rows.map(({ health }) => health).sort(), ['ok', 'unreadable']);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['STORE_UNREADABLE'],
    );
  });

  test('keeps nothing that a person wrote of an encrypted session', () => {
    const secret = 'sesame';
    write(1, {
      encrypted: true,
      project: `/home/${secret}`,
      fold: { name: secret, description: secret, tags: [secret], firstPrompt: secret, outcome: secret },
    });
    const [row] = index.list().rows;
    assert.equal(row!.encrypted, true);
    assert.equal(row!.name, '');
    index.close();
    assert.ok(!readFileSync(logs.layout.indexPath).includes(secret));
  });

  test('names a session after its first prompt when it has no name', () => {
    logs.write(sessionId(1), { fold: { firstPrompt: `fix the ${'very '.repeat(50)}long bug` } });
    const [row] = index.list().rows;
    assert.match(row!.name, /^fix the very .*…$/);
    assert.ok(row!.name.length <= 80);
  });

  test('holds any text as it was, however odd or long', () => {
    const odd = `'"; DROP TABLE session; -- \u0000\u0001 🎉 ${'x'.repeat(20_000)}`;
    write(1, { fold: { name: odd, description: odd, tags: [odd, '__proto__'], outcome: odd } });
    const [row] = index.list().rows;
    assert.deepEqual([row!.name, row!.description, row!.tags, row!.outcome], [odd, odd, [odd, '__proto__'], odd]);
    assert.equal(index.byName(odd).length, 1);
    assert.deepEqual(listed({ tags: [odd] }), [odd]);
  });

  for (const [what, filter] of Object.entries({
    'a date': { since: 'soon' },
    'a cursor': { cursor: 'bm90IG91cnM' },
    'a cursor of another sort': { cursor: Buffer.from('["name","a",1]').toString('base64url') },
    'a sort': { sort: 'colour' as 'name' },
  })) {
    test(`refuses ${what} that is none`, () => {
      assert.throws(() => index.list(filter), { code: 'USAGE' });
    });
  }
});

describe('looking one session up', () => {
  const logs = new FakeLogs();
  test('works by id, prefix, name, foreign id, and as the latest of a project', () => {
    logs.write('abcd1234-one', { fold: { name: 'same', updatedAt: at(1) } });
    logs.write('abcd9999-two', {
      fold: { name: 'same', updatedAt: at(2) },
      origin: { kind: 'import', sessionId: 'x-1' },
    });
    logs.write('ffff0000-three', { fold: { name: 'Same', updatedAt: at(3), archived: true } });
    const index = logs.index();
    assert.equal(index.get('abcd1234-one')?.name, 'same');
    assert.equal(index.get('abcd1234'), null);
    assert.deepEqual(ids(index.byPrefix('abcd')), ['abcd1234-one', 'abcd9999-two']);
    assert.deepEqual(ids(index.byPrefix('abcd_')), []);
    assert.deepEqual(ids(index.byName('same')), ['abcd9999-two', 'abcd1234-one']);
    assert.deepEqual(ids(index.byOrigin('x-1')), ['abcd9999-two']);
    assert.equal(index.latest('/home/dev/app')?.id, 'abcd9999-two');
    assert.equal(index.latest('/home/dev'), null);
    // As one sees them come and go:
    logs.write('abcd5555-new', { fold: { name: 'new', updatedAt: at(9) } });
    assert.equal(index.latest('/home/dev/app')?.id, 'abcd5555-new');
    logs.delete('abcd5555-new');
    assert.equal(index.get('abcd5555-new'), null);
    logs.remove();
  });
});
