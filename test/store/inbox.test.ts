import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { NewRecord } from '../../src/core/record.ts';
import { clearInbox, inboxBatches, inboxNames, putIntoInbox, readInbox } from '../../src/store/inbox.ts';
import { isThere } from '../../src/store/durable-files.ts';
import { startChild } from '../helpers/child.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { tempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

const ID = 'a1b2c3d4-0000-4000-8000-000000000001';

function meta(name: string): NewRecord {
  return { type: 'meta', name };
}

describe('an inbox', () => {
  it('gives back what was put into it, in order, stamped and complete', (t) => {
    const { layout, clock } = tempStore(t);
    const first = putIntoInbox(
      layout,
      ID,
      [meta('one'), { type: 'custom', kind: 'x', value: { text: 'a\u2028b' } }],
      clock,
    );
    const second = putIntoInbox(layout, ID, [{ ...meta('two'), id: 'mine', at: '2026-01-01T00:00:00.000Z' }], clock);
    const { entries, warnings } = readInbox(layout, ID);
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      entries.map(({ records }) => records),
      [first, second],
    );
    assert.equal(second[0]!.id, 'mine');
    assert.ok(first.every((record) => record.id !== '' && !Number.isNaN(Date.parse(record.at))));
  });

  it('of a session for which nothing waits is empty and has no folder', (t) => {
    const { layout } = tempStore(t);
    assert.deepEqual(readInbox(layout, ID), { entries: [], warnings: [] });
    assert.equal(isThere(layout.inboxDir(ID)), false);
  });

  for (const type of [
    'message',
    'head',
    'tool-end',
    'tool-output',
    'compaction',
    'files',
    'context',
    'close',
  ] as const) {
    it(`refuses a ${type} record, which needs a place among the others, and stores nothing`, (t) => {
      const { layout, clock } = tempStore(t);
      const refused = { type } as unknown as NewRecord;
      assert.throws(() => putIntoInbox(layout, ID, [meta('x'), refused], clock), { code: 'SESSION_IN_USE' });
      assert.deepEqual(readInbox(layout, ID).entries, []);
    });
  }

  it('stores nothing of a change in which one record is not valid, however many there are', (t) => {
    const { layout, clock } = tempStore(t);
    const many: NewRecord[] = Array.from({ length: 200 }, (_, i) => meta(`${i}`));
    const invalid = { type: 'meta', addTags: 'no list' } as unknown as NewRecord;
    assert.throws(() => putIntoInbox(layout, ID, [...many, invalid], clock), { code: 'RECORD_INVALID' });
    assert.deepEqual(readInbox(layout, ID).entries, []);
  });

  it('keeps a large change in entries that a writer can remember as taken in', (t) => {
    const { layout, clock } = tempStore(t);
    putIntoInbox(
      layout,
      ID,
      Array.from({ length: 500 }, (_, i) => meta(`${i}`)),
      clock,
    );
    const { entries } = readInbox(layout, ID);
    assert.deepEqual(
      entries.flatMap(({ records }) => records).map((record) => (record as { name?: string }).name),
      Array.from({ length: 500 }, (_, i) => `${i}`),
    );
    for (const batch of inboxBatches(entries)) {
      assert.ok(batch.reduce((sum, { records }) => sum + records.length, 0) < 256);
    }
    assert.deepEqual([...inboxBatches(entries)].flat(), entries);
  });

  it('loses only the entries that were taken in, and its folder with the last one', (t) => {
    const { layout, clock } = tempStore(t);
    putIntoInbox(layout, ID, [meta('one')], clock);
    const { entries } = readInbox(layout, ID);
    putIntoInbox(layout, ID, [meta('two')], clock);
    clearInbox(layout, ID, entries);
    const left = readInbox(layout, ID).entries;
    assert.deepEqual(
      left.map(({ records }) => (records[0] as { name?: string }).name),
      ['two'],
    );
    clearInbox(layout, ID, left);
    assert.equal(isThere(layout.inboxDir(ID)), false);
    clearInbox(layout, ID, left);
  });

  const DAMAGE: Record<string, (path: string) => void> = {
    'cut in its line': (path) => truncateSync(path, 40),
    'cut to nothing': (path) => truncateSync(path, 0),
    'no JSON': (path) => writeFileSync(path, 'hello\n'),
    'no record': (path) => writeFileSync(path, '{"type":"meta"}\n'),
    'nested without end': (path) => writeFileSync(path, `${'['.repeat(100_000)}\n`),
    'a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  };
  for (const [name, damage] of Object.entries(DAMAGE)) {
    it(`reports an entry that is ${name}, leaves it where it is, and reads the others`, (t) => {
      const { layout, clock } = tempStore(t);
      putIntoInbox(layout, ID, [meta('one')], clock);
      const path = join(layout.inboxDir(ID), inboxNames(layout.inboxDir(ID))[0]!);
      putIntoInbox(layout, ID, [meta('two')], clock);
      damage(path);
      const { entries, warnings } = readInbox(layout, ID);
      assert.deepEqual(
        entries.map(({ records }) => (records[0] as { name?: string }).name),
        ['two'],
      );
      assert.deepEqual(
        warnings.map(({ code, path: place }) => [code, place]),
        [[name === 'a folder' ? 'STORE_UNSAFE' : 'LOG_DAMAGED', path]],
      );
      clearInbox(layout, ID, entries);
      assert.ok(isThere(path));
    });
  }

  it('passes over files that are no entries and those that are not finished', (t) => {
    const { layout, clock } = tempStore(t);
    putIntoInbox(layout, ID, [meta('one')], clock);
    writeFileSync(join(layout.inboxDir(ID), 'x.json.123.tmp'), '{"ty');
    writeFileSync(join(layout.inboxDir(ID), '.DS_Store'), '');
    assert.equal(readInbox(layout, ID).entries.length, 1);
    assert.deepEqual(readInbox(layout, ID).warnings, []);
  });

  it('takes every change although its folder is taken away again and again meanwhile', async (t) => {
    const { directory, layout } = tempStore(t);
    const child = startChild(t, 'put-into-inbox', [directory, ID, '60']);
    const taken: string[] = [];
    const take = (): void => {
      const { entries, warnings } = readInbox(layout, ID);
      assert.deepEqual(warnings, []);
      clearInbox(layout, ID, entries);
      taken.push(...entries.flatMap(({ records }) => records.map(({ id }) => id)));
    };
    for (let ended = false; !ended;) {
      take();
      ended =
        (await Promise.race([child.ended, new Promise((resolve) => setImmediate(resolve, 'goes on'))])) !== 'goes on';
    }
    take();
    assert.equal(child.lines.length, 60);
    assert.deepEqual(taken.toSorted(), child.lines.toSorted());
    assert.equal(new Set(taken).size, 60);
    assert.deepEqual(readdirSync(layout.sessionsDir), []);
  });
});
