import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fold } from '../../src/core/fold.ts';
import { applyRecord, emptyFold } from '../../src/core/fold.ts';
import type { LogRecord, SessionRecord } from '../../src/core/record.ts';

const SESSION: SessionRecord = {
  type: 'session',
  id: 's',
  at: '2026-01-01T00:00:00.000Z',
  format: 2,
  sessionId: 'session',
  generation: 'g',
  part: 1,
  family: 'session',
  project: { path: '/home/dev/project' },
  origin: { kind: 'human', agent: 'roo' },
};

function at(seconds: number): string {
  return new Date(Date.parse(SESSION.at) + seconds * 1000).toISOString();
}

/** The fold of these records, each in a frame of its own; records without a time are a second apart. */
function foldOf(...records: Record<string, unknown>[]): Fold {
  const fold = emptyFold(SESSION);
  for (const [index, record] of records.entries()) {
    const complete = { id: `r${index}`, at: at(index + 1), ...record } as LogRecord;
    applyRecord(fold, complete, { part: 1, offset: index * 100, seq: index });
  }
  return fold;
}

const says = (text: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'message',
  parentId: null,
  role: 'user',
  parts: [{ type: 'text', text }],
  ...more,
});

function link(sessionId: string): object {
  return { sessionId, kind: 'related' };
}

