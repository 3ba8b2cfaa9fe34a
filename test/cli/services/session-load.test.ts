import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LogReader } from '../../../src/store/log-reader.ts';
import { tryLock } from '../../../src/store/session-lock.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import type { ShownPart } from '../../../src/cli/types/session-types.ts';
import { framesOf, junk } from '../../helpers/damage.ts';
import { documentText, PACKINGS, storySession } from '../../helpers/format1-documents.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { createLog, newSession } from '../../helpers/temp-store.ts';
import {
  collected,
  digits,
  movableClock,
  says,
  shown,
  tempHome,
  textsShown,
  writeSession,
} from '../../helpers/temp-home.ts';
import { answers, calls, goesTo, prints } from '../../helpers/walks.ts';

makeSyncingFree();

const OLD = 'a1b2c3d4-0000-4000-8000-000000000001';

/** A session of so many numbered messages, not one of which packs well; nobody indexes it. */
async function writeLong({ layout }: SessionStorage, count: number): Promise<string> {
  const store = { directory: '', layout, clock: movableClock() };
  const first = newSession(store);
  mkdirSync(layout.sessionsDir, { recursive: true });
  const writer = createLog(store, first);
  for (let start = 0; start < count; start += 500) {
    const some = Array.from({ length: Math.min(500, count - start) }, (_, i) =>
      says(`${start + i} ${digits(start + i, 1800)}`, { id: `m${start + i}` }),
    );
    await writer.append(some);
  }
  await writer.close();
  return first.sessionId;
}

