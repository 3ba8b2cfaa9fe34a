import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { LogRecord } from '../../../src/core/record.ts';
import { SessionError } from '../../../src/core/errors.ts';
import type { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import type { Session } from '../../../src/cli/types/session-types.ts';
import { startChild } from '../../helpers/child.ts';
import { fillSession, lasting } from '../../helpers/full-session.ts';
import { makeSyncingFree } from '../../helpers/no-sync.ts';
import { bytesIn, collected, says, tempHome, textsShown, writeSession } from '../../helpers/temp-home.ts';

makeSyncingFree();

const BOOKKEEPING = new Set(['session', 'epoch', 'close', 'snapshot']);

/** Types of the records that were added to a log by some work, without what a writer adds of its own. */
async function added(storage: SessionStorage, id: string, work: () => Promise<unknown>): Promise<string[]> {
  const before = new Set((await collected(storage.records(id))).map((record) => record.id));
  await work();
  const after: LogRecord[] = await collected(storage.records(id));
  return after.filter((record) => !before.has(record.id) && !BOOKKEEPING.has(record.type)).map(({ type }) => type);
}

function sizeOf(storage: SessionStorage, id: string): number {
  return statSync(storage.layout.logPath(id)).size;
}

describe('saving a session', () => {
  it('keeps every field, as another process reads it', async (t) => {
    const home = tempHome(t);
    const { manager, storage } = home.sessions();
    const session = await manager.createSession();
    fillSession(session);
    await manager.saveSession(session.id);
    const child = startChild(t, 'load-session', [home.home, session.id]);
    assert.equal(await child.ended, 0);
    const there = JSON.parse(child.lines[0]!) as Session;
    assert.deepEqual(there, lasting(session));
    assert.match(readFileSync(storage.layout.logPath(session.id)).subarray(0, 4).toString('hex'), /^1f8b0804/);
  });

  it('keeps integers of any length digit by digit', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const session = await storage.loadSession(id);
    fillSession(session);
    await storage.saveSession(session);
    const again = await storage.loadSession(id);
    for (const value of [session, again]) {
      assert.match(JSON.stringify(value.history.context), /"big":12345678901234567890\b/);
      assert.match(JSON.stringify(value.tools), /"big":12345678901234567890\b/);
      assert.match(JSON.stringify(value.history.messages.at(-2)), /"id":98765432109876543210\b/);
    }
  });

  it('with nothing new writes nothing, however often', async (t) => {
    const home = tempHome(t);
    const storage = home.storage({ settings: { maxHistoryLength: 50, retentionDays: 3 } });
    const session = await storage.loadSession(await writeSession(storage));
    fillSession(session);
    await storage.saveSession(session);
    const bytes = readFileSync(storage.layout.logPath(session.id));
    for (let i = 0; i < 3; i++) await storage.saveSession(session);
    const loaded = await storage.loadSession(session.id);
    await storage.saveSession(loaded);
    assert.ok(readFileSync(storage.layout.logPath(session.id)).equals(bytes));
  });

  it("does not make the installation's settings the session's own", async (t) => {
    const home = tempHome(t);
    const storage = home.storage({ settings: { maxHistoryLength: 50 } });
    const id = await writeSession(storage);
    const session = await storage.loadSession(id);
    session.config.retentionDays = 9;
    session.name = 'changed';
    await storage.saveSession(session);
    assert.deepEqual(storage.details(id).fold.config, { retentionDays: 9 });
    assert.equal(home.storage({ settings: { maxHistoryLength: 60 } }).details(id).config.maxHistoryLength, 60);
  });

  const CHANGES: Record<string, { change(session: Session): void; types: string[] }> = {
    'a name': { change: (session) => void (session.name = 'other'), types: ['meta'] },
    'a description that is taken away': { change: (session) => void delete session.description, types: ['meta'] },
    'tags and status': {
      change: ({ metadata }) => {
        metadata.tags = ['two', 'three'];
        metadata.status = 'completed';
      },
      types: ['meta'],
    },
    links: { change: ({ metadata }) => void (metadata.links = []), types: ['meta'] },
    'an open file': { change: ({ state }) => void state.openFiles.push('b'), types: ['state'] },
    'the directory': { change: ({ state }) => void (state.workingDirectory = '/else'), types: ['state'] },
    "the file system's directory": { change: ({ files }) => void (files.workingDirectory = '/else'), types: ['state'] },
    'a preference': { change: ({ config }) => void (config.retentionDays = 3), types: ['config'] },
    'the context': { change: ({ history }) => void (history.context.gitBranch = 'x'), types: ['context'] },
    'a fingerprint': { change: ({ files }) => void (files.fingerprints = {}), types: ['files'] },
    "a tool's cache": { change: ({ tools }) => void (tools[0]!.cache = { new: 1 }), types: ['tool-state'] },
    'a message': {
      change: ({ history }) => void history.messages.push({ role: 'user', content: 'more' }),
      types: ['message'],
    },
    'a message with a result': {
      change: ({ history }) =>
        void history.messages.push({
          role: 'assistant',
          content: '',
          parts: [
            { type: 'tool-call', callId: 'c9', name: 'bash', input: '{}' },
            { type: 'tool-result', callId: 'c9', name: 'bash', status: 'ok', output: 'x' },
          ],
        }),
      types: ['message', 'tool-end'],
    },
    'a checkpoint': {
      change: ({ history }) =>
        void history.checkpoints.push({ id: 'cp-2', description: 'x', timestamp: new Date(), messageId: null }),
      types: ['checkpoint'],
    },
    'messages taken off the end': { change: ({ history }) => void history.messages.pop(), types: ['head'] },
  };
  for (const [name, { change, types }] of Object.entries(CHANGES)) {
    it(`adds for ${name} what is new, and little more bytes`, async (t) => {
      const storage = tempHome(t).storage();
      const id = await writeSession(storage, [says('x'.repeat(200_000))]);
      const session = await storage.loadSession(id);
      fillSession(session);
      await storage.saveSession(session);
      const before = sizeOf(storage, id);
      change(session);
      assert.deepEqual(await added(storage, id, () => storage.saveSession(session)), types);
      assert.ok(sizeOf(storage, id) - before < 12_000, `${sizeOf(storage, id) - before} bytes`);
      const again = await storage.loadSession(id);
      const { workingDirectory } = again.state;
      // Either of the two places of the directory counts, and a call counts as a use of its tool.
      const expected = { ...session, state: { ...session.state, workingDirectory }, tools: again.tools };
      expected.files = { ...session.files, workingDirectory };
      assert.deepEqual(lasting(again), lasting(expected));
      assert.deepEqual(await added(storage, id, () => storage.saveSession(again)), []);
    });
  }

  it('gives new messages ids and times, and hangs them under the one they stand behind', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a', { id: 'a' }), says('b', { id: 'b' })]);
    const session = await storage.loadSession(id);
    session.history.messages.push({ role: 'user', content: 'c' }, { role: 'assistant', content: 'd' });
    await storage.saveSession(session);
    const [, , c, d] = session.history.messages;
    assert.equal(c!.parentId, 'b');
    assert.equal(d!.parentId, c!.id);
    assert.ok(c!.timestamp instanceof Date);
    assert.deepEqual(await textsShown(storage, id), ['a', 'b', 'c', 'd']);
  });

  it('after messages were taken off goes on from what is left; nothing said is lost', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a'), says('b'), says('c')]);
    const session = await storage.loadSession(id);
    session.history.messages.splice(1);
    await storage.saveSession(session);
    assert.deepEqual(await textsShown(storage, id), ['a']);
    session.history.messages.push({ role: 'user', content: 'other' });
    await storage.saveSession(session);
    assert.deepEqual(await textsShown(storage, id), ['a', 'other']);
    const all = (await collected(storage.records(id))).filter(({ type }) => type === 'message');
    assert.equal(all.length, 4);
  });

  it('refuses a message that is in the log and was changed', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    for (const change of [
      (session: Session) => void (session.history.messages[0]!.content = 'other'),
      (session: Session) => void (session.history.messages[0]!.parts = [{ type: 'text', text: 'other' }]),
      (session: Session) => void (session.history.messages[0]!.role = 'assistant'),
    ]) {
      const session = await storage.loadSession(id);
      change(session);
      await assert.rejects(() => storage.saveSession(session), { code: 'RECORD_INVALID' });
    }
    assert.deepEqual(await textsShown(storage, id), ['a']);
  });

  it('adds the result of a call that came after its message was saved', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage);
    const session = await storage.loadSession(id);
    session.history.messages.push({
      role: 'assistant',
      content: '',
      parts: [
        { type: 'tool-call', callId: 'c', name: 'bash', input: '{}' },
        { type: 'tool-result', callId: 'c', name: 'bash', status: 'running', output: '' },
      ],
    });
    assert.deepEqual(await added(storage, id, () => storage.saveSession(session)), ['message']);
    const parts = session.history.messages.at(-1)!.parts!;
    parts[1] = { type: 'tool-result', callId: 'c', name: 'bash', status: 'ok', output: 'done', exitCode: 0 };
    assert.deepEqual(await added(storage, id, () => storage.saveSession(session)), ['tool-end']);
    const again = await storage.loadSession(id);
    assert.deepEqual(again.history.messages.at(-1)!.parts![1], parts[1]);
    assert.deepEqual(await added(storage, id, () => storage.saveSession(session)), []);
  });

  it('does not write what was derived for a call without an end', async (t) => {
    const storage = tempHome(t).storage();
    const call = { type: 'tool-call', callId: 'c', name: 'bash', input: '{}' } as const;
    const id = await writeSession(storage, [{ type: 'message', role: 'assistant', parts: [call] }]);
    const session = await storage.loadSession(id);
    assert.equal((session.history.messages[0]!.parts![1] as { status: string }).status, 'interrupted');
    session.name = 'x';
    assert.deepEqual(await added(storage, id, () => storage.saveSession(session)), ['meta']);
  });

  it('takes back nothing that others changed meanwhile', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    const session = await storage.loadSession(id);
    await storage.change(id, [{ type: 'meta', name: 'theirs', addTags: ['theirs'] }, says('theirs')]);
    session.metadata.tags.push('mine');
    await storage.saveSession(session);
    await storage.saveSession(session);
    const { session: info } = storage.details(id);
    assert.equal(info.name, 'theirs');
    assert.deepEqual(info.tags.toSorted(), ['mine', 'theirs']);
    assert.deepEqual(await textsShown(storage, id), ['a', 'theirs']);
  });

  it('twice at once writes everything once', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    const session = await storage.loadSession(id);
    session.history.messages.push({ role: 'user', content: 'b' });
    const first = storage.saveSession(session);
    session.history.messages.push({ role: 'user', content: 'c' });
    await Promise.all([first, storage.saveSession(session), storage.saveSession(session)]);
    assert.deepEqual(await textsShown(storage, id), ['a', 'b', 'c']);
  });

  it('of an object that came from elsewhere writes what the log does not have', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a'), says('b')]);
    const copy = structuredClone(await storage.loadSession(id));
    await storage.change(id, [says('c')]);
    copy.history.messages.push({ role: 'user', content: 'd' });
    copy.name = 'copied';
    assert.deepEqual(await added(storage, id, () => storage.saveSession(copy)), ['meta', 'head', 'message']);
    assert.deepEqual(await textsShown(storage, id), ['a', 'b', 'd']);
    const older = structuredClone(await storage.loadSession(id));
    older.history.messages.pop();
    await storage.change(id, [says('e')]);
    assert.deepEqual(await added(storage, id, () => storage.saveSession(older)), [], 'an old copy is no rewind');
  });

  it('of an object that no log holds makes one', async (t) => {
    const storage = tempHome(t).storage();
    const { id: _id, ...rest } = await storage.loadSession(await writeSession(storage));
    const session: Session = structuredClone({ id: 'a1b2c3d4-0000-4000-8000-00000000000f', ...rest });
    session.history.messages = [{ role: 'user', content: 'first' }];
    session.name = 'made by hand';
    assert.deepEqual(await storage.saveSession(session), { via: 'log', durable: true });
    assert.deepEqual(await textsShown(storage, session.id), ['first']);
    const info = storage.details(session.id).session;
    assert.equal(info.name, 'made by hand');
    assert.equal(info.createdAt, session.metadata.createdAt.toISOString());
  });

  it("of the story's own session, without what we have added to it, works", async (t) => {
    const storage = tempHome(t).storage();
    const id = 'a1b2c3d4-0000-4000-8000-0000000000aa';
    const session = {
      id,
      name: 'plain',
      metadata: {
        createdAt: new Date('2026-01-01T00:00:00Z'),
        updatedAt: new Date(),
        lastAccessedAt: new Date(),
        version: '1.0',
        tags: ['t'],
        duration: 0,
        commandCount: 0,
        status: 'active',
      },
      state: {
        workingDirectory: '/home/dev/x',
        environment: {},
        activeProcesses: [],
        openFiles: [],
        watchedFiles: [],
        mcpConnections: [],
      },
      history: { messages: [{ role: 'user', content: 'hello' }], context: {}, checkpoints: [] },
      tools: [],
      files: {},
      config: {},
    } as unknown as Session;
    await storage.saveSession(session);
    const info = storage.details(id).session;
    assert.deepEqual([info.name, info.project, info.tags, info.messageCount], ['plain', '/home/dev/x', ['t'], 1]);
    assert.deepEqual(await added(storage, id, () => storage.saveSession(session)), []);
  });

  it('of one that was removed meanwhile is refused: a piece of it would be worse than nothing', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    const session = await storage.loadSession(id);
    await storage.trash(id, 'deleted');
    session.name = 'changed';
    await assert.rejects(() => storage.saveSession(session), { code: 'SESSION_NOT_FOUND' });
    assert.equal(existsSync(storage.layout.logPath(id)), false);
    await storage.undelete(id);
    await storage.saveSession(session);
    assert.equal(storage.details(id).session.name, 'changed');
  });

  it('into a file that cannot be written says why and keeps the change for the next time', async (t) => {
    const storage = tempHome(t).storage();
    const id = await writeSession(storage, [says('a')]);
    const session = await storage.loadSession(id);
    session.history.messages.push({ role: 'user', content: 'b' });
    session.history.checkpoints.push({ id: 'cp', description: 7 as never, timestamp: new Date(), messageId: null });
    await assert.rejects(() => storage.saveSession(session), SessionError);
    session.history.checkpoints.pop();
    await storage.saveSession(session);
    assert.deepEqual(await textsShown(storage, id), ['a', 'b']);
  });

  it('of one that is asked to be encrypted is refused where nobody could read it then, and nothing of it is written', async (t) => {
    const home = tempHome(t);
    const storage = home.storage();
    const session = await storage.loadSession(await writeSession(storage));
    const before = bytesIn(home.sessionsDir);
    session.config.encryptionEnabled = true;
    session.name = 'secret';
    await assert.rejects(() => storage.saveSession(session), { code: 'KEY_MISSING' });
    assert.equal(bytesIn(home.sessionsDir), before);
    const { manager } = home.sessions({ settings: { encryptionEnabled: true } });
    await assert.rejects(() => manager.createSession('secret'), { code: 'KEY_MISSING' });
    assert.equal(bytesIn(home.sessionsDir), before);
  });

  for (const id of ['../x', 'CON', 'a'.repeat(300), '', 'a/b']) {
    it(`refuses the id ${JSON.stringify(id.slice(0, 10))} wherever one is taken`, async (t) => {
      const home = tempHome(t);
      const { manager, storage } = home.sessions();
      const session = await storage.loadSession(await writeSession(storage));
      const refused = { code: 'SESSION_ID_INVALID' };
      const signal = new AbortController().signal;
      await assert.rejects(() => storage.saveSession({ ...session, id }), refused);
      await assert.rejects(() => storage.loadSession(id), refused);
      await assert.rejects(() => storage.change(id, []), refused);
      await assert.rejects(() => storage.fork(id, null, null), refused);
      for (const verb of ['archive', 'unarchive', 'purge', 'verify', 'repair', 'undelete'] as const) {
        await assert.rejects(() => storage[verb](id), refused, verb);
      }
      await assert.rejects(() => storage.trash(id, ''), refused);
      await assert.rejects(() => collected(storage.records(id)), refused);
      await assert.rejects(() => collected(storage.follow(id, signal)), refused);
      await assert.rejects(() => collected(storage.olderMessages(id, 'm')), refused);
      assert.throws(() => storage.details(id), refused);
      assert.throws(() => storage.show(id, {}), refused);
      assert.throws(() => storage.openReader(id), refused);
      await assert.rejects(() => manager.loadSession(id), refused);
      await assert.rejects(() => manager.deleteSession(id), refused);
      await assert.rejects(() => manager.archiveSession(id), refused);
      await assert.rejects(() => manager.resume(id), refused);
      await assert.rejects(() => manager.exportSession(id, 'json'), refused);
      assert.equal(storage.exists(id), false);
    });
  }
});
