import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { clearInbox, putIntoInbox, readInbox } from '../../src/store/inbox.ts';
import type { IndexedText, TextPosition } from '../../src/store/index/index-source.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { rewriteLog } from '../../src/store/log-rewrite.ts';
import { foldWithInbox, LogSource } from '../../src/store/log-source.ts';
import { framesOf, junk } from '../helpers/damage.ts';
import { documentText, PACKINGS, storySession } from '../helpers/format1-documents.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { createLog, newSession, openLog, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, calls, prints, says } from '../helpers/walks.ts';
import type { NewRecord } from '../../src/core/record.ts';

makeSyncingFree();

async function write(store: TempStore, records: NewRecord[], partBytesMax = Infinity): Promise<string> {
  const session = newSession(store);
  const writer = createLog(store, session, { partBytesMax });
  for (const record of records) await writer.append([record]);
  await writer.close();
  return session.sessionId;
}

async function append(store: TempStore, id: string, ...records: NewRecord[]): Promise<void> {
  const writer = openLog(store, id);
  await writer.append(records);
  await writer.close();
}

function read(source: LogSource, id: string, from: TextPosition | null = null) {
  const reading = source.texts(id, from);
  const texts: IndexedText[] = [...reading.texts];
  return { restarted: reading.restarted, texts, position: reading.position() };
}

describe('what the index is told of a folder', () => {
  it('is every session in it once, conflict copies and those whose first file is lost among them', async (t) => {
    const store = tempStore(t);
    const source = new LogSource(store.layout);
    assert.deepEqual(source.ids(), []);
    const { sessionsDir, logPath } = store.layout;
    const records = Array.from({ length: 30 }, (_, i) => says(noise(i, 400)));
    const [whole, headless] = [await write(store, records, 4_000), await write(store, records, 4_000)];
    rmSync(logPath(headless));
    writeFileSync(join(sessionsDir, `session-${whole} (1).json.gz`), readFileSync(logPath(whole)));
    for (const name of [
      'notes.txt',
      'session-x.json',
      `session-${whole}.torn-1`,
      'metadata.json',
      'session-con.json.gz',
    ]) {
      writeFileSync(join(sessionsDir, name), '');
    }
    const ids = source.ids().toSorted();
    assert.equal(ids.length, 3);
    assert.ok(ids.includes(whole) && ids.includes(headless));
    const copy = ids.find((id) => id.includes('~'))!;
    assert.equal(source.summarize(copy).conflictOf, whole);
    assert.equal(source.summarize(whole).conflictOf, null);
    assert.ok(source.summarize(headless).fold!.counts.messages > 0);
  });

  it('is an error where it cannot be read, never nothing', (t) => {
    const { layout, directory } = tempStore(t);
    writeFileSync(join(directory, 'sessions'), 'a file');
    assert.throws(() => new LogSource(layout).ids(), { code: 'STORE_UNREADABLE', path: layout.sessionsDir });
  });
});

describe("a log's stamp", () => {
  it('adds up its parts, and has the newest of their times', async (t) => {
    const store = tempStore(t);
    const id = await write(
      store,
      Array.from({ length: 30 }, (_, i) => says(noise(i, 400))),
      4_000,
    );
    const paths = [1, 2].map((part) => store.layout.logPath(id, part));
    for (const path of paths) assert.ok(statSync(path).size > 0);
    utimesSync(paths[0]!, 1000, 2000);
    utimesSync(paths[1]!, 1000, 3000);
    const { sizeBytes, mtimeMs, accessedAtMs } = new LogSource(store.layout).stamp(id)!;
    const source = new LogSource(store.layout);
    assert.ok(sizeBytes >= paths.reduce((sum, path) => sum + statSync(path).size, 0));
    assert.ok(mtimeMs >= 3_000_000);
    assert.equal(accessedAtMs, 1_000_000);
    assert.equal(source.stamp('nobody'), null);
  });

  it('changes when something is put into the inbox, and when it is taken', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [says('a')]);
    const source = new LogSource(store.layout);
    const before = source.stamp(id)!;
    utimesSync(store.layout.logPath(id), 1000, 1000);
    putIntoInbox(store.layout, id, [{ type: 'meta', name: 'x' }], store.clock);
    assert.notDeepEqual(source.stamp(id), before);
    assert.ok(source.stamp(id)!.mtimeMs > 1_000_000);
    clearInbox(store.layout, id, readInbox(store.layout, id).entries);
    assert.equal(source.stamp(id)!.mtimeMs, 1_000_000);
  });
});