describe('the fold of a log', () => {
  it('begins with what its first record says', () => {
    const fold = emptyFold(SESSION);
    assert.deepEqual([fold.createdAt, fold.updatedAt, fold.status], [SESSION.at, SESSION.at, 'active']);
    assert.equal(fold.state.workingDirectory, '/home/dev/project');
    const base = { sessionId: 'b', generation: 'g', messageId: 'm', at: { part: 1, offset: 7, seq: 3 } };
    assert.deepEqual(emptyFold({ ...SESSION, base }).head, { messageId: 'm', pointer: base.at });
  });

  it('has the newest message as its head, with its place, unless a head record says otherwise', () => {
    assert.deepEqual(foldOf(says('a'), says('b', { id: 'b' })).head, {
      messageId: 'b',
      pointer: { part: 1, offset: 100, seq: 1 },
    });
    const back = foldOf(says('a', { id: 'a' }), says('b'), {
      type: 'head',
      messageId: 'a',
      pointer: { part: 1, offset: 0, seq: 0 },
    });
    assert.deepEqual(back.head, { messageId: 'a', pointer: { part: 1, offset: 0, seq: 0 } });
    assert.equal(foldOf(says('a'), { type: 'head', messageId: null, pointer: null }).head.messageId, null);
  });

  it('counts what there is, and remembers the first and the last prompt', () => {
    const fold = foldOf(
      says('the first'),
      says('an answer', { role: 'assistant', model: 'm1', usage: { inputTokens: 3, outputTokens: 4, cost: 0.25 } }),
      says('   '),
      says('the last\n\nprompt', { usage: { inputTokens: 10, cacheReadTokens: 5 } }),
      { type: 'custom', kind: 'x' },
      { type: 'quarantine', reason: 'y' },
      { type: 'a type of the future' },
    );
    assert.deepEqual(fold.counts, { records: 7, messages: 4, prompts: 3, toolCalls: 0, quarantined: 1 });
    assert.deepEqual([fold.firstPrompt, fold.lastPrompt, fold.model], ['the first', 'the last prompt', 'm1']);
    const { inputTokens, outputTokens, cacheReadTokens, cost } = fold.usage;
    assert.deepEqual([inputTokens, outputTokens, cacheReadTokens, cost], [13, 4, 5, 0.25]);
  });

  it('has the calls that are still open, and who was called how often', () => {
    const parts = ['1', '2', '3'].map((callId) => ({
      type: 'tool-call',
      callId,
      name: 'bash',
      input: `{"c":${callId}}`,
    }));
    const fold = foldOf(
      says('', { role: 'assistant', parts }),
      { type: 'tool-end', callId: '2', status: 'ok' },
      { type: 'tool-end', callId: 'x', status: 'ok' },
    );
    assert.deepEqual(Object.keys(fold.openCalls), ['1', '3']);
    assert.deepEqual(fold.openCalls['1'], { name: 'bash', input: '{"c":1}', at: at(1) });
    assert.deepEqual(fold.tools, { bash: { lastUsed: at(1), usageCount: 3 } });
    assert.equal(fold.counts.toolCalls, 3);
  });

  it('takes tags and links one by one, so that two writers’ changes add up', () => {
    const fold = foldOf(
      { type: 'meta', addTags: ['a', 'b'], addLinks: [link('x'), link('y')] },
      { type: 'meta', addTags: ['b', 'c'], removeTags: ['a'], addLinks: [link('x')], removeLinks: [link('y')] },
      {
        type: 'meta',
        name: 'n',
        description: 'd',
        status: 'completed',
        outcome: 'o',
        archived: true,
        project: { path: '/p' },
      },
    );
    assert.deepEqual([fold.tags, fold.links], [['b', 'c'], [link('x')]]);
    assert.deepEqual(
      [fold.name, fold.description, fold.status, fold.outcome, fold.archived, fold.project.path],
      ['n', 'd', 'completed', 'o', true, '/p'],
    );
  });

  it('takes state and preferences key by key, where null takes one away', () => {
    const fold = foldOf(
      { type: 'state', patch: { workingDirectory: '/a', openFiles: ['x'] } },
      { type: 'state', patch: { openFiles: null, other: { deep: 1 } } },
      { type: 'config', patch: { model: 'm', autoSave: false } },
      { type: 'config', patch: { model: null } },
    );
    assert.deepEqual([fold.state.workingDirectory, fold.state['other'], fold.state.openFiles], ['/a', { deep: 1 }, []]);
    assert.deepEqual(fold.config, { autoSave: false });
  });

  it('has the newest whole value of what is replaced whole, and its place', () => {
    const fold = foldOf(
      { type: 'context', context: { model: 'm1', systemPrompt: 'a' } },
      { type: 'context', context: { systemPrompt: 'b' } },
      { type: 'files', files: { ignorePatterns: ['x'] } },
      { type: 'tool-state', toolName: 't', configuration: { a: 1 } },
      { type: 'tool-state', toolName: 't', cache: 2, usageCount: 9, lastUsed: at(99) },
      { type: 'checkpoint', description: 'c', messageId: null },
      { type: 'compaction', summary: 's', messageId: 'm', firstKeptId: null },
    );
    assert.deepEqual(fold.context, { value: { systemPrompt: 'b' }, at: { part: 1, offset: 100, seq: 1 } });
    assert.equal(fold.model, 'm1');
    assert.deepEqual(fold.files.value, { ignorePatterns: ['x'] });
    assert.deepEqual(fold.tools['t'], { lastUsed: at(99), usageCount: 9, configuration: { a: 1 }, cache: 2 });
    assert.deepEqual(
      fold.checkpoints.map(({ description }) => description),
      ['c'],
    );
    assert.deepEqual(fold.compaction, { messageId: 'm', at: { part: 1, offset: 600, seq: 6 } });
  });

  it('counts the time between records as work, unless it was a pause or the clock went back', () => {
    const fold = foldOf(
      { type: 'custom', at: at(10) },
      { type: 'custom', at: at(10 + 299) },
      { type: 'custom', at: at(10_000) },
      { type: 'custom', at: at(9_000) },
      { type: 'custom', at: 'no time at all' },
      { type: 'custom', at: at(10_001) },
    );
    assert.equal(fold.durationMs, (10 + 299 + 1) * 1000);
    assert.equal(fold.updatedAt, at(10_001));
  });

  it('is closed from a closing record to the next thing that happens, and knows its epoch', () => {
    assert.equal(foldOf({ type: 'epoch', epoch: 3 }).epoch, 3);
    assert.equal(foldOf({ type: 'close' }).closed, true);
    assert.equal(foldOf({ type: 'close' }, { type: 'epoch', epoch: 2 }).closed, false);
    assert.equal(foldOf({ type: 'close' }, { type: 'meta', name: 'n' }).closed, false);
    assert.equal(foldOf({ type: 'close' }).updatedAt, SESSION.at, 'bookkeeping is no activity');
  });

  it('does not depend on where snapshots fall', () => {
    const before = foldOf(says('a'));
    assert.deepEqual(foldOf(says('a'), { type: 'snapshot', fold: {} }), before);
  });

  it('remembers the newest records that came through the inbox', () => {
    const fold = foldOf(...Array.from({ length: 300 }, (_, i) => ({ type: 'meta', id: `i${i}`, inbox: 'x' })), {
      type: 'meta',
      id: 'direct',
    });
    assert.equal(fold.applied.length, 256);
    assert.deepEqual([fold.applied[0], fold.applied.at(-1)], ['i44', 'i299']);
  });

  it('takes the names of prototypes for names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const fold = foldOf(
      says('', { parts: names.map((name) => ({ type: 'tool-call', callId: name, name, input: '' })) }),
      ...names.map((toolName) => ({ type: 'tool-state', toolName, cache: 1 })),
      ...names.map((callId) => ({ type: 'tool-end', callId, status: 'ok' })),
    );
    assert.deepEqual(Object.keys(fold.tools), names);
    for (const name of names) assert.deepEqual(fold.tools[name], { lastUsed: at(1), usageCount: 1, cache: 1 });
    assert.deepEqual(Object.keys(fold.openCalls), []);
    assert.deepEqual(Object.getOwnPropertyNames({}.constructor.prototype).includes('usageCount'), false);
  });
});
