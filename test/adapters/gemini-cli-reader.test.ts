// What is special to Gemini CLI: messages written many times, replaced histories, rewinds, compression, old documents.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { geminiCli } from '../../src/adapters/gemini-cli.ts';
import {
  activePath,
  callsOf,
  collect,
  collectEntries,
  fixtureHome,
  listed,
  promptsOf,
  recordsOf,
  spoken,
} from './collected.ts';

const META = { sessionId: 's', projectHash: 'h', startTime: '2026-01-01T00:00:00.000Z', kind: 'main' };

function user(id: string, text: string): object {
  return { id, timestamp: '2026-01-01T00:00:01.000Z', type: 'user', content: [{ text }] };
}
function gemini(id: string, content: unknown, more: object = {}): object {
  return { id, timestamp: '2026-01-01T00:00:02.000Z', type: 'gemini', content, ...more };
}
function history(...messages: object[]): object {
  return { $set: { messages, lastUpdated: '2026-01-01T00:00:09.000Z' } };
}
function result(id: string, output: string): object[] {
  return [{ functionResponse: { id, name: 'run_shell_command', response: { output } } }];
}
function shellCall(id: string, output: string, status = 'success'): object {
  return {
    toolCalls: [{ id, name: 'run_shell_command', args: { command: 'ls' }, status, result: result(id, output) }],
  };
}
const read = (...entries: unknown[]) => collectEntries(geminiCli, [META, ...entries]);

async function exitCodeOf(output: string): Promise<unknown> {
  return callsOf(await read(user('u', 'x'), gemini('g', '', shellCall('c', output))))[0]?.exitCode;
}

