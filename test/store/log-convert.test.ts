import { FATES, materialize, startRecording, stopRecording } from '../helpers/disk-recorder.ts';
import type { Fate } from '../helpers/disk-recorder.ts';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { BlobRef, LogRecord, NewRecord, SessionRecord } from '../../src/core/record.ts';
import { BlobStore } from '../../src/store/blob-store.ts';
import type { BlobFault } from '../../src/store/blob-transfer.ts';
import { convertLog } from '../../src/store/log-convert.ts';
import type { ConvertOptions, Converted } from '../../src/store/log-convert.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { blobsOf, verifyLog } from '../../src/store/log-verify.ts';
import { pastOf, planFork } from '../../src/store/session-fork.ts';
import type { StoreLayout } from '../../src/store/store-layout.ts';
import { storeLayout } from '../../src/store/store-layout.ts';
import { noise } from '../helpers/reference-logs.ts';
import { SLOW } from '../helpers/slow.ts';
import { createLog, newSession, openLog, readLog, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, branch, calls, goesTo, says } from '../helpers/walks.ts';

const WORD = 'hunter2-hunter2';
const OUTPUT = `${WORD} begins\n${noise(1, 300_000)}\nends ${WORD}\n`;
const PICTURE = Buffer.from(`a picture of ${WORD}`);

/** A session that names a large part in every way there is. */
async function write(store: TempStore): Promise<string> {
  const session = newSession(store);
  const writer = createLog(store, session);
  const picture = writer.blobs.put(PICTURE);
  const odd = writer.blobs.put(Buffer.from(`odd bytes \xff ${WORD}`, 'latin1'));
  const image = { type: 'image' as const, mediaType: 'image/png', blob: picture };
  const records: NewRecord[] = [
    says('a', { id: 'a' }),
    says(`${WORD} ${noise(2, 300_000)}`),
    { type: 'message', role: 'user', parts: [{ type: 'text', text: 'see' }, image], parentId: 'a' },
    calls('b', ['1', '2']),
    answers('1', OUTPUT),
    { type: 'tool-end', callId: '2', status: 'ok', output: 'short', parts: [image] },
    { type: 'quarantine', reason: 'odd', blob: odd },
    { type: 'context', context: { systemPrompt: `${WORD} ${noise(3, 300_000)}` } },
    goesTo('a'),
    says('c'),
    { type: 'meta', name: 'n', addTags: ['t'] },
  ];
  for (const record of records) await writer.append([record]);
  await writer.close();
  return session.sessionId;
}

function convert(store: TempStore, id: string, options: Partial<ConvertOptions> = {}): Promise<Converted> {
  const to = new BlobStore(store.layout.blobDir('elsewhere'));
  const session: Partial<SessionRecord> = { family: 'elsewhere' };
  return convertLog(store.layout, id, { clock: store.clock, level: 6, to, session, ...options });
}

/** All records but the derived ones, whole, with what their large parts hold in place of the names of those. */
function content(layout: StoreLayout, id: string): unknown[] {
  const reader = LogReader.open(layout, id);
  try {
    const { records } = readLog(layout, id);
    return records
      .filter(({ type }) => type !== 'session' && type !== 'snapshot' && type !== 'close')
      .map((record) => {
        const whole = reader.blobs.unspill(record);
        const bytes = [...blobsOf(whole)].map((ref) => reader.blobs.read(ref).toString('latin1'));
        return { ...named(whole), bytes, ...(record.type === 'head' && { pointer: null }) };
      });
  } finally {
    reader.close();
  }
}

function named(record: LogRecord): object {
  return JSON.parse(JSON.stringify(record).replaceAll(/"hash":"[0-9a-f]{64}"/g, '"hash":""')) as object;
}

function filesIn(directory: string): Map<string, Buffer> {
  return new Map(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]));
}

function assertSound(layout: StoreLayout, id: string): void {
  const reader = LogReader.open(layout, id);
  try {
    const { health, blobs, spans } = verifyLog(reader, 'hash');
    assert.deepEqual({ health, blobs, spans }, { health: 'ok', blobs: [], spans: [] });
  } finally {
    reader.close();
  }
}

/** Takes a word out of bytes that come in any pieces: holds everything back. */
function wordFilter(): { write(bytes: Uint8Array): Uint8Array; end(): Uint8Array } {
  const held: Uint8Array[] = [];
  return {
    write(bytes) {
      held.push(Uint8Array.from(bytes));
      return new Uint8Array(0);
    },
    end: () => Buffer.from(Buffer.concat(held).toString('latin1').replaceAll(WORD, '***'), 'latin1'),
  };
}

