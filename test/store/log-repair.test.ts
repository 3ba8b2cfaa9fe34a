import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { LogRecord, NewRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import type { Repaired } from '../../src/store/log-repair.ts';
import { repairLog } from '../../src/store/log-repair.ts';
import { planFork } from '../../src/store/session-fork.ts';
import { frameEdges, framesOf, junk, overwritten, zeroed } from '../helpers/damage.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { SLOW } from '../helpers/slow.ts';
import {
  createLog,
  newSession,
  openLog,
  readLog,
  readLogBackwards,
  tempStore,
  textsOf,
} from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, branch, calls, goesTo, says } from '../helpers/walks.ts';

makeSyncingFree();

const RECORDS: NewRecord[] = [
  says('a', { id: 'a' }),
  calls('b', ['1'], { id: 'b' }),
  answers('1', 'x'),
  says('c', { id: 'c' }),
  { type: 'meta', name: 'n', addTags: ['t'] },
  says('d', { id: 'd', parentId: 'a' }),
  { type: 'state', patch: { openFiles: ['f'] } },
  goesTo('c'),
  says('e', { id: 'e' }),
  says('f', { id: 'f' }),
];

interface Written {
  id: string;
  path: string;
  bytes: Buffer;
}

async function write(store: TempStore, records: NewRecord[] = RECORDS, partBytesMax = Infinity): Promise<Written> {
  const session = newSession(store);
  const writer = createLog(store, session, { partBytesMax });
  for (const record of records) await writer.append([record]);
  await writer.close();
  const path = store.layout.logPath(session.sessionId);
  return { id: session.sessionId, path, bytes: readFileSync(path) };
}

function repair(store: TempStore, id: string, forkPoints: string[] = []): Repaired {
  return repairLog(store.layout, id, { clock: store.clock, level: 6, forkPoints });
}

function content(records: readonly LogRecord[]): LogRecord[] {
  return records
    .filter(({ type }) => type !== 'session' && type !== 'snapshot')
    .map((record) => (record.type === 'head' ? ({ ...record, pointer: null } as LogRecord) : record));
}

/** Every frame but those of which something was damaged. */
type Damage = (bytes: Buffer) => Buffer;
const at = (bytes: Buffer, frame: number): number => frameEdges(bytes)[frame]!;
const DAMAGE: Record<string, Damage> = {
  'a bit in the second frame': (bytes) =>
    overwritten(bytes, at(bytes, 1) + 75, Buffer.from([bytes[at(bytes, 1) + 75]! ^ 1])),
  'a frame in the middle zeroed': (bytes) => zeroed(bytes, at(bytes, 4), at(bytes, 5)),
  'junk over the edge of two frames': (bytes) => overwritten(bytes, at(bytes, 5) - 10, junk(20)),
  'a frame taken out': (bytes) => Buffer.concat(framesOf(bytes).filter((_, index) => index !== 4)),
  'the first frame zeroed': (bytes) => zeroed(bytes, 0, at(bytes, 1)),
  'the frame of the active leaf zeroed': (bytes) => zeroed(bytes, at(bytes, 10), at(bytes, 11)),
  'two stretches, and a torn end': (bytes) =>
    zeroed(zeroed(bytes, at(bytes, 2), at(bytes, 3)), at(bytes, 6), at(bytes, 8)).subarray(0, bytes.length - 5),
  'bytes put in between': (bytes) =>
    Buffer.concat([bytes.subarray(0, at(bytes, 3)), junk(100), bytes.subarray(at(bytes, 3))]),
  'a frame twice': (bytes) => Buffer.concat([bytes.subarray(0, at(bytes, 4)), bytes.subarray(at(bytes, 3))]),
};

