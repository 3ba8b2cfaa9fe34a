// What is special to Claude Code: answers in pieces, branches, sidechains, compaction, and what older clients wrote.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { claudeCode } from '../../src/adapters/claude-code.ts';
import { assistant, call, COMMON, ID, result, text, total, user } from './claude-code-entries.ts';
import {
  callsOf,
  collect,
  collectEntries,
  fixtureHome,
  listed,
  promptsOf,
  recordsOf,
  spoken,
  inLogOrder,
} from './collected.ts';

const read = (...entries: unknown[]) => collectEntries(claudeCode, entries, `${ID}.jsonl`);

describe('reading Claude Code entries', () => {
  it('makes one message of the lines of one answer, also when results stand between them', async () => {
    const got = await read(
      user('u1', null, 'go'),
      assistant('a1', 'u1', 'msg', { type: 'thinking', thinking: 'hm', signature: 'sig==' }),
      assistant('a2', 'a1', 'msg', call('c1')),
      user('r1', 'a2', result('c1', 'one')),
      assistant('a3', 'a2', 'msg', call('c2')),
      user('r2', 'a3', result('c2', 'two')),
      assistant('a4', 'r2', 'msg2', text('done')),
    );
    const answers = recordsOf(got, 'message').filter((message) => message.role === 'assistant');
    assert.deepEqual(
      answers[0]?.parts.map((part) => part.type),
      ['thinking', 'tool-call', 'tool-call'],
    );
    assert.deepEqual(answers[0]?.parts[0], { type: 'thinking', text: 'hm', signature: 'sig==' });
    assert.deepEqual(
      answers.map((answer) => answer.usage?.outputTokens),
      [5, 5],
      'tokens are counted once an answer',
    );
    assert.deepEqual(got.records.map((record) => record.type).slice(0, 5), [
      'message',
      'message',
      'tool-end',
      'tool-end',
      'message',
    ]);
  });

  it('keeps every branch and names the one that was gone on with', async () => {
    const got = await read(
      user('u1', null, 'first'),
      assistant('a1', 'u1', 'm1', text('one')),
      user('u2', 'a1', 'abandoned'),
      assistant('a2', 'u2', 'm2', text('dead end')),
      user('u3', 'a1', 'instead'),
      assistant('a3', 'u3', 'm3', text('two')),
    );
    assert.deepEqual(promptsOf(got), ['first', 'abandoned', 'instead']);
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['first', 'one', 'instead', 'two'],
    );
    const back = await read(user('u1', null, 'first'), user('u2', 'u1', 'second'), {
      type: 'last-prompt',
      leafUuid: 'u1',
      sessionId: ID,
    });
    assert.deepEqual(spoken(back), [['user', 'first']]);
  });

  it('lets nobody but the user speak as the user', async () => {
    const got = await read(
      user('u1', null, '<local-command-caveat>Caveat: …</local-command-caveat>', { isMeta: true }),
      user('u2', 'u1', '<command-name>/model</command-name>\n<command-args>x</command-args>'),
      user('u3', 'u2', [text('<ide_opened_file>a.ts</ide_opened_file>'), text('fix it')]),
      assistant('a1', 'u3', 'm1', call('c1')),
      user('r1', 'a1', result('c1', "The user doesn't want to proceed with this tool use.", { is_error: true })),
      user('u4', 'r1', [text('[Request interrupted by user for tool use]')]),
      {
        ...COMMON,
        type: 'attachment',
        uuid: 't1',
        parentUuid: 'u4',
        attachment: { type: 'queued_command', prompt: 'while you work', commandMode: 'prompt' },
      },
      user('u5', 't1', [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }]),
    );
    assert.deepEqual(promptsOf(got), ['fix it', 'while you work', '']);
    assert.equal(recordsOf(got, 'message').at(-1)?.parts[0]?.type, 'image');
    assert.equal(recordsOf(got, 'message').filter((message) => message.role === 'system').length, 3);
    assert.equal(callsOf(got)[0]?.status, 'denied');
  });

  it('keeps what was compacted and says from where the summary stands for it', async () => {
    const boundary = {
      ...COMMON,
      type: 'system',
      subtype: 'compact_boundary',
      uuid: 'b1',
      parentUuid: null,
      logicalParentUuid: 'a1',
      compactMetadata: { preTokens: 155_000 },
    };
    const got = await read(
      user('u1', null, 'long story'),
      assistant('a1', 'u1', 'm1', text('told')),
      boundary,
      user('s1', 'b1', 'Summary of the story', { isCompactSummary: true }),
      user('u2', 's1', 'go on'),
    );
    const [compaction] = recordsOf(got, 'compaction');
    assert.deepEqual(
      [compaction?.summary, compaction?.messageId, compaction?.tokensBefore],
      ['Summary of the story', 'a1', 155_000],
    );
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['long story', 'told', 'go on'],
    );
  });

  it('reads a sidechain in the same file as a branch of its own', async () => {
    const side = { isSidechain: true, agentId: 'x1' };
    const got = await read(
      user('u1', null, 'ask an agent'),
      assistant('a1', 'u1', 'm1', call('c1', 'Task')),
      user('s1', null, 'You are to search', side),
      { ...assistant('s2', 's1', 'm2', text('found')), ...side },
      user('r1', 'a1', result('c1', 'found'), { toolUseResult: { totalDurationMs: 12 } }),
      assistant('a2', 'r1', 'm3', text('so it is')),
    );
    assert.deepEqual(promptsOf(got), ['ask an agent']);
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['ask an agent', '', 'so it is'],
    );
    assert.equal(recordsOf(got, 'tool-end')[0]?.durationMs, 12);
    assert.ok(recordsOf(got, 'message').some((message) => message.parentId === 's1'));
  });

  it('lets a long talk with a subagent pass through a call that is still open', async () => {
    const side = { isSidechain: true, agentId: 'x1' };
    const long = 'x'.repeat(3_000_000);
    const got = await read(
      user('u1', null, 'ask an agent'),
      assistant('a1', 'u1', 'm1', call('c1', 'Task')),
      user('s1', null, long, side),
      { ...assistant('s2', 's1', 'm2', text(long)), ...side },
      user('s3', 's2', long, side),
      user('r1', 'a1', result('c1', 'found')),
      assistant('a2', 'a1', 'm1', text('a block that comes late')),
    );
    inLogOrder(got);
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['ask an agent', '', 'a block that comes late'],
    );
    assert.equal(recordsOf(got, 'message').filter(({ usage }) => usage !== undefined).length, 2);
  });

  it('gives the cost of a turn to the answer that ends it', async () => {
    const got = await read(
      user('u1', null, 'a'),
      assistant('a1', 'u1', 'm1', text('b')),
      total(0.25),
      user('u2', 'a1', 'c'),
      assistant('a2', 'u2', 'm2', text('d')),
      total(0.75),
    );
    assert.deepEqual(
      recordsOf(got, 'message').map((message) => message.usage?.cost),
      [undefined, 0.25, undefined, 0.5],
    );
  });

  it('takes the title of this session, not that of another one written into its file', async () => {
    const own = { type: 'summary', summary: 'Own title', leafUuid: 'u1' };
    const other = { type: 'summary', summary: 'Of another', leafUuid: 'elsewhere' };
    assert.equal((await read(own, other, user('u1', null, 'x'))).headers.at(-1)?.title, 'Own title');
    const named = await read(
      user('u1', null, 'x'),
      { type: 'custom-title', customTitle: 'Mine', sessionId: ID },
      { type: 'ai-title', aiTitle: 'Its', sessionId: ID },
    );
    assert.equal(named.headers.at(-1)?.title, 'Mine');
  });

  it('keeps a result without a call, an entry written twice, and entries it does not know', async () => {
    const got = await read(user('u1', null, 'x'), user('u1', null, 'x'), user('r1', 'u1', result('lost', 'out')), {
      type: 'novelty',
      uuid: 'n1',
      parentUuid: 'r1',
      sessionId: ID,
      deep: [1],
    });
    assert.deepEqual(
      recordsOf(got, 'custom').map(({ kind }) => kind),
      ['claude-code:repeated', 'claude-code:tool_result', 'claude-code:novelty'],
    );
    assert.deepEqual(promptsOf(got), ['x']);
  });

  it('follows the session when it changes folders', async () => {
    const got = await read(user('u1', null, 'x'), user('u2', 'u1', 'y', { cwd: '/p/sub' }));
    assert.deepEqual(
      recordsOf(got, 'state').map(({ patch }) => patch),
      [{ workingDirectory: '/p/sub' }],
    );
    assert.equal(got.headers.at(-1)?.project?.path, '/p');
    assert.equal(recordsOf(got, 'context')[0]?.context.gitBranch, 'main');
  });

  it('keeps the arguments of a call byte for byte', async () => {
    for (const session of await listed(claudeCode, fixtureHome('claude-code'))) {
      const file = readFileSync(session.paths[0]!, 'utf8');
      for (const { input } of callsOf(await collect(claudeCode, session.paths))) {
        if (input.endsWith('}')) assert.ok(file.includes(`"input":${input}`), input);
      }
    }
  });

  it('counts the copies of requests that it leaves out, and keeps their prompt once', async () => {
    const [session] = await listed(claudeCode, fixtureHome('claude-code'));
    const got = await collect(claudeCode, session!.paths);
    const leftOut = recordsOf(got, 'custom').find(({ kind }) => kind === 'claude-code:left-out');
    const { counts } = leftOut!.value as { counts: Record<string, number> };
    assert.deepEqual(Object.keys(counts).sort(), [
      'api-request',
      'api-request-blob',
      'api-request-shape',
      'attachment prompt_snapshot',
    ]);
    const contexts = recordsOf(got, 'context');
    assert.equal(contexts.length, 1);
    assert.ok(
      contexts[0]?.context.systemPrompt?.startsWith('(system prompt cut)') && contexts[0].context.tools?.length,
    );
  });
});
