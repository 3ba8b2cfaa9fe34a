// A model in a session, through the built command: what is said is on disk before it counts, whatever breaks; and what
// is sent after a restart is what would have been sent without one.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../helpers/built-roo.ts';
import { ended, kill, place, records, rooAsync, shown, start, started } from '../helpers/built-roo.ts';
import type { ModelServer } from '../helpers/model-server/model-server.ts';
import { startModelServer } from '../helpers/model-server/model-server.ts';
import type { Step, Turn } from '../helpers/model-server/scenario.ts';
import { runs } from '../helpers/slow.ts';

const TALK: Turn[] = [
  { prompt: 'Say hello.', steps: [{ think: 'A greeting.', text: 'Hello there.' }] },
  {
    prompt: 'Run echo.',
    steps: [{ text: 'I run it.', calls: [{ shell: 'echo from the shell' }] }, { text: 'It ran.' }],
  },
  {
    prompt: 'Look twice.',
    steps: [{ calls: [{ read: 'a.txt' }, { read: 'b.txt' }, { shell: 'cat a.txt' }] }, { text: 'Seen.' }],
  },
  { prompt: 'Write it.', steps: [{ calls: [{ write: 'made.txt', content: 'made\n' }] }, { text: 'Written.' }] },
  {
    prompt: 'Break the arguments.',
    steps: [{ calls: [{ shell: 'echo never', malformed: true }] }, { text: 'Refused.' }],
  },
  { prompt: 'Thanks.', steps: [{ text: 'You are welcome.' }] },
];

interface World {
  at: Place;
  server: ModelServer;
}

async function world(t: TestContext, turns: Turn[] = TALK, dialect: 'openai' | 'anthropic' = 'openai'): Promise<World> {
  const at = place(t);
  writeFileSync(join(at.cwd, 'a.txt'), 'alpha\n');
  writeFileSync(join(at.cwd, 'b.txt'), 'beta\n');
  const server = await startModelServer({ scenario: { turns }, cwd: at.cwd });
  t.after(() => server.close());
  const keys = { openai: 'OPENAI', anthropic: 'ANTHROPIC' }[dialect];
  Object.assign(at.env, {
    [`${keys}_BASE_URL`]: server.url,
    [`${keys}_API_KEY`]: 'key',
    ROO_MODEL: `${dialect}/scripted`,
  });
  return { at, server };
}

const only = (...steps: Step[]): Turn[] => [{ prompt: 'Go.', steps }, ...TALK];

test('roo -p prints the answer; the session holds prompt, answer, usage and model', async (t) => {
  const { at } = await world(t);
  const { stdout, stderr, status } = await rooAsync(at, ['-p', 'Say hello.']);
  assert.deepEqual({ stdout, stderr, status }, { stdout: 'Hello there.\n', stderr: '', status: 0 });
  const messages = records(at).filter(({ type }) => type === 'message') as never as Record<string, unknown>[];
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['user', 'assistant'],
  );
  assert.equal(messages[1]!['model'], 'openai/scripted');
  assert.ok((messages[1]!['usage'] as { outputTokens: number }).outputTokens > 0);
  assert.ok((messages[1]!['durationMs'] as number) >= 0);
});

test('roo -p - reads the prompt from standard input and answers in json', async (t) => {
  const { at } = await world(t);
  const { stdout } = await rooAsync(at, ['-p', '-', '-f', 'json'], 'Say hello.');
  const { data, errors } = JSON.parse(stdout) as { data: Record<string, unknown>; errors: unknown[] };
  assert.deepEqual(errors, []);
  assert.deepEqual([data['status'], data['text'], data['toolCalls']], ['done', 'Hello there.', 0]);
  assert.match(data['sessionId'] as string, /^[0-9a-f-]{36}$/);
});