describe('loading a session', () => {
  it('brings the newest messages in, as many as the session says, and reads no more', async (t) => {
    const storage = tempHome(t).storage({ settings: { maxHistoryLength: 20 } });
    const id = await writeLong(storage, 6000);
    const session = await storage.loadSession(id);
    assert.deepEqual(
      session.history.messages.map((message) => message.id),
      Array.from({ length: 20 }, (_, i) => `m${5980 + i}`),
    );
    await storage.change(id, [{ type: 'config', patch: { maxHistoryLength: 3 } }]);
    assert.equal((await storage.loadSession(id)).history.messages.length, 3);
    assert.ok(statSync(storage.layout.logPath(id)).size > 4_000_000);
    const open = LogReader.open;
    const readers: LogReader[] = [];
    t.mock.method(LogReader, 'open', (...args: Parameters<typeof open>) => {
      readers.push(open(...args));
      return readers.at(-1)!;
    });
    await storage.loadSession(id);
    const bytesRead = readers.reduce((sum, reader) => sum + reader.bytesRead, 0);
    assert.ok(bytesRead < 1_000_000, `${bytesRead} bytes read`);
  });

  it('pages older messages in as they are asked for, newest first, to the very first', async (t) => {
    const storage = tempHome(t).storage({ settings: { maxHistoryLength: 10 } });
    const id = await writeLong(storage, 2500);
    const session = await storage.loadSession(id);
    const older = storage.olderMessages(id, session.history.messages[0]!.id!);
    const some: string[] = [];
    for await (const message of older) {
      some.push(message.id!);
      if (some.length === 5) break;
    }
    assert.deepEqual(some, ['m2489', 'm2488', 'm2487', 'm2486', 'm2485']);
    const all = await collected(storage.olderMessages(id, session.history.messages[0]!.id!));
    assert.equal(all.length, 2490);
    assert.equal(all.at(-1)!.id, 'm0');
  });

  it('pages on through the past of a fork, and from a window whose branch was left', async (t) => {
    const storage = tempHome(t).storage({ settings: { maxHistoryLength: 1 } });
    const id = await writeSession(storage, [says('a', { id: 'a' }), says('b'), says('c', { id: 'c' })]);
    const forked = await storage.fork(id, null, null);
    await storage.change(forked, [says('d', { id: 'd' })]);
    const older = await collected(storage.olderMessages(forked, 'd'));
    assert.deepEqual(
      older.map(({ content }) => content),
      ['c', 'b', 'a'],
    );
    assert.deepEqual(
      (await collected(storage.olderMessages(forked, 'c'))).map(({ content }) => content),
      ['b', 'a'],
    );
    await storage.change(id, [goesTo('a')]);
    assert.deepEqual(
      (await collected(storage.olderMessages(id, 'c'))).map(({ content }) => content),
      ['b', 'a'],
    );
    await assert.rejects(() => collected(storage.olderMessages(id, 'nowhere')), { code: 'LOG_DAMAGED' });
  });

  it('notes the access and changes nothing else', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const path = storage.layout.logPath(id);
    const bytes = readFileSync(path);
    utimesSync(path, 1000, Date.now() / 1000);
    const before = storage.list().sessions[0]!;
    const session = await storage.loadSession(id);
    assert.ok(readFileSync(path).equals(bytes));
    assert.ok(Math.abs(session.metadata.lastAccessedAt.getTime() - Date.now()) < 60_000);
    assert.ok(Math.abs(statSync(path).atimeMs - Date.now()) < 60_000);
    const after = storage.list().sessions[0]!;
    assert.equal(after.updatedAt, before.updatedAt);
  });

  it('shows a call without an end as interrupted, and as running while somebody writes', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [calls('a', ['c']), prints('c', 'so far')]);
    const status = async (): Promise<unknown> =>
      (await storage.loadSession(id)).history.messages[0]!.parts!.find((part) => part.type === 'tool-result');
    assert.deepEqual(await status(), {
      type: 'tool-result',
      callId: 'c',
      name: 'bash',
      status: 'interrupted',
      output: 'so far',
    });
    const lock = tryLock(storage.layout, id, '')!;
    assert.equal(((await status()) as { status: string }).status, 'running');
    lock.release();
  });

  it('gives a state that somebody took pieces out of, or wrote in another form, without them', async (t) => {
    const storage = tempHome(t).storage();
    const patch = {
      openFiles: null,
      workingDirectory: null,
      watchedFiles: 'src',
      environment: null,
      mcpConnections: 7,
    };
    const id = await writeSession(storage, [says('a'), { type: 'state', patch: patch as never }]);
    const { state, files } = await storage.loadSession(id);
    assert.deepEqual(state, {
      workingDirectory: '/home/dev/project',
      environment: {},
      activeProcesses: [],
      openFiles: [],
      watchedFiles: [],
      mcpConnections: [],
    });
    assert.equal(files.workingDirectory, '/home/dev/project');
  });

  it('of one that is not there says so, and of one that is no log leaves it alone', async (t) => {
    const storage = tempHome(t).storage();
    await writeSession(storage);
    await assert.rejects(() => storage.loadSession(OLD), { code: 'SESSION_NOT_FOUND' });
    writeFileSync(storage.layout.logPath(OLD), junk(200));
    await assert.rejects(() => storage.loadSession(OLD), { code: 'LOG_UNREADABLE', path: storage.layout.logPath(OLD) });
    assert.ok(readFileSync(storage.layout.logPath(OLD)).equals(junk(200)));
  });

  it('in a folder that is a file says that it cannot be read, not that there is nothing', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const id = await writeSession(storage);
    renameSync(home.sessionsDir, `${home.sessionsDir}.away`);
    writeFileSync(home.sessionsDir, 'in its place');
    const unreadable = { code: 'STORE_UNREADABLE' };
    await assert.rejects(() => storage.loadSession(id), unreadable);
    assert.throws(() => storage.list(), unreadable);
    assert.throws(() => storage.exists(id), unreadable);
    assert.throws(() => storage.details(id), unreadable);
    await assert.rejects(() => storage.trash(id, ''), unreadable);
    await assert.rejects(() => storage.change(id, []), unreadable);
    await assert.rejects(() => home.sessions().cleanup.usage(), unreadable);
    rmSync(home.sessionsDir);
    renameSync(`${home.sessionsDir}.away`, home.sessionsDir);
  });

  it('reads round damage, and says what is missing', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    for (const text of ['b', 'c', 'd', 'e']) await storage.change(id, [says(text)]);
    const path = storage.layout.logPath(id);
    const frames = framesOf(readFileSync(path));
    const hit = 5;
    writeFileSync(path, Buffer.concat(frames.map((frame, index) => (index === hit ? junk(frame.length) : frame))));
    const range = storage.show(id, {});
    const messages = await collected(range.messages);
    assert.ok(messages.length >= 3);
    assert.deepEqual(
      range.warnings.map(({ code }) => code),
      ['LOG_DAMAGED'],
    );
    assert.equal(range.warnings[0]!.path, path);
  });
});

