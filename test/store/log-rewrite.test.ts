import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { LogRecord, NewRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { isPacked, rewriteLog } from '../../src/store/log-rewrite.ts';
import { overwritten, junk } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { runs } from '../helpers/slow.ts';
import {
  createLog,
  newSession,
  openLog,
  readLog,
  readLogBackwards,
  tempStore,
  userSays,
} from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, branch, calls, goesTo, says } from '../helpers/walks.ts';

makeSyncingFree();

async function write(store: TempStore, records: NewRecord[], partBytesMax = Infinity): Promise<string> {
  const session = newSession(store);
  const writer = createLog(store, session, { partBytesMax });
  for (const record of records) await writer.append([record]);
  await writer.close();
  return session.sessionId;
}

/** What a rewrite must not change: all records but the derived ones, in order. */
function content(store: TempStore, id: string): LogRecord[] {
  const { records } = readLog(store.layout, id);
  return records.filter(({ type }) => type !== 'session' && type !== 'snapshot').map(withoutPlace);
}

function withoutPlace(record: LogRecord): LogRecord {
  return record.type === 'head' ? ({ ...record, pointer: null } as LogRecord) : record;
}

function rewrite(store: TempStore, id: string): ReturnType<typeof rewriteLog> {
  return rewriteLog(store.layout, id, { clock: store.clock, level: 9 });
}

const SAMPLE: NewRecord[] = [
  says('a', { id: 'a' }),
  calls('b', ['1']),
  answers('1', 'x'),
  says('c', { parentId: 'a' }),
  { type: 'meta', name: 'n', addTags: ['t'] },
  goesTo('a'),
  says('d'),
  { type: 'state', patch: { openFiles: ['f'] } },
];