test('roo -p --format stream-json says what happens, a line each', async (t) => {
  const { at } = await world(t);
  const { stdout } = await rooAsync(at, [
    '-p',
    'Run echo.',
    '--format',
    'stream-json',
    '--allow',
    'execute_command:echo *',
  ]);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; text?: string });
  const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
  assert.deepEqual(types, ['session', 'text', 'tool-call', 'tool-start', 'tool-output', 'tool-end', 'text', 'result']);
  assert.equal(events.at(-1)!.text, 'It ran.');
});

test('roo -p runs and writes nothing unless it is allowed, and tells the model so', async (t) => {
  const { at, server } = await world(t);
  assert.equal((await rooAsync(at, ['-p', 'Write it.'])).stdout, 'Written.\n');
  assert.equal(existsSync(join(at.cwd, 'made.txt')), false);
  assert.equal(records(at).find(({ type }) => type === 'tool-end')!['status'], 'denied');
  assert.match(server.requests.at(-1)!.text, /Denied/);
  await rooAsync(at, ['-p', 'Write it.', '--allow', 'write_file:made.txt']);
  assert.equal(readFileSync(join(at.cwd, 'made.txt'), 'utf8'), 'made\n');
});

test('without a model everything else works, and a turn says how to set one up', async (t) => {
  const at = place(t);
  const once = await rooAsync(at, ['-p', 'hello']);
  assert.equal(once.status, 2);
  for (const word of ['OPENAI_BASE_URL', 'ANTHROPIC_API_KEY', '--model', 'ROO_MODEL'])
    assert.ok(once.stderr.includes(word), word);
  const inside = await rooAsync(at, [], 'hello\n!echo hi\n');
  assert.equal(inside.status, 0);
  assert.match(inside.stdout, /^noted\nhi$/m);
  assert.match(inside.stderr, /OPENAI_BASE_URL/);
});

test('of two roo -p on one session the second is told at once that it is in use', async (t) => {
  const { at } = await world(t, only({ text: 'slow', delayMs: 3000 }));
  await rooAsync(at, ['-p', 'Say hello.']);
  const id = JSON.parse((await rooAsync(at, ['session', 'list', '-f', 'json'])).stdout).data.sessions[0].id as string;
  const first = start(at, ['-p', 'Go.', '--session', id]);
  t.after(() => kill(first));
  await until(() => shown(at, id).length === 3);
  const second = await rooAsync(at, ['-p', 'Thanks.', '--session', id]);
  assert.equal(second.status, 4);
  assert.match(second.stderr, /process \d+|writing|open/);
});

for (const dialect of ['openai', 'anthropic'] as const) {
  test(`every request of a resumed session is, byte for byte, that of an uninterrupted one (${dialect})`, async (t) => {
    const prompts = TALK.map(({ prompt }) => prompt);
    const allow = ['--allow', 'execute_command,write_file'];
    const { at, server } = await world(t, TALK, dialect);
    const whole = await rooAsync(at, allow, `${prompts.join('\n')}\n`);
    assert.equal(whole.status, 0, whole.stderr);
    const expected = server.requests.splice(0).map(({ text }) => text);
    rmSync(join(at.cwd, 'made.txt'));
    for (const [index, prompt] of prompts.entries()) {
      const on = index === 0 ? [] : ['-c'];
      await rooAsync(at, [...on, ...allow], `${prompt}\n`);
    }
    const resumed = server.requests.map(({ text }) => text);
    assert.equal(resumed.length, expected.length);
    for (const [index, text] of resumed.entries()) assert.ok(text === expected[index], `request ${index} differs`);
  });
}

test('the prompt is durable before the model is asked', async (t) => {
  const { at, server } = await world(t, only({ fault: 'silence', times: 99 }));
  const child = start(at, ['-p', 'Go.']);
  t.after(() => kill(child));
  await until(() => server.requests.length === 1);
  await kill(child);
  assert.deepEqual(
    shown(at).map(({ role, parts }) => [role, parts[0]!.text]),
    [['user', 'Go.']],
  );
});