describe("a log's summary", () => {
  it('is the fold with what waits in the inbox on top, once', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [says('a'), { type: 'meta', name: 'one' }]);
    putIntoInbox(store.layout, id, [{ type: 'meta', name: 'two', addTags: ['t'] }], store.clock);
    const source = new LogSource(store.layout);
    const { fold, health } = source.summarize(id);
    assert.equal(health, 'ok');
    assert.equal(fold!.name, 'two');
    const count = fold!.counts.records;
    // The holder took it in and was killed before it removed it.
    await append(store, id, ...(readInbox(store.layout, id).entries[0]!.records as NewRecord[]));
    assert.equal(source.summarize(id).fold!.counts.records, count);
  });

  it('misses nothing that is taken out of the inbox while it is made', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [says('a')]);
    putIntoInbox(store.layout, id, [{ type: 'meta', name: 'waits' }], store.clock);
    const inbox = readInbox(store.layout, id);
    await append(store, id, ...(inbox.entries[0]!.records as NewRecord[]));
    clearInbox(store.layout, id, inbox.entries);
    const reader = LogReader.open(store.layout, id);
    t.after(() => reader.close());
    assert.equal(foldWithInbox(reader, inbox).name, 'waits');
  });

  const STATES: Record<string, { health: string; hasFold: boolean; damage(bytes: Buffer): Buffer }> = {
    torn: { health: 'torn', hasFold: true, damage: (bytes) => bytes.subarray(0, bytes.length - 3) },
    junk: { health: 'unreadable', hasFold: false, damage: () => junk(300) },
    empty: { health: 'unreadable', hasFold: false, damage: () => Buffer.alloc(0) },
    'without its last frame': {
      health: 'ok',
      hasFold: true,
      damage: (bytes) => Buffer.concat(framesOf(bytes).slice(0, -1)),
    },
  };
  for (const [name, { health, hasFold, damage }] of Object.entries(STATES)) {
    it(`of one that is ${name} says ${health}`, async (t) => {
      const store = tempStore(t);
      const id = await write(store, [says('a'), says('b')]);
      const path = store.layout.logPath(id);
      writeFileSync(path, damage(readFileSync(path)));
      const summary = new LogSource(store.layout).summarize(id);
      assert.equal(summary.health, health);
      assert.equal(summary.fold !== null, hasFold);
    });
  }

  it('of one that is gone says so', (t) => {
    const { layout } = tempStore(t);
    assert.throws(() => new LogSource(layout).summarize('nobody'), { code: 'SESSION_NOT_FOUND' });
  });

  for (const [packing, pack] of Object.entries(PACKINGS)) {
    it(`of a document of format 1 (${packing}) tells what is in it, and leaves it as it is`, (t) => {
      const store = tempStore(t);
      const id = 'a1b2c3d4-0000-4000-8000-000000000001';
      const bytes = pack(documentText(storySession(id)));
      mkdirSync(store.layout.sessionsDir, { recursive: true });
      writeFileSync(store.layout.logPath(id), bytes);
      const source = new LogSource(store.layout);
      const { fold, health } = source.summarize(id);
      assert.equal(health, 'ok');
      assert.equal(fold!.name, 'from the story');
      assert.equal(fold!.counts.messages, 3);
      assert.equal(fold!.updatedAt, '2025-01-01T00:03:00.000Z');
      const first = read(source, id);
      assert.deepEqual(
        first.texts.slice(0, 3).map(({ text }) => text),
        [1, 2, 3].map((n) => `what was said ${n} — 店`),
      );
      assert.deepEqual(read(source, id, first.position).texts, []);
      assert.ok(readFileSync(store.layout.logPath(id)).equals(bytes));
    });
  }

  it('of a document of format 1 whose checksum does not fit is unreadable', (t) => {
    const store = tempStore(t);
    const id = 'a1b2c3d4-0000-4000-8000-000000000001';
    mkdirSync(store.layout.sessionsDir, { recursive: true });
    writeFileSync(store.layout.logPath(id), documentText(storySession(id)).replace('said 2', 'said 9'));
    assert.equal(new LogSource(store.layout).summarize(id).health, 'unreadable');
  });
});