describe('rewriting a log', () => {
  it('keeps every record, the branches and the state, and ends in a log that is in order', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    const [before, way, fold] = [content(store, id), branch(store.layout, id), foldOf(store, id)];
    const { records } = rewrite(store, id);
    const after = content(store, id);
    assert.deepEqual(after.slice(0, before.length), before);
    assert.deepEqual(
      after.slice(before.length).map(({ type }) => type),
      ['close'],
    );
    assert.equal(records, after.length);
    assert.deepEqual(branch(store.layout, id), way);
    assert.deepEqual(readLogBackwards(store.layout, id), readLog(store.layout, id).records);
    assert.equal(readLog(store.layout, id).health, 'ok');
    const { updatedAt, name, tags, state, counts } = foldOf(store, id);
    assert.deepEqual(
      { updatedAt, name, tags, state },
      { updatedAt: fold.updatedAt, name: 'n', tags: ['t'], state: fold.state },
    );
    assert.equal(counts.messages, fold.counts.messages);
  });

  it('gives a new generation, one file for all parts, and a smaller one', async (t) => {
    const store = tempStore(t);
    const text = 'the same words again and again '.repeat(20);
    const id = await write(
      store,
      Array.from({ length: 300 }, () => userSays(text)),
      4_000,
    );
    const parts = readdirSync(store.layout.sessionsDir).filter((name) => name.includes('.part'));
    assert.ok(parts.length >= 2);
    const before = content(store, id);
    const generation = generationOf(store, id);
    const { bytesBefore, bytesAfter, generation: given } = rewrite(store, id);
    assert.equal(generationOf(store, id), given);
    assert.notEqual(given, generation);
    assert.ok(bytesAfter < bytesBefore / 5, `${bytesAfter} of ${bytesBefore}`);
    assert.equal(statSync(store.layout.logPath(id)).size, bytesAfter);
    assert.deepEqual(readdirSync(store.layout.sessionsDir), [`session-${id}.json.gz`]);
    assert.deepEqual(content(store, id).slice(0, before.length), before);
  });

  it('can be gone on from, and is read by gunzip', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    rewrite(store, id);
    const writer = openLog(store, id);
    await writer.append([says('e')]);
    await writer.close();
    assert.deepEqual(branch(store.layout, id), ['e', 'd', 'a']);
    const lines = gunzipSync(readFileSync(store.layout.logPath(id)))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    assert.equal(lines.map((line) => JSON.parse(line) as unknown).length, readLog(store.layout, id).records.length);
  });

  it('twice keeps the records of the first time', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    rewrite(store, id);
    const once = content(store, id);
    rewrite(store, id);
    assert.deepEqual(content(store, id).slice(0, once.length), once);
  });

  it('is no access: the time of the last one stays', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    const accessedAtMs = Date.UTC(2024, 1, 2);
    utimesSync(store.layout.logPath(id), accessedAtMs / 1000, Date.now() / 1000);
    rewrite(store, id);
    assert.equal(Math.round(statSync(store.layout.logPath(id)).atimeMs), accessedAtMs);
  });

  it('of a damaged log is refused and changes nothing', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    const path = store.layout.logPath(id);
    const damaged = overwritten(readFileSync(path), 700, junk(20));
    writeFileSync(path, damaged);
    assert.throws(() => rewrite(store, id), { code: 'LOG_DAMAGED', path });
    assert.ok(readFileSync(path).equals(damaged));
    assert.deepEqual(readdirSync(store.layout.sessionsDir), [`session-${id}.json.gz`]);
  });

  it('leaves a torn tail behind', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    const path = store.layout.logPath(id);
    writeFileSync(path, Buffer.concat([readFileSync(path), junk(50)]));
    const before = content(store, id);
    rewrite(store, id);
    assert.deepEqual(content(store, id).slice(0, before.length), before);
    assert.equal(readLog(store.layout, id).health, 'ok');
  });

  it('goes over what a crash left of an earlier one', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    writeFileSync(`${store.layout.logPath(id)}.tmp`, junk(1000));
    rewrite(store, id);
    assert.deepEqual(readdirSync(store.layout.sessionsDir), [`session-${id}.json.gz`]);
  });

  it('cut short before the old parts are gone is a whole log: they are told from it', async (t) => {
    const store = tempStore(t);
    const id = await write(
      store,
      Array.from({ length: 40 }, (_, i) => userSays(noise(i, 400))),
      4_000,
    );
    const before = content(store, id);
    const second = readFileSync(store.layout.logPath(id, 2));
    rewrite(store, id);
    writeFileSync(store.layout.logPath(id, 2), second);
    assert.deepEqual(content(store, id).slice(0, before.length), before);
    assert.equal(readLog(store.layout, id).health, 'ok');
    const writer = openLog(store, id);
    await writer.append([says('on')]);
    await writer.close();
    assert.ok(!existsSync(store.layout.logPath(id, 2)));
    const kept = readdirSync(store.layout.sessionsDir).find((name) => name.includes('leftover'))!;
    assert.ok(readFileSync(`${store.layout.sessionsDir}/${kept}`).equals(second));
  });

  it('finds its blobs again', async (t) => {
    const store = tempStore(t);
    const long = noise(7, 400_000);
    const id = await write(store, [says(long), calls('b', ['1']), answers('1', long)]);
    rewrite(store, id);
    const reader = LogReader.open(store.layout, id);
    t.after(() => reader.close());
    const message = readLog(store.layout, id).records.find((record) => record.type === 'message')!;
    const whole = reader.blobs.unspill(message) as { parts: { text: string }[] } & LogRecord;
    assert.equal(whole.parts[0]!.text, long);
  });

  it('whatever the records, keeps them and the active branch', async (t) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('message'), parent: fc.nat(20) }),
      fc.record({ kind: fc.constant('head'), parent: fc.nat(20) }),
      fc.record({ kind: fc.constant('meta'), parent: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const store = tempStore(t);
        let messages = 0;
        const records = steps.map(({ kind, parent }): NewRecord => {
          if (kind === 'meta') return { type: 'meta', addTags: [`${parent}`] };
          const target = messages === 0 ? null : `m${parent % messages}`;
          if (kind === 'head') return goesTo(target);
          return says(`${messages}`, { id: `m${messages++}`, parentId: target });
        });
        const id = await write(store, [says('first', { id: 'first' }), ...records]);
        const [before, way] = [content(store, id), branch(store.layout, id)];
        rewrite(store, id);
        assert.deepEqual(content(store, id).slice(0, before.length), before);
        assert.deepEqual(branch(store.layout, id), way);
      }),
      { numRuns: runs(20, 1000) },
    );
  });
});

describe('a packed log', () => {
  it('is one that was rewritten and not written since', async (t) => {
    const store = tempStore(t);
    const id = await write(store, SAMPLE);
    const isNow = (): boolean => {
      const reader = LogReader.open(store.layout, id);
      try {
        return isPacked(reader);
      } finally {
        reader.close();
      }
    };
    assert.equal(isNow(), false);
    rewrite(store, id);
    assert.equal(isNow(), true);
    const writer = openLog(store, id);
    await writer.append([says('e')]);
    await writer.close();
    assert.equal(isNow(), false);
  });
});

function foldOf(store: TempStore, id: string): ReturnType<LogReader['fold']> {
  const reader = LogReader.open(store.layout, id);
  try {
    return reader.fold();
  } finally {
    reader.close();
  }
}

function generationOf(store: TempStore, id: string): string {
  return foldOf(store, id).session.generation;
}