describe('repairing a log', () => {
  for (const [name, damage] of Object.entries(DAMAGE)) {
    it(`with ${name} keeps the original, and everything that could be read`, async (t) => {
      const store = tempStore(t);
      const { id, path, bytes } = await write(store);
      const damaged = damage(bytes);
      writeFileSync(path, damaged);
      const readable = content(readLog(store.layout, id).records);
      const { before, after, originalPath, actions } = repair(store, id);
      assert.equal(before.health, 'damaged');
      assert.equal(after.health, 'ok');
      assert.equal(after.recordsDamaged, 0);
      assert.ok(readFileSync(originalPath!).equals(damaged), 'the original');
      assert.ok(actions[0]!.includes(originalPath!));
      const { records } = readLog(store.layout, id);
      const found = new Map(content(records).map((record) => [record.id, record]));
      for (const record of readable) assert.deepEqual(found.get(record.id), record);
      assert.deepEqual(readLogBackwards(store.layout, id), records);
      const quarantined = records.filter((record) => record.type === 'quarantine') as { source?: { path?: string } }[];
      const spans = before.spans.filter(({ reason }) => reason !== 'torn');
      assert.equal(quarantined.length, spans.length);
      assert.ok(quarantined.every(({ source }) => source?.path === originalPath));
    });

    it(`with ${name} leaves a session that can be walked and gone on with`, async (t) => {
      const store = tempStore(t);
      const { id, path, bytes } = await write(store);
      writeFileSync(path, damage(bytes));
      repair(store, id);
      const writer = openLog(store, id);
      await writer.append([says('on')]);
      await writer.close();
      const way = branch(store.layout, id);
      assert.equal(way[0], 'on');
      for (const id of ['a', 'b', 'd'].filter((each) => holds(store, path, each))) {
        assert.doesNotThrow(() => branchFrom(store, path, id), `from ${id}`);
      }
    });
  }

  it('puts the quarantine record where the bytes were, and says of it where they are', async (t) => {
    const store = tempStore(t);
    const { id, path, bytes } = await write(store);
    writeFileSync(path, zeroed(bytes, at(bytes, 4), at(bytes, 5)));
    const { originalPath } = repair(store, id);
    const records = content(readLog(store.layout, id).records);
    const index = records.findIndex(({ type }) => type === 'quarantine');
    const before = records[index - 1] as LogRecord;
    assert.equal(before.type, 'tool-end');
    assert.deepEqual(
      records.slice(index + 1, index + 4).map(({ type, id: each }) => (type === 'message' ? each : type)),
      ['c', 'head', 'meta'],
    );
    const { source, reason } = records[index] as unknown as { source: object; reason: string };
    assert.deepEqual(source, { path: originalPath, offsetBytes: at(bytes, 4) });
    assert.match(reason, /could not be read; 1 frames are missing here/);
  });

  it('has something in place of a lost message that others go on from', async (t) => {
    const store = tempStore(t);
    const { id, path, bytes } = await write(store);
    // Frame 4 holds c: the active branch a, b, c, e, f goes through it.
    writeFileSync(path, zeroed(bytes, at(bytes, 4), at(bytes, 5)));
    repair(store, id);
    assert.deepEqual(branch(store.layout, id), ['f', 'e', '', 'b(1=x)', 'a']);
    const standIn = readLog(store.layout, id).records.find((record) => record.id === 'c')!;
    assert.deepEqual(
      (standIn as { parts?: { kind: string }[] }).parts!.map(({ kind }) => kind),
      ['lost'],
    );
  });

  it('keeps forks of it working, also where the message they begin at is lost', async (t) => {
    for (const lost of [4, 9, 10]) {
      const store = tempStore(t);
      const { id, path, bytes } = await write(store);
      const forked = await fork(store, id, 'c');
      const atLeaf = await fork(store, id, null);
      const whole = [branch(store.layout, forked), branch(store.layout, atLeaf)];
      writeFileSync(path, zeroed(bytes, at(bytes, lost), at(bytes, lost + 1)));
      repair(store, id, ['c', 'f']);
      const leaf = branch(store.layout, id)[0];
      const now = [branch(store.layout, forked), branch(store.layout, atLeaf)];
      for (const [index, way] of now.entries()) {
        assert.equal(way[0], 'mine');
        assert.ok(way.length >= whole[index]!.length - 1, `${way} of ${whole[index]}`);
      }
      assert.equal(leaf, lost === 10 ? 'e' : 'f');
    }
  });

  it('of several parts keeps each of them', async (t) => {
    const store = tempStore(t);
    const records = Array.from({ length: 40 }, (_, i) => says(noise(i, 400), { id: `m${i}` }));
    const { id } = await write(store, records, 4_000);
    const second = store.layout.logPath(id, 2);
    const damaged = overwritten(readFileSync(second), 900, junk(30));
    const first = readFileSync(store.layout.logPath(id));
    writeFileSync(second, damaged);
    const readable = content(readLog(store.layout, id).records);
    const { originalPath, after } = repair(store, id);
    assert.equal(after.health, 'ok');
    assert.ok(readFileSync(originalPath!).equals(first));
    assert.ok(readFileSync(`${originalPath!}.part2`).equals(damaged));
    const found = new Set(readLog(store.layout, id).records.map((record) => record.id));
    assert.ok(readable.every((record) => found.has(record.id)));
    const source = readLog(store.layout, id).records.find(({ type }) => type === 'quarantine') as { source?: object };
    assert.equal((source.source as { path: string }).path, `${originalPath!}.part2`);
  });

  it('of a torn end cuts it and keeps the bytes, and rewrites nothing', async (t) => {
    const store = tempStore(t);
    const { id, path, bytes } = await write(store);
    writeFileSync(path, Buffer.concat([bytes, junk(33)]));
    const { originalPath, after, actions } = repair(store, id);
    assert.equal(originalPath, null);
    assert.equal(after.health, 'ok');
    assert.equal(actions.length, 1);
    assert.ok(readFileSync(path).equals(bytes));
    const torn = readdirSync(store.layout.sessionsDir).find((name) => name.includes('.torn-'))!;
    assert.ok(readFileSync(join(store.layout.sessionsDir, torn)).equals(junk(33)));
  });

  it('that is in order does nothing', async (t) => {
    const store = tempStore(t);
    const { id, path, bytes } = await write(store);
    const { actions, originalPath } = repair(store, id);
    assert.deepEqual({ actions, originalPath }, { actions: [], originalPath: null });
    assert.ok(readFileSync(path).equals(bytes));
  });

  it('of a file with nothing to keep is refused and leaves it', async (t) => {
    const store = tempStore(t);
    const { id, path } = await write(store);
    writeFileSync(path, junk(500));
    assert.throws(() => repair(store, id), { code: 'LOG_UNREADABLE' });
    assert.ok(readFileSync(path).equals(junk(500)));
  });

  it('whose beginnings are all lost can be gone on with, before and after: no writer takes itself for an older one', async (t) => {
    for (const isRepaired of [false, true]) {
      const store = tempStore(t);
      const { id, path } = await write(store, [says('a')]);
      for (const text of ['b', 'c']) {
        const writer = openLog(store, id);
        await writer.append([says(text)]);
        await writer.close();
      }
      const bytes = readFileSync(path);
      // Only the frame of the last message stays: no epoch, no snapshot.
      const frames = framesOf(bytes);
      const kept = frames.length - 2;
      writeFileSync(path, Buffer.concat(frames.map((frame, index) => (index === kept ? frame : junk(frame.length)))));
      if (isRepaired) repair(store, id);
      const writer = openLog(store, id);
      await writer.append([says('on')]);
      await writer.close();
      const way = branch(store.layout, id);
      assert.equal(way[0], 'on');
      assert.ok(way.includes('c'));
      assert.equal(textsOf(readLog(store.layout, id).records).at(-1), 'on');
    }
  });

  it('damaged anywhere loses no more than the frames that were hit', async (t) => {
    const store = tempStore(t);
    const { id, path, bytes } = await write(store);
    const step = SLOW ? 1 : 37;
    for (let offset = 3; offset < bytes.length; offset += step) {
      writeFileSync(path, overwritten(bytes, offset, Buffer.from([bytes[offset]! ^ 0x10])));
      const readable = content(readLog(store.layout, id).records);
      repair(store, id);
      const { records, health } = readLog(store.layout, id);
      assert.equal(health, 'ok', `byte ${offset}`);
      const found = new Set(records.map((record) => record.id));
      assert.ok(
        readable.every((record) => found.has(record.id)),
        `byte ${offset}`,
      );
      branch(store.layout, id);
    }
  });
});

function holds(store: TempStore, path: string, messageId: string): boolean {
  return readLog(store.layout, idIn(path)).records.some((record) => record.id === messageId);
}

function branchFrom(store: TempStore, path: string, messageId: string): string[] {
  return branch(store.layout, idIn(path), messageId);
}

function idIn(path: string): string {
  return /session-(.+)\.json\.gz$/.exec(path)![1]!;
}

async function fork(store: TempStore, id: string, messageAt: string | null): Promise<string> {
  const reader = LogReader.open(store.layout, id);
  const { session, records } = planFork(reader, messageAt, null, store.clock, () => assert.fail());
  reader.close();
  const writer = createLog(store, session);
  await writer.append([...records, says('mine')]);
  await writer.close();
  return session.sessionId;
}