describe("a log's texts", () => {
  it('are messages, results of calls with their tool and files, and names', async (t) => {
    const store = tempStore(t);
    const call: NewRecord = {
      type: 'message',
      role: 'assistant',
      id: 'm2',
      parts: [
        { type: 'thinking', text: 'hm' },
        { type: 'text', text: 'look' },
        { type: 'tool-call', callId: 'c', name: 'read', input: '{"path":"src/a.ts"}' },
        { type: 'file', path: 'doc.md' },
      ],
    };
    const id = await write(store, [
      says('hello'),
      call,
      prints('c', 'so far'),
      answers('c', 'result'),
      { type: 'meta', name: 'the name', outcome: 'done' },
      { type: 'meta', addTags: ['no words'] },
      { type: 'state', patch: { openFiles: ['x'] } },
    ]);
    const { texts } = read(new LogSource(store.layout), id);
    const briefly = texts.map(({ role, messageId, text, tools, files }) => ({ role, messageId, text, tools, files }));
    assert.deepEqual(briefly, [
      { role: 'user', messageId: texts[0]!.messageId, text: 'hello', tools: [], files: [] },
      {
        role: 'assistant',
        messageId: 'm2',
        text: 'look\n\n@doc.md\nhm\n{"path":"src/a.ts"}',
        tools: ['read'],
        files: ['src/a.ts', 'doc.md'],
      },
      { role: 'tool', messageId: 'm2', text: 'so far', tools: ['read'], files: ['src/a.ts'] },
      { role: 'tool', messageId: 'm2', text: 'result', tools: ['read'], files: ['src/a.ts'] },
      { role: 'system', messageId: null, text: 'the name\ndone', tools: [], files: [] },
    ]);
  });

  it('go on where they stopped, and a result that comes later still finds its call', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [calls('a', ['c'], { id: 'a' })]);
    const source = new LogSource(store.layout);
    const first = read(source, id);
    await append(store, id, answers('c', 'late'), says('b'));
    const second = read(source, id, first.position);
    assert.equal(second.restarted, false);
    assert.deepEqual(second.texts.map(({ text, messageId }) => [text, messageId]).slice(0, 1), [['late', 'a']]);
    assert.equal(second.texts.length, 2);
    assert.deepEqual(read(source, id, second.position).texts, []);
    const whole = read(source, id).texts;
    assert.deepEqual([...first.texts, ...second.texts], whole);
  });

  it('come again from the place of any of them', async (t) => {
    const store = tempStore(t);
    const id = await write(
      store,
      Array.from({ length: 10 }, (_, i) => says(`${i}`)),
    );
    const source = new LogSource(store.layout);
    const { texts, position } = read(source, id);
    for (const [index, { pointer }] of texts.entries()) {
      const again = read(source, id, { ...position, next: pointer });
      assert.deepEqual(again.texts, texts.slice(index));
    }
  });

  it('begin anew in a log that was rewritten', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [says('a'), says('b')]);
    const source = new LogSource(store.layout);
    const { position } = read(source, id);
    rewriteLog(store.layout, id, { clock: store.clock, level: 6 });
    const { restarted, texts } = read(source, id, position);
    assert.equal(restarted, true);
    assert.deepEqual(
      texts.map(({ text }) => text),
      ['a', 'b'],
    );
  });

  it('leave damage out and go on behind it', async (t) => {
    const store = tempStore(t);
    const id = await write(store, [says('a'), says('b'), says('c')]);
    const path = store.layout.logPath(id);
    const frames = framesOf(readFileSync(path));
    writeFileSync(path, Buffer.concat(frames.map((frame, index) => (index === 2 ? junk(frame.length) : frame))));
    assert.deepEqual(
      read(new LogSource(store.layout), id).texts.map(({ text }) => text),
      ['a', 'c'],
    );
  });

  it('hold of a long output its beginning, and of a long message all', async (t) => {
    const store = tempStore(t);
    const long = 'needle '.repeat(60_000);
    const id = await write(store, [calls('a', ['c']), answers('c', `${'x'.repeat(2_000_000)}end`), says(long)]);
    const [, output, message] = read(new LogSource(store.layout), id).texts;
    assert.equal(output!.text, 'x'.repeat(1024 * 1024));
    assert.equal(message!.text, long);
  });

  it('of a session that is gone are an error', (t) => {
    const { layout, directory } = tempStore(t);
    mkdirSync(layout.sessionsDir, { recursive: true });
    assert.throws(() => new LogSource(layout).texts('nobody', null), { code: 'SESSION_NOT_FOUND' });
    renameSync(layout.sessionsDir, join(directory, 'elsewhere'));
    assert.deepEqual(new LogSource(layout).ids(), []);
  });
});
