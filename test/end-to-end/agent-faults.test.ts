// What goes wrong with a model, as a person and a script see it: said, tried again where that can help, and never at the
// cost of what was said before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { records, rooAsync, shown, start, ended } from '../helpers/built-roo.ts';
import type { Step } from '../helpers/model-server/scenario.ts';
import { DIALECTS, going, scriptedWorld, until } from '../helpers/scripted-world.ts';

const WORDS = 'This answer is long enough to be cut in its middle, so that only a part of it is ever seen.';
/** More often than anybody asks again. */
const ALWAYS = 1000;

interface Healed {
  what: string;
  step: Step;
  said: RegExp;
}

const HEALED: Healed[] = [
  { what: 'a limit of requests', step: { status: 429, retryAfterS: 1, text: WORDS }, said: /scripted 429/ },
  { what: 'an overload', step: { status: 529, text: WORDS }, said: /scripted 529/ },
  { what: 'a fault of the server', step: { status: 500, text: WORDS }, said: /scripted 500/ },
  { what: 'a cut stream', step: { fault: 'cut', text: WORDS }, said: /asking again: \S/ },
  {
    what: 'a stream that ends too early',
    step: { fault: 'end', text: WORDS },
    said: /without a finish reason|in the middle of the answer/,
  },
  { what: 'garbage in the stream', step: { fault: 'garbage', text: WORDS }, said: /asking again: \S/ },
  { what: 'a stall', step: { fault: 'stall', text: WORDS }, said: /nothing came for 1 s/ },
  { what: 'silence', step: { fault: 'silence', text: WORDS }, said: /nothing came for 1 s/ },
];

for (const dialect of DIALECTS) {
  test(`what passes is said and tried again, and the answer is whole (${dialect})`, async (t) => {
    const turns = HEALED.map(({ what, step }) => ({ prompt: `Meet ${what}.`, steps: [step] }));
    const { at, server } = await scriptedWorld(t, turns, dialect);
    await rooAsync(at, ['config', 'set', 'stallSeconds', '1']);
    const lines = HEALED.map(({ what }) => `Meet ${what}.\n`);
    const { stdout, stderr, status } = await rooAsync(at, [], lines.join(''));
    assert.deepEqual([status, stderr], [0, '']);
    for (const { what, said } of HEALED) assert.match(stdout, said, what);
    assert.equal(stdout.match(/asking again/g)!.length, HEALED.length);
    assert.equal(server.requests.length, 2 * HEALED.length);
    const answers = shown(at).filter(({ role }) => role === 'assistant');
    assert.deepEqual(
      answers.map(({ parts }) => parts.map(({ text }) => text)),
      HEALED.map(() => [WORDS]),
    );
  });

  test(`a model that is not there for long ends the turn as failed, and the session goes on (${dialect})`, async (t) => {
    const steps: Step[] = [
      { status: 429, retryAfterS: 3600, times: ALWAYS },
      { fault: 'html', times: ALWAYS },
      { status: 400, message: 'no such thing', times: ALWAYS },
    ];
    const prompts = ['Fail.', 'Fail again.', 'Fail once more.'];
    const last = 'And now be well again.';
    const turns = steps.map((step, i) => ({ prompt: prompts[i]!, steps: [step] }));
    const { at } = await scriptedWorld(
      t,
      [...turns, { prompt: last, steps: [{ text: 'I am well.' }] }, ...going()],
      dialect,
    );
    await rooAsync(at, ['-p', 'Say hello.']);
    for (const [i, words] of [/wait 3600 s/, /web page.*base URL/, /no such thing/].entries()) {
      const { stdout, stderr, status } = await rooAsync(at, ['-p', prompts[i]!, '--session', '@last']);
      assert.deepEqual([stdout, status], ['', 1]);
      assert.match(stderr, words);
    }
    assert.equal((await rooAsync(at, ['-p', last, '--session', '@last'])).stdout, 'I am well.\n');
  });

  test(`arguments that are no JSON are answered to the model, and nothing runs (${dialect})`, async (t) => {
    const { at, server } = await scriptedWorld(t, undefined, dialect);
    const { stdout } = await rooAsync(at, ['-p', 'Break the arguments.', '--allow', 'execute_command']);
    assert.equal(stdout, 'Refused.\n');
    const end = records(at).find(({ type }) => type === 'tool-end')!;
    assert.equal(end['status'], 'error');
    assert.match(server.requests.at(-1)!.text, /JSON/);
  });

  test(`an answer without end is interrupted, and what came of it is kept (${dialect})`, async (t) => {
    const { at, server } = await scriptedWorld(t, going({ longText: 400_000, eventDelayMs: 1 }), dialect);
    const child = start(at, ['-p', 'Go.']);
    t.after(() => child.kill('SIGKILL'));
    child.stdin.end();
    await until(() => server.requests.length > 0);
    await until(() => shown(at).some(({ role }) => role === 'assistant'));
    child.kill('SIGINT');
    assert.equal(await ended(child), 130);
    const [, answer] = shown(at);
    assert.match(answer!.parts[0]!.text!, /^ {5}1\. and so it goes on/);
    assert.equal(records(at).findLast(({ type }) => type === 'message')!['stop'], 'interrupted');
  });
}

test('a server that stays broken is given up: exit 1, the failure in the envelope, the prompt and what was said kept', async (t) => {
  const { at, server } = await scriptedWorld(t, going({ fault: 'cut', text: WORDS, times: ALWAYS }));
  const { stdout, status } = await rooAsync(at, ['-p', 'Go.', '--format', 'json']);
  assert.equal(status, 1);
  const { data, errors } = JSON.parse(stdout) as { data: Record<string, unknown>; errors: { code: string }[] };
  assert.equal(data['status'], 'failed');
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['MODEL_FAILED'],
  );
  assert.equal(server.requests.length, 5);
  const [prompt, answer] = shown(at);
  assert.equal(prompt!.parts[0]!.text, 'Go.');
  assert.match(answer!.parts[0]!.text!, /^This answer is long/);
});
