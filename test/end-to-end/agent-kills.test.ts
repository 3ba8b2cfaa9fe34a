// A process that is killed at any point of a turn: what was acknowledged stays, the session opens, and the next request
// is one that either provider takes. `KILLS=1000` runs it at scale.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, rooAsync, shown, start } from '../helpers/built-roo.ts';
import { checkAnthropicRequest, checkChatRequest } from '../helpers/model-server/wire-rules.ts';
import type { Turn } from '../helpers/model-server/scenario.ts';
import { DIALECTS, scriptedWorld, until } from '../helpers/scripted-world.ts';
import { runs } from '../helpers/slow.ts';

const TURN_MS = 420;
/** Coprime to the length of a turn, so that the moments spread over all of it, the same in every run. */
const STEP_MS = 137;
/** A session of more than this many turns is no session any more that people have: then a new one begins. */
const TURNS_MAX = 50;

const TURNS: Turn[] = [
  {
    prompt: 'Turn',
    steps: [
      {
        think: 'I look first.',
        text: 'Looking at it now, one word after another.',
        calls: [{ read: 'a.txt' }, { shell: 'echo x; sleep 0.1; echo y' }],
        eventDelayMs: 8,
      },
      { text: 'And that is all there is to say.', eventDelayMs: 8 },
    ],
  },
];

test('killed at random points of scripted turns, no acknowledged prompt is lost and every next request is accepted', async (t) => {
  const { at, server } = await scriptedWorld(t, TURNS);
  const count = Number(process.env['KILLS'] ?? runs(6, 25));
  let known: string[] = [];
  for (let i = 0; i < count; i++) {
    const turn = i % TURNS_MAX;
    if (turn === 0) known = [];
    // The providers take turns, so that each goes on with what the other one left.
    const model = ['--model', `${DIALECTS[i % 2]}/scripted`];
    const child = start(at, [...(turn === 0 ? [] : ['-c']), ...model, '--allow', 'execute_command']);
    child.stdin.write(`Turn ${turn}\n`);
    await until(() => server.requests.length > 0);
    await sleep((i * STEP_MS) % TURN_MS);
    await kill(child);
    for (const { path, body } of server.requests.splice(0))
      (path.endsWith('/messages') ? checkAnthropicRequest : checkChatRequest)(body);
    const messages = shown(at);
    const prompts = messages
      .filter(({ role }) => role === 'user')
      .map(({ parts }) => parts.find(({ type }) => type === 'text')?.text);
    assert.deepEqual(
      prompts,
      Array.from({ length: turn + 1 }, (_, k) => `Turn ${k}`),
      `after kill ${i}`,
    );
    // What was seen once is there for good.
    const ids = messages.map(({ id }) => id);
    assert.deepEqual(ids.slice(0, known.length), known, `after kill ${i}`);
    known = ids;
  }
  const last = ['-p', 'Turn last', '--session', '@last', '--allow', 'execute_command'];
  assert.equal((await rooAsync(at, last)).status, 0);
  assert.equal((await rooAsync(at, ['session', 'verify', '--all'])).status, 0);
});