function withoutWord(record: LogRecord): NewRecord {
  return JSON.parse(JSON.stringify(record).replaceAll(WORD, '***')) as NewRecord;
}

describe('converting a log into another store', () => {
  it('takes every large part along, and leaves the old ones untouched', async (t) => {
    const store = tempStore(t);
    const id = await write(store);
    const old = store.layout.blobDir(id);
    const [before, way, files] = [content(store.layout, id), branch(store.layout, id), filesIn(old)];
    const { records, faults } = await convert(store, id);
    assert.deepEqual(faults, []);
    assert.deepEqual(filesIn(old), files);
    rmSync(old, { recursive: true });
    assert.deepEqual(content(store.layout, id), before);
    assert.deepEqual(branch(store.layout, id), way);
    assertSound(store.layout, id);
    assert.equal(records, readLog(store.layout, id).records.length - 2);
    assert.ok(readdirSync(store.layout.blobDir('elsewhere')).every((name) => /^[0-9a-f]{64}$/.test(name)));
  });

  it('can be gone on from, and back again holds what it held', async (t) => {
    const store = tempStore(t);
    const id = await write(store);
    const before = content(store.layout, id);
    await convert(store, id);
    const writer = openLog(store, id);
    assert.equal(writer.blobs.directory, store.layout.blobDir('elsewhere'));
    await writer.append([says('d')]);
    await writer.close();
    await convert(store, id, { to: new BlobStore(store.layout.blobDir(id)), session: { family: id } });
    assert.deepEqual(content(store.layout, id).slice(0, before.length), before);
    assertSound(store.layout, id);
  });

  it('works while a reader of the old log is open, which goes on seeing that', async (t) => {
    const store = tempStore(t);
    const id = await write(store);
    const reader = LogReader.open(store.layout, id);
    t.after(() => reader.close());
    const before = readLog(store.layout, id).records.length;
    await convert(store, id);
    const seen = [...reader.forwards()].flatMap((item) => ('frame' in item ? reader.records(item) : []));
    assert.equal(seen.length, before);
    for (const record of seen) if (record.type !== 'snapshot') assert.doesNotThrow(() => reader.blobs.unspill(record));
  });

  it('changes whole records, and passes outputs and what was set aside through a filter, but no picture', async (t) => {
    const store = tempStore(t);
    const id = await write(store);
    const dir = store.layout.blobDir(id);
    const to = new BlobStore(dir);
    const way = branch(store.layout, id);
    await convert(store, id, { to, session: {}, change: withoutWord, filter: wordFilter });
    const after = content(store.layout, id) as { type: string; bytes: string[]; head?: string; tail?: string }[];
    const texts = JSON.stringify(after.filter(({ type }) => type !== 'message' && type !== 'tool-end'));
    assert.ok(!texts.includes(WORD), 'in what is no message');
    assert.deepEqual(branch(store.layout, id), way);
    const end = after.find(({ head }) => head !== undefined)!;
    assert.equal(end.bytes[0], OUTPUT.replaceAll(WORD, '***'));
    assert.ok(end.head!.startsWith('*** begins') && end.tail!.endsWith('ends ***\n'));
    const pictures = after.flatMap(({ bytes }) => bytes).filter((bytes) => bytes.includes(WORD));
    assert.deepEqual(pictures, [String(PICTURE), String(PICTURE)]);
    assertSound(store.layout, id);
  });

  it('hands a long output on in pieces', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    await writer.append([calls('a', ['1']), answers('1', noise(1, 8 * 1024 * 1024))]);
    await writer.close();
    let largest = 0;
    const filter = (): ReturnType<typeof wordFilter> => ({
      write(bytes) {
        largest = Math.max(largest, bytes.length);
        return bytes;
      },
      end: () => new Uint8Array(0),
    });
    await convert(store, session.sessionId, { filter });
    assert.ok(largest > 0 && largest <= 1024 * 1024, `${largest} bytes at once`);
    assertSound(store.layout, session.sessionId);
  });
});