describe('reading Gemini CLI sessions', () => {
  it('takes the last version of a message, at the place and time of the first', async () => {
    const got = await read(user('u1', 'x'), gemini('g1', 'par'), user('u2', 'y'), {
      ...gemini('g1', 'partial no more'),
      timestamp: '2027-01-01T00:00:00.000Z',
    });
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['x', 'partial no more', 'y'],
    );
    assert.equal(recordsOf(got, 'message')[1]?.at, '2026-01-01T00:00:02.000Z');
  });

  it('keeps what a replaced history lacks: model, tokens, and results that it masks', async () => {
    const tokens = { input: 10, output: 3, cached: 4, thoughts: 1 };
    const thoughts = [{ subject: 'Plan', description: 'look' }];
    const callPart = { functionCall: { id: 'c1', name: 'run_shell_command', args: { command: 'ls' } } };
    const got = await read(
      user('u1', 'x'),
      gemini('g1', 'Looking.', { model: 'm', tokens, thoughts, ...shellCall('c1', 'all the output') }),
      history(
        user('u1', 'x'),
        gemini(
          'g1',
          [{ text: '**Plan** look', thought: true }, { text: 'Looking.' }, { ...callPart, thoughtSignature: 'sig' }],
          shellCall('c1', '<masked>'),
        ),
        { ...user('r1', ''), content: result('c1', '<masked>') },
      ),
    );
    const answer = recordsOf(got, 'message')[1];
    assert.deepEqual(
      answer?.parts.map((part) => part.type),
      ['thinking', 'text', 'tool-call'],
    );
    assert.deepEqual(
      [answer?.model, answer?.usage],
      ['m', { inputTokens: 6, outputTokens: 3, cacheReadTokens: 4, reasoningTokens: 1 }],
    );
    assert.deepEqual(
      recordsOf(got, 'tool-end').map(({ output }) => output),
      ['all the output'],
    );
    assert.ok(JSON.stringify(answer?.raw).includes('"thoughtSignature":"sig"'), 'what the provider wants back is kept');
  });

  it('keeps what a rewind or a replaced history drops, as a branch', async () => {
    const rewound = await read(
      user('u1', 'a'),
      gemini('g1', 'b'),
      user('u2', 'wrong'),
      gemini('g2', 'c'),
      { $rewindTo: 'u2' },
      user('u3', 'right'),
    );
    assert.deepEqual(promptsOf(rewound), ['a', 'wrong', 'right']);
    assert.deepEqual(
      spoken(rewound).map(([, words]) => words),
      ['a', 'b', 'right'],
    );
    const replaced = await read(user('u1', 'a'), gemini('g1', 'b'), history(user('n1', 'other')), user('u2', 'c'));
    assert.deepEqual(
      spoken(replaced).map(([, words]) => words),
      ['other', 'c'],
    );
    assert.deepEqual(promptsOf(replaced), ['a', 'other', 'c']);
  });

  it('keeps the originals of a compression on the path, also after a resume', async () => {
    const [summary, thanks] = [
      user('s1', '<state_snapshot>short</state_snapshot>'),
      gemini('t1', [{ text: 'Got it.' }]),
    ];
    const compressed = history(summary, thanks, user('u2', 'kept'), gemini('g2', 'too'));
    const start = [
      user('u1', 'a'),
      gemini('g1', 'b'),
      user('u2', 'kept'),
      gemini('g2', 'too'),
      compressed,
      user('u3', 'new'),
    ];
    const resumed = history(summary, thanks, user('u2', 'kept'), gemini('g2', 'too'), user('u3', 'new'));
    for (const got of [await read(...start), await read(...start, history(user('c', '<session_context>x')), resumed)]) {
      assert.deepEqual(
        spoken(got).map(([, words]) => words),
        ['a', 'b', 'kept', 'too', 'new'],
      );
      const [compaction] = recordsOf(got, 'compaction');
      assert.deepEqual([compaction?.messageId, compaction?.firstKeptId], ['g2', 'u2']);
      assert.match(compaction?.summary ?? '', /short/);
    }
  });

  it('tells calls that were cancelled, refused, running, or answered by a message', async () => {
    const call = (id: string, status: string, output?: string): object =>
      gemini(`g-${id}`, '', {
        toolCalls: [{ id, name: 't', args: {}, status, result: output === undefined ? undefined : result(id, output) }],
      });
    const got = await read(
      user('u', 'x'),
      call('c1', 'cancelled', '[Operation Cancelled] Reason: User did not allow tool call'),
      call('c2', 'cancelled', '[Operation Cancelled]'),
      call('c3', 'executing'),
      gemini('g4', [{ functionCall: { id: 'c4', name: 't', args: {} } }]),
      { ...user('r4', ''), content: [...result('c4', 'out'), { inlineData: { mimeType: 'image/png', data: 'AA' } }] },
    );
    assert.deepEqual(
      callsOf(got).map(({ status }) => status),
      ['denied', 'interrupted', 'none', 'ok'],
    );
    assert.equal(recordsOf(got, 'tool-end').at(-1)?.parts?.[0]?.type, 'image');
  });

  it('believes only the last lines of the shell tool about the exit code', async () => {
    assert.equal(await exitCodeOf('Output: Exit Code: 3\nok\nProcess Group PGID: 1'), 0);
    assert.equal(await exitCodeOf('Output: no\nExit Code: 3\nProcess Group PGID: 1\n</untrusted_context>'), 3);
    assert.equal(await exitCodeOf('Exit Code: 3'), undefined);
  });

  it('reads the documents of older clients, and of a cut one every whole message', async () => {
    const messages = [user('u1', 'one'), gemini('g1', 'two "messages": [{', shellCall('c1', 'x')), user('u2', 'three')];
    const text = JSON.stringify(
      { sessionId: 'old', projectHash: 'h', startTime: META.startTime, messages, lastUpdated: META.startTime },
      null,
      2,
    );
    const whole = await collectEntries(geminiCli, [text], 'session-x.json');
    assert.deepEqual(
      spoken(whole).map(([, words]) => words),
      ['one', 'two "messages": [{', 'three'],
    );
    assert.deepEqual([whole.headers.at(-1)?.id, whole.unreadables.length], ['old', 0]);
    const cut = await collectEntries(geminiCli, [text.slice(0, text.indexOf('three'))], 'session-x.json');
    assert.deepEqual(
      spoken(cut).map(([, words]) => words),
      ['one', 'two "messages": [{'],
    );
    assert.deepEqual(
      cut.unreadables.map(({ reason }) => reason),
      ['cut off in the middle'],
    );
    const compact = await collectEntries(geminiCli, [JSON.stringify(JSON.parse(text))], 'session-x.json');
    assert.deepEqual(spoken(compact), spoken(whole));
  });

  it('takes the messages from all files of a session, and leaves out what a stray one repeats', async () => {
    const session = (await listed(geminiCli, fixtureHome('gemini-cli'))).find(({ paths }) => paths.length === 2)!;
    const got = await collect(geminiCli, session.paths);
    assert.equal(activePath(got).length, recordsOf(got, 'message').length);
    assert.deepEqual(promptsOf(await collect(geminiCli, session.paths.slice(1))), []);
  });

  it('lists subagents under their session and knows the project from the folder', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'roo-gemini-'));
    try {
      cpSync(path.join(fixtureHome('gemini-cli'), '.gemini'), path.join(home, '.gemini'), { recursive: true });
      const folder = path.join(home, '.gemini/tmp/shop-api/chats/parent-id');
      mkdirSync(folder);
      writeFileSync(
        path.join(folder, 'sub.jsonl'),
        `${JSON.stringify({ ...META, sessionId: 'sub', kind: 'subagent' })}\n${JSON.stringify(user('u', 'search'))}\n`,
      );
      const found = (await listed(geminiCli, home)).find(({ id }) => id === 'sub');
      assert.deepEqual([found?.parent, found?.projectPath], ['parent-id', '/home/dev/shop-api']);
      const { headers } = await collect(geminiCli, found!.paths);
      assert.deepEqual([headers.at(-1)?.parent, headers.at(-1)?.project?.path], ['parent-id', '/home/dev/shop-api']);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('keeps the arguments of a call byte for byte', async () => {
    for (const session of await listed(geminiCli, fixtureHome('gemini-cli'))) {
      const file = readFileSync(session.paths[0]!, 'utf8');
      for (const { input } of callsOf(await collect(geminiCli, session.paths)))
        assert.ok(file.includes(`"args":${input}`), input);
    }
  });
});
