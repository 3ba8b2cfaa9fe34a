import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { LogRecord, NewRecord, SessionRecord, BackgroundProcess } from '../../src/core/record.ts';
import { LogReader } from '../../src/store/log-reader.ts';
import { rewriteLog } from '../../src/store/log-rewrite.ts';
import { pastOf, planFork } from '../../src/store/session-fork.ts';
import type { StoredRecord } from '../../src/store/blob-transfer.ts';
import { makeSyncingFree } from '../helpers/no-sync.ts';
import { noise } from '../helpers/reference-logs.ts';
import { SLOW } from '../helpers/slow.ts';
import { createLog, newSession, openLog, readLog, tempStore } from '../helpers/temp-store.ts';
import type { TempStore } from '../helpers/temp-store.ts';
import { answers, branch, calls, prints, says } from '../helpers/walks.ts';

makeSyncingFree();

async function write(store: TempStore, ...records: NewRecord[]): Promise<string> {
  const session = newSession(store);
  const writer = createLog(store, session);
  for (const record of records) await writer.append([record]);
  await writer.close();
  return session.sessionId;
}

async function fork(store: TempStore, id: string, at: string | null = null, ...own: NewRecord[]): Promise<string> {
  const reader = LogReader.open(store.layout, id);
  const { session, records } = planFork(reader, at, null, store.clock, (base) => LogReader.open(store.layout, base));
  reader.close();
  const writer = createLog(store, session);
  await writer.append(records);
  for (const record of own) await writer.append([record]);
  await writer.close();
  return session.sessionId;
}

function first(store: TempStore, id: string): SessionRecord {
  return readLog(store.layout, id).records[0] as SessionRecord;
}

function pastRecords(store: TempStore, id: string): LogRecord[] {
  return storedPast(store, id).map(({ record }) => record);
}

function storedPast(store: TempStore, id: string): StoredRecord[] {
  const reader = LogReader.open(store.layout, id);
  try {
    return [
      ...pastOf(
        reader,
        (base) => LogReader.open(store.layout, base),
        () => store.clock.recordId(),
      ),
    ];
  } finally {
    reader.close();
  }
}

const BACKGROUND: BackgroundProcess = {
  id: 'p1',
  command: 'npm run dev',
  workingDirectory: '/w',
  environment: {},
  pid: 1,
  identity: null,
  status: 'running',
  exitCode: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  logBytes: 0,
};

describe('a fork', () => {
  it('shows the past of the other session and goes its own way', async (t) => {
    const store = tempStore(t);
    const id = await write(store, says('a'), says('b'));
    const forked = await fork(store, id, null, says('mine'));
    const writer = openLog(store, id);
    await writer.append([says('theirs')]);
    await writer.close();
    assert.deepEqual(branch(store.layout, forked), ['mine', 'b', 'a']);
    assert.deepEqual(branch(store.layout, id), ['theirs', 'b', 'a']);
  });

  it('can begin at any message: an older one, and one of another branch', async (t) => {
    const store = tempStore(t);
    const id = await write(store, says('a', { id: 'a' }), says('b', { id: 'b' }), says('c', { parentId: 'a' }));
    assert.deepEqual(branch(store.layout, await fork(store, id, 'a', says('x'))), ['x', 'a']);
    assert.deepEqual(branch(store.layout, await fork(store, id, 'b', says('x'))), ['x', 'b', 'a']);
  });

  it('of a session without messages has no past', async (t) => {
    const store = tempStore(t);
    const id = await write(store, { type: 'meta', name: 'x' });
    const forked = await fork(store, id, null, says('mine'));
    assert.equal(first(store, forked).base, undefined);
    assert.deepEqual(branch(store.layout, forked), ['mine']);
  });

  it('at a message that is not there is refused with a way to see those that are', async (t) => {
    const store = tempStore(t);
    const id = await write(store, says('a'));
    const forked = await fork(store, id);
    for (const from of [id, forked]) {
      await assert.rejects(() => fork(store, from, 'nowhere'), { code: 'SESSION_NOT_FOUND', op: 'fork' });
    }
  });

  it('of a fork rests on that, and where it shares only the older past, on what holds it', async (t) => {
    const store = tempStore(t);
    const id = await write(store, says('a', { id: 'a' }), says('b', { id: 'b' }));
    const second = await fork(store, id, null, says('c'));
    const third = await fork(store, second, null, says('d'));
    assert.equal(first(store, third).base?.sessionId, second);
    assert.deepEqual(branch(store.layout, third), ['d', 'c', 'b', 'a']);
    for (const at of ['b', 'a']) {
      const older = await fork(store, second, at, says('e'));
      assert.equal(first(store, older).base?.sessionId, id, `at ${at}`);
      assert.deepEqual(branch(store.layout, older), at === 'b' ? ['e', 'b', 'a'] : ['e', 'a']);
    }
    assert.equal(first(store, await fork(store, await fork(store, id))).base?.sessionId, id);
  });

  it('keeps what is no message: name, tags, state, preferences, context, files and tools, but no processes', async (t) => {
    const store = tempStore(t);
    const files = { watchedDirectories: ['src'], fingerprints: { a: { size: 1, mtimeMs: 2 } } };
    const id = await write(
      store,
      { type: 'meta', name: 'login', addTags: ['auth'], description: 'not carried over' },
      { type: 'state', patch: { workingDirectory: '/w', openFiles: ['a'], activeProcesses: [BACKGROUND] } },
      { type: 'config', patch: { maxHistoryLength: 7 } },
      { type: 'context', context: { systemPrompt: 'Be good.', model: 'm' } },
      { type: 'files', files },
      { type: 'tool-state', toolName: 'bash', configuration: { a: 1 }, cache: [2], usageCount: 9 },
      says('a'),
    );
    const forked = await fork(store, id);
    const reader = LogReader.open(store.layout, forked);
    t.after(() => reader.close());
    const fold = reader.fold();
    assert.equal(fold.name, 'login (fork)');
    assert.deepEqual(fold.tags, ['auth']);
    assert.deepEqual(fold.links, [{ sessionId: id, kind: 'parent' }]);
    assert.equal(fold.description, undefined);
    assert.equal(fold.state.workingDirectory, '/w');
    assert.deepEqual(fold.state.openFiles, ['a']);
    assert.deepEqual(fold.state.activeProcesses, []);
    assert.deepEqual(fold.config, { maxHistoryLength: 7 });
    assert.deepEqual(fold.context.value, { systemPrompt: 'Be good.', model: 'm' });
    assert.deepEqual(fold.files.value, files);
    assert.deepEqual(fold.tools['bash']?.configuration, { a: 1 });
    assert.deepEqual(fold.tools['bash']?.cache, [2]);
    assert.deepEqual(fold.session.origin, { kind: 'fork', agent: 'roo', parent: id });
  });

  it('of a large session adds no more than 64 KiB', async (t) => {
    const store = tempStore(t);
    const session = newSession(store);
    const writer = createLog(store, session);
    const megabytes = SLOW ? 64 : 8;
    for (let i = 0; i < megabytes * 8; i++) {
      await writer.append(Array.from({ length: 4 }, (_, n) => says(noise(i * 4 + n, 32_000))));
    }
    await writer.close();
    const forked = await fork(store, session.sessionId);
    assert.ok(statSync(store.layout.logPath(session.sessionId)).size > megabytes * 800_000);
    const added = statSync(store.layout.logPath(forked)).size;
    assert.ok(added <= 64 * 1024, `${added} bytes`);
  });

  it('finds its past again in a log that was rewritten', async (t) => {
    const store = tempStore(t);
    const id = await write(store, says('a'), calls('b', ['1']), answers('1', 'x'));
    const forked = await fork(store, id, null, says('mine'));
    rewriteLog(store.layout, id, { clock: store.clock, level: 9 });
    assert.deepEqual(branch(store.layout, forked), ['mine', 'b(1=x)', 'a']);
  });
});