describe('loading a session of format 1', () => {
  for (const [packing, pack] of Object.entries(PACKINGS)) {
    it(`(${packing}) brings it over first, and from then on it is a log`, async (t) => {
      const home = tempHome(t);
      const storage = home.storage();
      mkdirSync(home.sessionsDir, { recursive: true });
      const bytes = pack(documentText(storySession(OLD)));
      writeFileSync(storage.layout.logPath(OLD), bytes);
      const session = await storage.loadSession(OLD);
      assert.equal(session.name, 'from the story');
      assert.equal(session.history.messages.length, 3);
      assert.equal(session.metadata.version, '2.0');
      session.history.messages.push({ role: 'user', content: 'and on' });
      await storage.saveSession(session);
      assert.deepEqual((await textsShown(storage, OLD)).at(-1), 'and on');
      assert.ok(readFileSync(`${home.sessionsDir}/session-${OLD}.format1-1`).equals(bytes));
    });
  }

  it('works for a change, too, and for one who goes on with it', async (t) => {
    const home = tempHome(t);
    const { storage, manager } = home.sessions();
    mkdirSync(home.sessionsDir, { recursive: true });
    writeFileSync(storage.layout.logPath(OLD), documentText(storySession(OLD)));
    assert.deepEqual(await storage.change(OLD, [{ type: 'meta', addTags: ['new'] }]), { via: 'log', durable: true });
    assert.deepEqual(storage.details(OLD).session.tags, ['old', 'kept', 'new']);
    const other = OLD.replace('0001', '0002');
    writeFileSync(storage.layout.logPath(other), documentText(storySession(other)));
    const live = await manager.resume(other);
    await live.append(says('on'));
    assert.equal((await textsShown(storage, other)).at(-1), 'on');
  });

  it('is refused while another process has it, and leaves the document', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    mkdirSync(home.sessionsDir, { recursive: true });
    writeFileSync(storage.layout.logPath(OLD), documentText(storySession(OLD)));
    const lock = tryLock(storage.layout, OLD, '')!;
    await assert.rejects(() => storage.loadSession(OLD), { code: 'SESSION_IN_USE' });
    assert.equal(readFileSync(storage.layout.logPath(OLD), 'utf8'), documentText(storySession(OLD)));
    lock.release();
    await storage.loadSession(OLD);
  });
});