test('an answer cut short by kill -9 keeps what was shown, and is gone on with', async (t) => {
  const long = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
  const { at, server } = await world(t, only({ text: long, eventDelayMs: 120 }));
  const child = await started(t, at, 'Go.\n', 'word3');
  await sleep(1100);
  await kill(child);
  const [, answer] = shown(at);
  assert.match(answer!.parts[0]!.text!, /^word0 word1 word2 word3/);
  const again = await rooAsync(at, ['-c'], 'Thanks.\n');
  assert.equal(again.status, 0, again.stderr);
  const messages = records(at).filter(({ type }) => type === 'message');
  assert.deepEqual(
    messages.map(({ role, stop }) => [role, stop]),
    [
      ['user', undefined],
      ['assistant', 'interrupted'],
      ['user', undefined],
      ['assistant', undefined],
    ],
  );
  const sent = server.requests.at(-1)!.body['messages'] as { role: string; content: string }[];
  assert.match(JSON.stringify(sent), /word3/);
});

test('a call cut short by kill -9 is told as interrupted, offered, and run again when asked to', async (t) => {
  const { at, server } = await world(t, [
    {
      prompt: 'Go.',
      steps: [{ calls: [{ shell: 'echo begun; test -e ran || { touch ran; exec sleep 20; }' }] }, { text: 'Done.' }],
    },
    ...TALK,
  ]);
  const child = await started(t, at, 'Go.\n', 'begun', ['--allow', 'execute_command']);
  await sleep(900);
  await kill(child);
  const again = await rooAsync(
    at,
    ['-c', '--allow', 'execute_command'],
    '/interrupted\n/interrupted again\n/continue\n',
  );
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /interrupted: execute_command echo begun/);
  assert.match(again.stdout, /it had printed: begun/);
  assert.match(again.stdout, /Done\./);
  const end = records(at).find(({ type }) => type === 'tool-end')!;
  assert.equal(end['status'], 'ok');
  assert.match(JSON.stringify(server.requests.at(-1)!.body['messages']), /begun/);
});