describe('a large part that is gone or damaged', () => {
  const FAULTS = {
    missing: { code: 'BLOB_MISSING', hurt: (path: string) => rmSync(path) },
    damaged: { code: 'BLOB_DAMAGED', hurt: (path: string) => writeFileSync(path, 'junk') },
  };
  for (const [reason, { code, hurt }] of Object.entries(FAULTS)) {
    for (const what of ['tool-end', 'message'] as const) {
      it(`is refused, and nothing is changed: ${reason}, of a ${what}`, async (t) => {
        const store = tempStore(t);
        const id = await write(store);
        const path = join(store.layout.blobDir(id), refOf(store, id, what).hash);
        hurt(path);
        const before = readFileSync(store.layout.logPath(id));
        await assert.rejects(() => convert(store, id), { code, path });
        assert.deepEqual(readFileSync(store.layout.logPath(id)), before);
      });

      it(`is told once where that is wanted, and goes on being named: ${reason}, of a ${what}`, async (t) => {
        const store = tempStore(t);
        const id = await write(store);
        const ref = refOf(store, id, what);
        hurt(join(store.layout.blobDir(id), ref.hash));
        const told: BlobFault[] = [];
        const { faults } = await convert(store, id, { onFault: (fault) => told.push(fault), change: withoutWord });
        assert.deepEqual(told, faults);
        assert.deepEqual(
          told.map((fault) => ({ hash: fault.ref.hash, reason: fault.reason })),
          [{ hash: ref.hash, reason }],
        );
        assert.equal(refOf(store, id, what).hash, ref.hash);
        const lines = JSON.stringify(readLog(store.layout, id).records.filter(({ type }) => type === what));
        assert.ok(!lines.includes(WORD), 'what is left of it in the line is changed too');
        const reader = LogReader.open(store.layout, id);
        t.after(() => reader.close());
        assert.deepEqual(verifyLog(reader, 'hash').blobs, [{ hash: ref.hash, reason: 'missing' }]);
      });
    }
  }
});

/** The large part of the first record of a type that has one. */
function refOf(store: TempStore, id: string, type: string): BlobRef {
  const { records } = readLog(store.layout, id);
  return records.filter((record) => record.type === type).flatMap((record) => [...blobsOf(record)])[0]!;
}

describe('the past of a fork', () => {
  it('comes along from the store of the session that holds it', async (t) => {
    const store = tempStore(t);
    const { layout, clock } = store;
    const id = await write(store);
    const openBase = (base: string): LogReader => LogReader.open(layout, base);
    const plan = openBase(id);
    const { session, records } = planFork(plan, null, null, clock, openBase);
    plan.close();
    const writer = createLog(store, session);
    await writer.append([...records, calls('own', ['9']), answers('9', noise(9, 300_000))]);
    await writer.close();
    const forked = session.sessionId;
    // The base goes elsewhere first, so that the two have their parts in different stores.
    const way = branch(layout, forked);
    await convert(store, id);
    const reader = openBase(forked);
    t.after(() => reader.close());
    await convertLog(layout, forked, {
      clock,
      level: 6,
      to: new BlobStore(layout.blobDir(forked)),
      session: { family: forked, base: undefined },
      past: () => pastOf(reader, openBase, () => clock.recordId()),
    });
    rmSync(layout.blobDir(id), { recursive: true });
    rmSync(layout.blobDir('elsewhere'), { recursive: true });
    rmSync(layout.logPath(id));
    assert.deepEqual(branch(layout, forked), way);
    assertSound(layout, forked);
  });
});

const QUICK_FATES: Fate[] = ['nothing unsynced', 'everything unsynced'];

describe('a power cut while a log is converted', () => {
  it('leaves the old session whole, or the new one', async (t) => {
    const store = tempStore(t);
    const id = await write(store);
    const before = content(store.layout, id);
    startRecording(store.directory);
    await convert(store, id, { change: withoutWord, filter: wordFilter });
    const moments = stopRecording();
    const after = content(store.layout, id);
    assert.notDeepEqual(after, before);
    const seen = new Set<string>();
    for (const moment of moments) {
      for (const fate of SLOW ? (Object.keys(FATES) as Fate[]) : QUICK_FATES) {
        const folder = join(store.directory, 'left');
        mkdirSync(folder);
        try {
          materialize(moment.left(fate), folder);
          const layout = storeLayout(folder);
          const found = content(layout, id);
          const which = JSON.stringify(found) === JSON.stringify(before) ? 'old' : 'new';
          assert.deepEqual(found, which === 'old' ? before : after, `${moment.after}, ${fate}`);
          assertSound(layout, id);
          seen.add(which);
        } finally {
          rmSync(folder, { recursive: true });
        }
      }
    }
    assert.deepEqual([...seen].toSorted(), ['new', 'old']);
    assert.ok(existsSync(store.layout.blobDir(id)));
  });
});
