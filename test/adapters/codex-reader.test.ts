// What is special to Codex: answers in items, everything said twice, tokens before or after, rollbacks, old formats.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { codex } from '../../src/adapters/codex.ts';
import { event, item, line, said, tokens } from './codex-entries.ts';
import { callsOf, collect, collectEntries, fixtureHome, listed, promptsOf, recordsOf, spoken } from './collected.ts';

const META = line('session_meta', {
  id: 's',
  cwd: '/p',
  cli_version: '0.1',
  git: { branch: 'b', repository_url: 'https://me:token@host/r.git' },
});

function answer(callId: string): object[] {
  return [
    item('reasoning', { summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'sealed==' }),
    item('function_call', { name: 'shell', arguments: '{"a": 1 }', call_id: callId }),
  ];
}
function output(callId: string): object {
  return item('function_call_output', { call_id: callId, output: 'out' });
}
const read = (...entries: unknown[]) => collectEntries(codex, [META, ...entries]);

describe('reading Codex lines', () => {
  it('makes one message of the items of one answer, with its tokens, wherever those stand', async () => {
    for (const lines of [
      [...answer('c1'), tokens(10, 10), output('c1'), ...answer('c2'), tokens(30, 20), output('c2')],
      [...answer('c1'), output('c1'), tokens(10, 10), ...answer('c2'), output('c2'), tokens(30, 20), tokens(30, 20)],
      [tokens(10, 10), ...answer('c1'), output('c1'), tokens(30, 20), ...answer('c2'), output('c2')],
    ]) {
      const messages = recordsOf(await read(said('user', 'x'), ...lines), 'message').slice(1);
      assert.deepEqual(
        messages.map(({ usage }) => usage?.inputTokens),
        [9, 19],
      );
      assert.deepEqual(messages[0]?.parts, [
        { type: 'thinking', text: 'hm', signature: 'sealed==' },
        { type: 'tool-call', callId: 'c1', name: 'shell', input: '{"a": 1 }' },
      ]);
    }
  });

  it('keeps an event only when no item says the same', async () => {
    const got = await read(
      event('user_message', { message: 'hi' }),
      said('user', 'hi'),
      said('assistant', 'ho'),
      event('agent_message', { message: 'ho' }),
      event('agent_message', { message: 'died here' }),
    );
    assert.deepEqual(spoken(got), [
      ['user', 'hi'],
      ['assistant', 'ho'],
    ]);
    assert.deepEqual(
      recordsOf(got, 'custom').map(({ kind }) => kind),
      ['codex:session_meta', 'codex:agent_message', 'codex:left-out'],
    );
  });

  it('lets nobody but the user speak as the user', async () => {
    const editor = '# Context from my IDE setup:\n\n## Active file: a.ts\n\n## My request for Codex:\nfix it';
    const tagged = item('message', {
      role: 'user',
      content: [
        { type: 'input_text', text: 'added' },
        { type: 'input_text', text: '<environment_context> is what I typed' },
      ],
      internal_chat_message_metadata_passthrough: {
        content_item_kinds: ['environments.environment_context', 'user.text'],
      },
    });
    const image = item('message', {
      role: 'user',
      content: [
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        { type: 'input_text', text: 'look' },
      ],
    });
    const got = await read(
      said('developer', 'rules'),
      said('user', '# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>'),
      said('user', '<environment_context>\n</environment_context>'),
      said('user', editor),
      tagged,
      image,
    );
    assert.deepEqual(promptsOf(got), ['fix it', '<environment_context> is what I typed', 'look']);
    assert.deepEqual(recordsOf(got, 'message').at(-1)?.parts[0], {
      type: 'image',
      mediaType: 'image/png',
      data: 'AAAA',
    });
  });

  it('keeps what was rolled back as a branch', async () => {
    const got = await read(
      said('user', 'a'),
      said('assistant', 'b'),
      said('user', 'wrong'),
      said('assistant', 'c'),
      event('thread_rolled_back', { num_turns: 1 }),
      said('user', 'right'),
    );
    assert.deepEqual(promptsOf(got), ['a', 'wrong', 'right']);
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['a', 'b', 'right'],
    );
  });

  it('marks a compaction whose summary can be read, and keeps one that is sealed', async () => {
    const got = await read(
      said('user', 'a'),
      line('compacted', { message: 'Short.', replacement_history: [] }),
      said('user', 'b'),
    );
    assert.deepEqual(
      recordsOf(got, 'compaction').map(({ summary }) => summary),
      ['Short.'],
    );
    const sealed = await read(
      said('user', 'a'),
      line('compacted', { message: '', replacement_history: [{ type: 'compaction', encrypted_content: 'x' }] }),
    );
    assert.deepEqual(recordsOf(sealed, 'compaction'), []);
    assert.deepEqual(
      spoken(got).map(([, words]) => words),
      ['a', 'b'],
    );
  });

  it('ends the calls that the provider ran itself', async () => {
    const got = await read(
      said('user', 'x'),
      item('web_search_call', { id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } }),
      item('image_generation_call', { id: 'ig', status: 'completed', revised_prompt: 'p', result: 'AAAA' }),
      item('custom_tool_call', { name: 'apply_patch', input: '*** Begin Patch', call_id: 'c' }),
    );
    assert.deepEqual(
      callsOf(got).map(({ name, status }) => [name, status]),
      [
        ['web_search', 'ok'],
        ['image_generation', 'ok'],
        ['apply_patch', 'none'],
      ],
    );
  });

  it('reads rollouts from before lines had a payload', async () => {
    const got = await collectEntries(codex, [
      {
        id: 'old',
        timestamp: '2025-05-07T17:24:21.123Z',
        instructions: 'be good',
        git: { branch: 'main', commit_hash: 'abc' },
      },
      { record_type: 'state' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      {
        type: 'local_shell_call',
        id: 'l',
        call_id: 'c',
        status: 'completed',
        action: { type: 'exec', command: ['ls'] },
      },
      {
        type: 'function_call_output',
        call_id: 'c',
        output: '{"output":"a","metadata":{"exit_code":0,"duration_seconds":0.1}}',
      },
    ]);
    assert.deepEqual(callsOf(got), [
      { name: 'local_shell', input: '{"type":"exec","command":["ls"]}', status: 'ok', exitCode: 0 },
    ]);
    assert.deepEqual(recordsOf(got, 'context')[0]?.context, {
      systemPrompt: 'be good',
      gitBranch: 'main',
      gitCommit: 'abc',
    });
    assert.deepEqual([got.headers.at(-1)?.id, promptsOf(got)], ['old', ['hi']]);
  });

  it('takes the first line as its own, and no credentials out of it', async () => {
    const got = await read(
      line('session_meta', { id: 'parent', cwd: '/other' }),
      line('turn_context', { cwd: '/p/sub', model: 'm' }),
      event('thread_name_updated', { thread_name: 'Named' }),
    );
    const header = got.headers.at(-1);
    assert.deepEqual([header?.id, header?.title, header?.model], ['s', 'Named', 'm']);
    assert.deepEqual(header?.project, { path: '/p', gitRemote: 'https://host/r.git' });
    assert.deepEqual(
      recordsOf(got, 'state').map(({ patch }) => patch),
      [{ workingDirectory: '/p/sub' }],
    );
  });

  it('keeps the arguments of a call byte for byte', async () => {
    for (const session of await listed(codex, fixtureHome('codex'))) {
      const file = readFileSync(session.paths[0]!, 'utf8');
      for (const { input } of callsOf(await collect(codex, session.paths)))
        assert.ok(file.includes(`"arguments":${JSON.stringify(input)}`), input);
    }
  });
});

describe('finding Codex sessions', () => {
  it('lists archived and compressed rollouts by the names the user gave them', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'roo-codex-'));
    try {
      const id = '01a202cf-481a-7861-8480-fac62fa478fd';
      const archived = path.join(home, 'archived_sessions', `rollout-2026-01-01T00-00-00-${id}.jsonl.zst`);
      mkdirSync(path.dirname(archived));
      writeFileSync(archived, 'compressed');
      writeFileSync(
        path.join(home, 'session_index.jsonl'),
        `{"id":"${id}","thread_name":"Old"}\n{"id":"${id}","thread_name":"New"}\n`,
      );
      const found = [];
      for await (const session of codex.list('/nowhere', { CODEX_HOME: home })) found.push(session);
      assert.deepEqual(
        found.map(({ id, title }) => [id, title]),
        [[id, 'New']],
      );
      await assert.rejects(collect(codex, [archived]), { code: 'NOT_SUPPORTED' });
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