describe('the past of a fork', () => {
  it('is every message on the way to where it begins, with the results of their calls, oldest first', async (t) => {
    const store = tempStore(t);
    const id = await write(
      store,
      says('a', { id: 'a' }),
      calls('b', ['1', '2']),
      answers('1', 'x'),
      answers('2', 'y'),
      says('c', { parentId: 'a' }),
      calls('d', ['1'], { id: 'd' }),
      answers('1', 'z'),
      says('e'),
    );
    const past = pastRecords(store, await fork(store, id, 'd'));
    assert.deepEqual(
      past.map((record) =>
        record.type === 'message' ? (record as { parts: { text: string }[] }).parts[0]!.text : record.type,
      ),
      ['a', 'c', 'd', 'tool-end'],
    );
  });

  it('has the output of calls that was recorded piece by piece', async (t) => {
    const store = tempStore(t);
    const long = 'line of output 🎉\n'.repeat(5_000);
    const id = await write(store, calls('a', ['1']), prints('1', long), prints('1', 'end'), {
      type: 'tool-end',
      callId: '1',
      status: 'ok',
    });
    const pieces = pastRecords(store, await fork(store, id)).filter((record) => record.type === 'tool-output');
    assert.equal(pieces.map((record) => (record as unknown as { text: string }).text).join(''), `${long}end`);
    assert.equal(new Set(pieces.map((record) => record.id)).size, pieces.length);
  });

  it('lets it stand alone: the same branch, and nothing of the other session needed', async (t) => {
    const store = tempStore(t);
    const id = await write(store, says('a'), calls('b', ['1']), prints('1', 'so '), prints('1', 'far'));
    const second = await fork(store, id, null, calls('c', ['1']), answers('1', 'y'));
    const third = await fork(store, second, null, says('d'));
    const before = branch(store.layout, third);
    const { layout, clock } = store;
    rewriteLog(layout, third, { clock, level: 6, past: storedPast(store, third), session: { base: undefined } });
    const reader = LogReader.open(layout, third);
    t.after(() => reader.close());
    assert.equal(reader.session.base, undefined);
    assert.equal(reader.session.family, id);
    assert.deepEqual(branch(layout, third), before);
    assert.deepEqual(before, ['d', 'c(1=y)', 'b(1=so far…)', 'a']);
  });

  it('of a session that is no fork is empty', async (t) => {
    const store = tempStore(t);
    assert.deepEqual(pastRecords(store, await write(store, says('a'))), []);
  });
});