test('a dangling call does not keep the next prompt from being answered', async (t) => {
  const { at, server } = await world(t, [
    { prompt: 'Go.', steps: [{ calls: [{ shell: 'echo begun; exec sleep 20' }] }] },
    ...TALK,
  ]);
  const child = await started(t, at, 'Go.\n', 'begun', ['--allow', 'execute_command']);
  await kill(child);
  const next = await rooAsync(at, ['-p', 'Thanks.', '--session', '@last']);
  assert.equal(next.stdout, 'You are welcome.\n');
  assert.match(JSON.stringify(server.requests.at(-1)!.body['messages']), /interrupted/);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} in the middle of an answer records what was said as interrupted`, async (t) => {
    const long = Array.from({ length: 80 }, (_, i) => `word${i}`).join(' ');
    const { at } = await world(t, only({ text: long, eventDelayMs: 100 }));
    const child = await started(t, at, 'Go.\n', 'word2');
    child.kill(signal);
    child.stdin.end();
    await ended(child);
    const answer = records(at).findLast(({ type }) => type === 'message')!;
    assert.equal(answer['stop'], 'interrupted');
    assert.match(JSON.stringify(answer['parts']), /word2/);
    assert.equal(records(at).at(-2)!.type, 'close');
  });
}

test('a compaction sends the summary in place of what was said; the originals stay, are found, and come back by rewind', async (t) => {
  const { at, server } = await world(t);
  const inside = await rooAsync(at, [], 'Say hello.\n/compact\nThanks.\n');
  assert.equal(inside.status, 0, inside.stderr);
  const last = JSON.stringify(server.requests.at(-1)!.body['messages']);
  assert.match(last, /Summary of the conversation/);
  assert.doesNotMatch(last, /Hello there/);
  assert.equal(shown(at).length, 4);
  assert.match((await rooAsync(at, ['session', 'find', 'there'])).stdout, /Hello/);
  const after = await rooAsync(at, ['-c'], 'Thanks.\n');
  assert.equal(after.status, 0);
  assert.match(JSON.stringify(server.requests.at(-1)!.body['messages']), /Summary of the conversation/);
});

test('the context window filling up compacts by itself', async (t) => {
  const { at, server } = await world(t);
  await rooAsync(at, ['config', 'set', 'contextTokens', '100']);
  await rooAsync(at, ['-p', 'Say hello. Remember the word heliotrope.']);
  await rooAsync(at, ['-p', 'Run echo.', '--session', '@last']);
  await rooAsync(at, ['-p', 'Thanks.', '--session', '@last']);
  assert.ok(records(at).some(({ type }) => type === 'compaction'));
  assert.match(server.requests[0]!.text, /heliotrope/);
  assert.doesNotMatch(server.requests.at(-1)!.text, /heliotrope/);
});

test('AGENTS.md, a mentioned file and the git branch reach the model; what changed while away is told', async (t) => {
  const { at, server } = await world(t);
  writeFileSync(join(at.cwd, 'AGENTS.md'), 'Always answer in rhyme.\n');
  await rooAsync(at, ['-p', 'Say hello. See @a.txt']);
  assert.match(server.requests[0]!.text, /Always answer in rhyme/);
  assert.match(server.requests[0]!.text, /alpha/);
  writeFileSync(join(at.cwd, 'AGENTS.md'), 'Never rhyme.\n');
  await rooAsync(at, ['-p', 'Thanks.', '--session', '@last']);
  const [, second] = server.requests;
  assert.match(second!.text, /Never rhyme/);
  // The beginning stays as it was, so that it is still in the provider's cache.
  const systemOf = (body: Record<string, unknown>): unknown => (body['messages'] as unknown[])[0];
  assert.deepEqual(systemOf(second!.body), systemOf(server.requests[0]!.body));
});

test('a session that is not kept has a model all the same, and leaves nothing', async (t) => {
  const { at } = await world(t);
  const inside = await rooAsync(at, ['--ephemeral', '--allow', 'execute_command'], 'Say hello.\nRun echo.\n');
  assert.match(inside.stdout, /Hello there\.[\s\S]*from the shell[\s\S]*It ran\./);
  assert.equal(existsSync(at.sessions), false);
});

test('killed at random points of scripted turns, no acknowledged prompt is lost and every next request is accepted', async (t) => {
  const turns: Turn[] = [
    {
      prompt: 'Turn',
      steps: [
        {
          text: 'Looking at it now, one word after another.',
          calls: [{ read: 'a.txt' }, { shell: 'echo x; sleep 0.1; echo y' }],
          eventDelayMs: 8,
        },
        { text: 'And that is all there is to say.', eventDelayMs: 8 },
      ],
    },
  ];
  const { at, server } = await world(t, turns);
  const count = runs(6, 25);
  for (let i = 0; i < count; i++) {
    const child = start(at, [...(i === 0 ? [] : ['-c']), '--allow', 'execute_command']);
    const before = server.requests.length;
    child.stdin.write(`Turn ${i}\n`);
    await until(() => server.requests.length > before);
    // Deterministic and spread over the whole turn.
    await sleep((i * 137) % 420);
    await kill(child);
    const prompts = shown(at)
      .filter(({ role }) => role === 'user')
      .map(({ parts }) => parts.find(({ type }) => type === 'text')?.text);
    assert.deepEqual(
      prompts,
      Array.from({ length: i + 1 }, (_, k) => `Turn ${k}`),
    );
  }
  assert.equal((await rooAsync(at, ['-p', 'Turn last', '--session', '@last', '--allow', 'execute_command'])).status, 0);
  assert.equal((await rooAsync(at, ['session', 'verify', '--all'])).status, 0);
});

async function until(isSo: () => boolean, withinMs = 20_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !isSo();) {
    if (Date.now() > endMs) throw new Error('it did not happen in time');
    await sleep(20);
  }
}
