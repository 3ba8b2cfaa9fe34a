import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { NewRecord } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { isLocked, tryLock } from '../../src/store/session-lock.ts';
import { LogWriter } from '../../src/store/log-writer.ts';
import { framesOf } from '../helpers/damage.ts';
import { noise } from '../helpers/reference-logs.ts';
import {
  createLog,
  newSession,
  openLog,
  readLog,
  tempStore,
  textsOf,
  userSays,
  writerOptions,
} from '../helpers/temp-store.ts';

describe('a log writer', () => {
  it('makes no file before the first record, and none for one that is refused', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    assert.equal(existsSync(store.layout.logPath(session.sessionId)), false);
    await assert.rejects(writer.append([{ type: 'message', role: 'user' } as unknown as NewRecord]), {
      code: 'RECORD_INVALID',
    });
    await writer.close();
    assert.equal(existsSync(store.layout.logPath(session.sessionId)), false);
  });

  it('answers with the records as they stand in the log', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const first = await writer.append([userSays('one'), userSays('two')]);
    const second = await writer.append([
      { type: 'head', messageId: first[0]!.id, pointer: null },
      userSays('another two'),
      { type: 'custom', kind: 'note', value: { undefined: undefined, date: 1 } },
    ]);
    await writer.close();
    const { records } = readLog(store.layout, session.sessionId);
    for (const record of [...first, ...second]) {
      assert.deepEqual(
        records.find(({ id }) => id === record.id),
        JSON.parse(JSON.stringify(record)),
      );
    }
  });

  it('writes nothing that did not pass the door, at whatever moment it comes', async (t) => {
    const store = tempStore(t);
    const door = async (records: readonly NewRecord[]): Promise<NewRecord[]> =>
      records.map((record) => (record.type === 'message' ? userSays('passed') : record));
    for (let moment = 0; moment < 16; moment++) {
      const session = newSession(store);
      const writer = createLog(store, session, { door });
      const first = writer.append([userSays('one')]);
      for (let tick = 0; tick < moment; tick++) await undefined;
      await Promise.all([first, writer.append([userSays('two')])]);
      await writer.close();
      assert.deepEqual(
        textsOf(readLog(store.layout, session.sessionId).records),
        ['passed', 'passed'],
        `after ${moment} ticks`,
      );
    }
  });

  it('puts what waits during one sync into the next frame together, in order', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const order: number[] = [];
    const texts = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(texts.map(async (i) => writer.append([userSays(`${i}`)]).then(() => order.push(i))));
    const frames = framesOf(readFileSync(store.layout.logPath(session.sessionId)));
    assert.equal(frames.length, 2, 'the frame that begins the epoch, and one with all fifty');
    assert.deepEqual(order, texts);
    await writer.close();
    assert.deepEqual(textsOf(readLog(store.layout, session.sessionId).records), texts.map(String));
  });

  it('refuses what is not valid by itself, and takes what waits beside it', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const [good, orphan, bad, last] = await Promise.allSettled([
      writer.append([userSays('good')]),
      writer.append([{ ...userSays('orphan'), parentId: 'nobody' } as NewRecord]),
      writer.append([userSays('not half'), { type: 'state' } as unknown as NewRecord]),
      writer.append([userSays('last')]),
    ]);
    assert.equal(good.status, 'fulfilled');
    assert.equal(last.status, 'fulfilled');
    assert.equal((orphan as PromiseRejectedResult).reason.code, 'PARENT_NOT_DURABLE');
    assert.equal((bad as PromiseRejectedResult).reason.code, 'RECORD_INVALID');
    await writer.close();
    assert.deepEqual(textsOf(readLog(store.layout, session.sessionId).records), ['good', 'last']);
  });

  it('refuses every record that a reader could not rely on', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const faulty: unknown[] = [
      { type: 'message', role: 'user', parts: 'text' },
      { type: 'message', role: 'user', parts: [null] },
      { type: 'message', role: 'user', parts: [{ type: 'tool-call', callId: 'c' }] },
      { type: 'message', role: 'user', parts: [{ type: 'image', blob: { hash: '../../secret', bytes: 1 } }] },
      { type: 'tool-end', status: 'ok' },
      { type: 'tool-end', callId: 'c', status: 'ok', blob: { hash: 'A'.repeat(64), bytes: 1 } },
      { type: 'tool-output', callId: 'c' },
      { type: 'state', patch: [] },
      { type: 'config' },
      { type: 'context', context: 'prompt' },
      { type: 'files' },
      { type: 'head' },
      { type: 'meta', addTags: 'tag' },
      { type: 'meta', addLinks: ['link'] },
      { type: 'custom', spilled: { hash: 'x', bytes: 1 } },
      { type: 7 },
      null,
    ];
    for (const record of faulty) {
      await assert.rejects(writer.append([record as NewRecord]), (error: Error & { code?: string }) => {
        assert.ok(error.code === 'RECORD_INVALID' || record === null, `${JSON.stringify(record)}: ${error.message}`);
        return true;
      });
    }
    await writer.append([userSays('still there')]);
    await writer.close();
    const reader = LogReader.open(store.layout, session.sessionId);
    assert.equal(reader.fold().lastPrompt, 'still there');
    reader.close();
  });

  it('holds a fold that is the one a reader makes of the log', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const environment: Record<string, string> = { SHELL: 'bash' };
    await writer.append([
      { type: 'state', patch: { environment, gone: undefined } },
      { type: 'config', patch: { model: 'm', later: undefined } },
      { ...userSays('hello'), usage: { inputTokens: Number.NaN, outputTokens: 3 } } as NewRecord,
    ]);
    environment['SECRET'] = 'set behind the log';
    const reader = LogReader.open(store.layout, session.sessionId);
    assert.deepEqual(writer.fold, reader.fold());
    reader.close();
    await writer.close();
    const closed = LogReader.open(store.layout, session.sessionId);
    assert.equal(JSON.stringify(closed.fold()).includes('behind the log'), false);
    closed.close();
  });

  it('closes once, however often it is told to, and takes nothing after that', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const lock = tryLock(store.layout, session.sessionId, '')!;
    const writer = LogWriter.create(store.layout, session, writerOptions(store), lock);
    const waiting = writer.append([userSays('on its way')]);
    const closing = [writer.close(), writer.close()];
    await assert.rejects(writer.append([userSays('too late')]), { code: 'LOG_CHANGED' });
    await waiting;
    await Promise.all(closing);
    await writer.close();
    assert.equal(isLocked(store.layout, session.sessionId), false);
    const { records, health } = readLog(store.layout, session.sessionId);
    assert.equal(records.filter(({ type }) => type === 'close').length, 1);
    assert.deepEqual([textsOf(records), health], [['on its way'], 'ok']);
  });

  it('adds nothing to a log that it was opened on for nothing', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const first = createLog(store, session);
    await first.append([userSays('one')]);
    await first.close();
    const before = readFileSync(store.layout.logPath(session.sessionId));
    await openLog(store, session.sessionId).close();
    assert.ok(readFileSync(store.layout.logPath(session.sessionId)).equals(before));
  });

  it('gives the lock back when it cannot open the log', (t) => {
    const store = tempStore(t);
    const lock = tryLock(store.layout, 'missing', '')!;
    assert.throws(() => LogWriter.open(store.layout, 'missing', writerOptions(store), lock), {
      code: 'SESSION_NOT_FOUND',
    });
    assert.equal(isLocked(store.layout, 'missing'), false);
  });

  it('does not begin a session over a file that is there', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const path = store.layout.logPath(session.sessionId);
    mkdirSync(store.layout.sessionsDir, { recursive: true });
    writeFileSync(path, 'something of somebody');
    const writer = createLog(store, session);
    await assert.rejects(writer.append([userSays('one')]), { code: 'SESSION_EXISTS', path });
    await writer.close();
    assert.equal(readFileSync(path, 'utf8'), 'something of somebody');
  });

  it('follows no link, and begins no session behind one', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const path = store.layout.logPath(session.sessionId);
    mkdirSync(store.layout.sessionsDir, { recursive: true });
    symlinkSync(`${store.directory}/elsewhere`, path);
    const writer = createLog(store, session);
    await assert.rejects(writer.append([userSays('one')]), { code: 'SESSION_EXISTS' });
    await writer.close();
    assert.throws(() => openLog(store, session.sessionId), { code: 'STORE_UNSAFE', path });
    assert.equal(existsSync(`${store.directory}/elsewhere`), false);
  });

  it('snapshots a log that was not closed, so that crashes do not make openings dearer', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    let writer = createLog(store, session);
    for (let crash = 0; crash < 5; crash++) {
      await writer.append([userSays(noise(crash + 1, 50_000))]);
      writer = openLog(store, session.sessionId);
    }
    await writer.append([userSays('last')]);
    const reader = LogReader.open(store.layout, session.sessionId);
    const before = reader.bytesRead;
    reader.fold();
    assert.ok(reader.bytesRead - before < 2 * 128 * 1024, 'all of the log was read');
    reader.close();
    await writer.close();
    assert.ok(statSync(store.layout.logPath(session.sessionId)).size > 5 * 30_000);
  });
});
