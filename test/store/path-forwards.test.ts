import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { NewRecord, SessionRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { walkMessages } from '../../src/store/message-walk.ts';
import { messagesForwards, pathIds } from '../../src/store/path-forwards.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { runs } from '../helpers/slow.ts';
import { createLog, newSession, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';

makeSyncingFree();

function says(id: string, more: { parentId?: string | null; calls?: string[] } = {}): NewRecord {
  const { calls = [], ...rest } = more;
  const parts = calls.map((callId) => ({ type: 'tool-call' as const, callId, name: 'bash', input: '{}' }));
  return { type: 'message', id, role: 'user', parts: [{ type: 'text', text: id }, ...parts], ...rest };
}

function ends(callId: string, output: string): NewRecord {
  return { type: 'tool-end', callId, status: 'ok', output };
}

async function write(store: TempStore, records: NewRecord[], changes: Partial<SessionRecord> = {}): Promise<string> {
  const session = newSession(store, changes);
  const writer = createLog(store, session);
  for (const record of records) await writer.append([record]);
  await writer.close();
  return session.sessionId;
}

/** What is read, as `id(call:output)`. */
function forwards(
  store: TempStore,
  id: string,
  wanted?: (ids: string[]) => string[],
): { seen: string[]; read: number } {
  const reader = LogReader.open(store.layout, id);
  const openBase = (base: string): LogReader => LogReader.open(store.layout, base);
  try {
    const ids = pathIds(reader, reader.fold().head.messageId, openBase);
    const before = reader.bytesRead;
    const walked = messagesForwards(reader, new Set(wanted ? wanted(ids) : ids), openBase);
    const seen = [...walked].map(({ message, results }) => {
      const said = [...results].map(([callId, { end, output }]) => `(${callId}:${end?.output ?? ''}${output})`);
      return message.id + said.join('');
    });
    return { seen, read: reader.bytesRead - before };
  } finally {
    reader.close();
  }
}

describe('a branch read forwards', () => {
  it('gives no result to a call of another branch that has the same id, in either direction', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [
      says('m1', { calls: ['same'] }),
      says('m2', { parentId: null, calls: ['same'] }),
      { type: 'head', messageId: 'm1', pointer: null },
      { type: 'tool-output', callId: 'same', text: 'of m1' },
      { type: 'head', messageId: 'm2', pointer: null },
    ]);
    assert.deepEqual(forwards(store, id).seen, ['m2']);
    const reader = LogReader.open(store.layout, id);
    const openBase = (base: string): LogReader => LogReader.open(store.layout, base);
    const sizes = Array.from(walkMessages(reader, 'm2', openBase), ({ results }) => results.size);
    reader.close();
    assert.deepEqual(sizes, [0]);
  });

  it('has its messages oldest first, each with the results of its calls', async (t) => {
    const store = tempStore(t);
    const records = [
      says('m1', { calls: ['a', 'b'] }),
      ends('a', '1'),
      ends('b', '2'),
      says('m2'),
      says('m3', { calls: ['a'] }),
      ends('a', '3'),
    ];
    const id = await write(store, records);
    assert.deepEqual(forwards(store, id).seen, ['m1(a:1)(b:2)', 'm2', 'm3(a:3)']);
  });

  it('leaves other branches out, with the results of their calls', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [
      says('m1'),
      says('m2', { calls: ['a'] }),
      ends('a', 'other'),
      says('m3', { parentId: 'm1', calls: ['a'] }),
      ends('a', 'mine'),
    ]);
    assert.deepEqual(forwards(store, id).seen, ['m1', 'm3(a:mine)']);
  });

  it('goes through the past of a fork, and of a fork of it', async (t) => {
    const store = tempStore(t);
    const first = await write(store, [says('m1', { calls: ['a'] }), ends('a', '1'), says('m2'), says('not shared')]);
    const second = await write(store, [says('m3'), says('not shared either')], baseAt(store, first, 'm2'));
    const third = await write(store, [says('m4')], baseAt(store, second, 'm3'));
    assert.deepEqual(forwards(store, third).seen, ['m1(a:1)', 'm2', 'm3', 'm4']);
  });

  it('can be a stretch that lies altogether in the past, in the fork, or in both', async (t) => {
    const store = tempStore(t);
    const first = await write(store, [says('m1'), says('m2'), says('m3')]);
    const fork = await write(store, [says('m4'), says('m5')], baseAt(store, first, 'm3'));
    for (let from = 0; from < 5; from++) {
      for (let to = from; to <= 5; to++) {
        const expected = ['m1', 'm2', 'm3', 'm4', 'm5'].slice(from, to);
        assert.deepEqual(forwards(store, fork, (ids) => ids.slice(from, to)).seen, expected, `${from} to ${to}`);
      }
    }
  });

  it('is read no further than its last message and the results of that', async (t) => {
    const store = tempStore(t);
    const many = Array.from({ length: 3000 }, (_, i) => says(`m${i}`, { calls: i < 3 ? ['a'] : [] }));
    const records = many.flatMap((record, i) => (i < 3 ? [record, ends('a', `${i}`)] : [record]));
    const session = newSession(store);
    const writer = createLog(store, session, { level: 0, frameBytes: 4096 });
    await writer.append(records);
    await writer.close();
    const { seen, read } = forwards(store, session.sessionId, (ids) => ids.slice(0, 3));
    assert.deepEqual(seen, ['m0(a:0)', 'm1(a:1)', 'm2(a:2)']);
    assert.ok(read <= 256 * 1024, `${read} bytes read`);
    assert.equal(forwards(store, session.sessionId).seen.length, 3000);
  });

  it('opens the session that holds a past only where it is needed', async (t) => {
    const store = tempStore(t);
    const first = await write(store, [says('m1')]);
    const fork = await write(store, [says('m2'), says('m3')], baseAt(store, first, 'm1'));
    const reader = LogReader.open(store.layout, fork);
    t.after(() => reader.close());
    const walked = messagesForwards(reader, new Set(['m2', 'm3']), () => assert.fail('opened'));
    assert.deepEqual(
      [...walked].map(({ message }) => message.id),
      ['m2', 'm3'],
    );
  });

  it('is the same as the branch read backwards, whatever the tree', async (t) => {
    const step = fc.record({ parent: fc.nat(30), calls: fc.nat(2), answered: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const store = tempStore(t);
        const records = steps.flatMap(({ parent, calls, answered }, i) => {
          const callIds = Array.from({ length: calls }, (_, n) => `c${n}`);
          const parentId = i === 0 ? null : `m${parent % i}`;
          const results = answered ? callIds.map((callId) => ends(callId, `${i}`)) : [];
          return [says(`m${i}`, { parentId, calls: callIds }), ...results];
        });
        const id = await write(store, records);
        const reader = LogReader.open(store.layout, id);
        const backwards = [...walkMessages(reader, reader.fold().head.messageId, () => assert.fail())];
        const ids = new Set(backwards.map(({ message }) => message.id).toReversed());
        assert.deepEqual([...messagesForwards(reader, ids, () => assert.fail())], backwards.toReversed());
        reader.close();
      }),
      { numRuns: runs(25, 1000) },
    );
  });
});

function baseAt(store: TempStore, sessionId: string, messageId: string): Partial<SessionRecord> {
  const reader = LogReader.open(store.layout, sessionId);
  try {
    for (const item of reader.forwards()) {
      if ('damage' in item) continue;
      if (!reader.records(item).some(({ id }) => id === messageId)) continue;
      const at = { part: item.part, offset: item.frame.offset, seq: item.frame.seq };
      const { generation, family } = reader.session;
      return { family, base: { sessionId, generation, messageId, at } };
    }
  } finally {
    reader.close();
  }
  throw new Error(`no ${messageId}`);
}