describe('showing a session', () => {
  const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
  const RANGES: Record<string, { range: object; expected: string[] }> = {
    everything: { range: {}, expected: ids },
    'the last two': { range: { last: 2 }, expected: ['m4', 'm5'] },
    'more than there are': { range: { last: 99 }, expected: ids },
    none: { range: { last: 0 }, expected: [] },
    'from a number': { range: { from: '3' }, expected: ['m3', 'm4', 'm5'] },
    'to a number': { range: { to: '2' }, expected: ['m1', 'm2'] },
    'from an id to an id': { range: { from: 'm2', to: 'm4' }, expected: ['m2', 'm3', 'm4'] },
    backwards: { range: { from: '4', to: '2' }, expected: [] },
    one: { range: { from: '3', to: '3' }, expected: ['m3'] },
  };
  for (const [name, { range, expected }] of Object.entries(RANGES)) {
    it(`gives ${name}`, async (t) => {
      const storage = tempHome(t).storage();
      const id = await writeSession(
        storage,
        ids.map((each) => says(each, { id: each })),
      );
      const messages = await collected(storage.show(id, range).messages);
      assert.deepEqual(
        messages.map((message) => message.id),
        expected,
      );
    });
  }

  it('of a fork counts its messages from the beginning of its past', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(
      storage,
      ids.map((each) => says(each, { id: each })),
    );
    const forked = await storage.fork(id, '3', 'other way');
    await storage.change(forked, [says('mine', { id: 'mine' })]);
    const range = async (from: string, to: string): Promise<string[]> =>
      (await collected(storage.show(forked, { from, to }).messages)).map((message) => message.id);
    assert.deepEqual(await range('1', '2'), ['m1', 'm2']);
    assert.deepEqual(await range('2', '4'), ['m2', 'm3', 'mine']);
    assert.deepEqual(await range('4', '4'), ['mine']);
    assert.equal(storage.details(forked).session.name, 'other way');
  });

  it('says which messages there are where a name fits none or several', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a', { id: 'same-1' }), says('b', { id: 'same-2' })]);
    const show = (from: string) => collected(storage.show(id, { from }).messages);
    await assert.rejects(() => show('7'), { code: 'USAGE', hint: /from 1 to 2/ });
    await assert.rejects(() => show('nowhere'), { code: 'USAGE', message: /no message nowhere/ });
    await assert.rejects(() => show('same'), { code: 'USAGE', message: /2 messages/ });
    assert.equal((await show('same-2')).length, 1);
    await assert.rejects(() => storage.fork(id, '9', null), { code: 'USAGE' });
  });

  it('has each result behind its call: kept in the line, recorded in pieces, or in a file of its own', async (t) => {
    const storage = tempHome(t).storage();
    const long = digits(3, 400_000);
    const id = await writeSession(storage, [
      calls('a', ['1', '2', '3']),
      answers('1', 'short'),
      prints('2', 'so '),
      prints('2', 'far'),
      { type: 'tool-end', callId: '2', status: 'error', exitCode: 7, durationMs: 12 },
      answers('3', long),
    ]);
    const [message] = await shown(storage, id);
    const results = message!.parts.filter(
      (part): part is ShownPart & { type: 'tool-result' } => part.type === 'tool-result',
    );
    assert.deepEqual(
      results.map(({ callId, status }) => [callId, status]),
      [
        ['1', 'ok'],
        ['2', 'error'],
        ['3', 'ok'],
      ],
    );
    assert.equal(results[0]!.output, 'short');
    assert.deepEqual(results[1], {
      type: 'tool-result',
      callId: '2',
      name: 'bash',
      status: 'error',
      output: 'so far',
      exitCode: 7,
      durationMs: 12,
    });
    assert.equal(results[2]!.blob!.bytes, 400_000);
    assert.ok(results[2]!.output.startsWith(long.slice(0, 1000)) && results[2]!.output.endsWith(long.slice(-1000)));
  });

  it('leaves no file open, whether or not its messages are asked for', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a'), says('b')]);
    let open = 0;
    const { open: original } = LogReader;
    t.mock.method(LogReader, 'open', (...args: Parameters<typeof original>) => {
      const reader = original(...args);
      const close = reader.close.bind(reader);
      open++;
      reader.close = () => {
        open--;
        close();
      };
      return reader;
    });
    storage.show(id, {});
    for await (const _first of storage.show(id, {}).messages) break;
    await collected(storage.show(id, { last: 1 }).messages);
    storage.details(id);
    await storage.loadSession(id);
    await assert.rejects(() => collected(storage.show(id, { from: '9' }).messages));
    assert.equal(open, 0);
  });
});
