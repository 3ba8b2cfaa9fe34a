// Answers over real HTTP, in both wire formats.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer, AnswerEvent, AskOptions } from '../../src/agent/answer.ts';
import { askModel } from '../../src/agent/answer.ts';
import type { Dialect } from '../../src/agent/open-model.ts';
import { buildRequest } from '../../src/agent/request.ts';
import { manualClock, user } from '../helpers/past.ts';
import type { Scripted } from '../helpers/model-server/open-scripted.ts';
import { openScripted, PROMPT, SECRET_KEY } from '../helpers/model-server/open-scripted.ts';

const DIALECTS: Dialect[] = ['openai', 'anthropic'];

interface Heard extends Answer {
  events: AnswerEvent[];
  waitsMs: number[];
}

/** Asks PROMPT; waits between the tries take no time. */
async function ask({ model }: Scripted, options: Partial<AskOptions> = {}): Promise<Heard> {
  const events: AnswerEvent[] = [];
  const waitsMs: number[] = [];
  const source = { systemPrompt: 'Be brief.', tools: [], summary: null, past: [user(PROMPT)] };
  const answer = await askModel(model, buildRequest(source, model.dialect), {
    signal: new AbortController().signal,
    onEvent: (event) => void events.push(event),
    nowMs: manualClock(),
    sleep: async (ms) => void waitsMs.push(ms),
    ...options,
  });
  return { ...answer, events, waitsMs };
}

const LONG =
  'These words are many enough to come in several pieces, so that a stream of them has a middle to break in.';
const shown = (events: AnswerEvent[], type: 'text' | 'thinking'): string =>
  events.map((event) => (event.type === type ? event.text : '')).join('');

for (const dialect of DIALECTS) {
  describe(`askModel, ${dialect}`, () => {
    it('collects thinking, text and parallel calls in their order, with the arguments as they came', async (t) => {
      const calls = [{ read: 'a.txt' }, { tool: 'go', args: { n: 1 } }];
      const heard = await ask(await openScripted(t, dialect, { think: 'Both at once. '.repeat(9), text: LONG, calls }));
      assert.deepEqual(
        heard.parts.map((part) => part.type),
        ['thinking', 'text', 'tool-call', 'tool-call'],
      );
      assert.deepEqual(heard.parts.slice(2), [
        { type: 'tool-call', callId: 'call_1_0', name: 'read_file', input: '{"path":"/project/a.txt"}' },
        { type: 'tool-call', callId: 'call_1_1', name: 'go', input: '{"n":1}' },
      ]);
      assert.equal(shown(heard.events, 'text'), LONG);
      assert.equal(shown(heard.events, 'thinking'), 'Both at once. '.repeat(9));
      const announced = heard.events.filter((event) => event.type === 'call');
      assert.deepEqual(
        announced.map(({ callId, name }) => [callId, name]),
        [
          ['call_1_0', 'read_file'],
          ['call_1_1', 'go'],
        ],
      );
      assert.equal(heard.stop, undefined);
    });

    it('tells tokens, response id and model', async (t) => {
      const heard = await ask(await openScripted(t, dialect, { think: 'Hm.', text: 'Yes.' }));
      const expected =
        dialect === 'openai'
          ? { inputTokens: 30, outputTokens: 40, cacheReadTokens: 10, reasoningTokens: 12, cost: 0.0005 }
          : { inputTokens: 40, outputTokens: 40, cacheReadTokens: 10, cacheWriteTokens: 5 };
      assert.deepEqual(heard.usage, expected);
      const raw = heard.raw as Record<string, unknown>;
      assert.deepEqual(
        [raw['responseId'], raw['modelId']],
        [dialect === 'openai' ? 'chatcmpl-40' : 'msg_40', 'scripted'],
      );
    });

    it('keeps malformed arguments as they came', async (t) => {
      const heard = await ask(await openScripted(t, dialect, { calls: [{ shell: 'echo never', malformed: true }] }));
      assert.deepEqual(
        heard.parts.map((part) => part.type === 'tool-call' && part.input),
        ['{"command":"ech'],
      );
    });

    for (const status of [408, 409, 429, 500, 503, 529]) {
      it(`asks again after status ${status}, and says so`, async (t) => {
        const scripted = await openScripted(t, dialect, { status, times: 2, text: 'Here.' });
        const heard = await ask(scripted);
        assert.deepEqual(heard.parts, [{ type: 'text', text: 'Here.' }]);
        assert.deepEqual(heard.waitsMs, [500, 1000]);
        const retries = heard.events.filter((event) => event.type === 'retry');
        assert.deepEqual(
          retries.map(({ reason }) => reason),
          [`scripted ${status}`, `scripted ${status}`],
        );
        assert.equal(scripted.server.requests.length, 3);
      });
    }

    it('sends the same bytes when it asks again', async (t) => {
      const scripted = await openScripted(t, dialect, { status: 500, text: 'Here.' });
      await ask(scripted);
      assert.equal(scripted.server.requests[0]!.text, scripted.server.requests[1]!.text);
    });

    for (const status of [400, 401, 403, 404, 413, 422]) {
      it(`does not ask again after status ${status}`, async (t) => {
        const scripted = await openScripted(t, dialect, { status, times: 99, message: 'no, because' });
        const heard = await ask(scripted);
        assert.equal(heard.stop, 'failed');
        assert.equal(heard.error?.code, 'MODEL_FAILED');
        assert.match(heard.error.message, new RegExp(`no, because \\(HTTP ${status}\\)`));
        assert.ok(heard.error.hint);
        assert.equal(scripted.server.requests.length, 1);
      });
    }

    it('waits as long as the provider asks', async (t) => {
      const heard = await ask(await openScripted(t, dialect, { status: 429, retryAfterS: 7, text: 'Here.' }));
      assert.deepEqual(heard.waitsMs, [7000]);
    });

    it('does not wait for hours', async (t) => {
      const heard = await ask(await openScripted(t, dialect, { status: 429, retryAfterS: 7200, times: 99 }));
      assert.equal(heard.stop, 'failed');
      assert.deepEqual(heard.waitsMs, []);
      assert.match(heard.error?.hint ?? '', /7200 s/);
    });

    for (const fault of ['cut', 'end', 'garbage', 'error'] as const) {
      it(`begins the answer anew after a stream with the fault "${fault}"`, async (t) => {
        const heard = await ask(await openScripted(t, dialect, { fault, text: LONG }));
        assert.deepEqual(heard.parts, [{ type: 'text', text: LONG }]);
        const retryAt = heard.events.findIndex((event) => event.type === 'retry');
        assert.notEqual(retryAt, -1);
        assert.notEqual(shown(heard.events.slice(0, retryAt), 'text'), '', 'nothing was shown before the fault');
        assert.equal(shown(heard.events.slice(retryAt), 'text'), LONG);
      });

      it(`keeps what was said, but no calls, when every stream has the fault "${fault}"`, async (t) => {
        const calls = [{ tool: 'stop' }, { tool: 'go', args: { text: LONG.repeat(3) } }];
        const heard = await ask(await openScripted(t, dialect, { fault, times: 99, text: LONG, calls }), {
          retries: 1,
        });
        assert.equal(heard.stop, 'failed');
        assert.equal(heard.error?.code, 'MODEL_FAILED');
        assert.deepEqual(
          heard.parts.map((part) => part.type),
          ['text'],
        );
      });
    }

    for (const fault of ['stall', 'silence'] as const) {
      it(`takes a stream with the fault "${fault}" for dead after a while`, async (t) => {
        const scripted = await openScripted(t, dialect, { fault, text: LONG });
        const heard = await ask(scripted, { stallMs: 300 });
        assert.deepEqual(heard.parts, [{ type: 'text', text: LONG }]);
        const retry = heard.events.find((event) => event.type === 'retry');
        assert.match(retry!.reason, /nothing came/);
      });
    }

    it('knows a web page from a model', async (t) => {
      const scripted = await openScripted(t, dialect, { fault: 'html', times: 99 });
      const heard = await ask(scripted);
      assert.match(heard.error?.message ?? '', /web page/);
      assert.equal(scripted.server.requests.length, 1);
    });

    it('says which server cannot be reached', async (t) => {
      const scripted = await openScripted(t, dialect, { text: 'Never heard.' });
      await scripted.server.close();
      const heard = await ask(scripted, { retries: 1 });
      assert.equal(heard.stop, 'failed');
      assert.match(heard.error?.message ?? '', /ECONNREFUSED/);
      assert.deepEqual(heard.waitsMs, [500]);
    });

    it('never tells the key, also where the provider repeats it', async (t) => {
      const message = `the key ${SECRET_KEY} is not known`;
      const once = await ask(await openScripted(t, dialect, { status: 401, message }));
      assert.match(once.error?.message ?? '', /the key \[key\] is not known/);
      const heard = await ask(await openScripted(t, dialect, { status: 500, message, times: 99 }), { retries: 1 });
      assert.ok(!JSON.stringify([heard.events, heard.error?.message]).includes(SECRET_KEY));
    });

    it('ends as interrupted, with what was said and no half call, when it is aborted', async (t) => {
      const user = new AbortController();
      const calls = [{ tool: 'go', args: { text: LONG.repeat(3) } }];
      const heard = await ask(await openScripted(t, dialect, { text: LONG, calls, eventDelayMs: 5 }), {
        signal: user.signal,
        onEvent: (event) => {
          if (event.type === 'call') user.abort();
        },
      });
      assert.equal(heard.stop, 'interrupted');
      assert.equal(heard.error, undefined);
      assert.deepEqual(heard.parts, [{ type: 'text', text: LONG }]);
      assert.ok(!heard.events.some((event) => event.type === 'retry'), 'an abort is no reason to ask again');
    });

    it('can be aborted in an answer without end', async (t) => {
      const user = new AbortController();
      let characters = 0;
      const heard = await ask(await openScripted(t, dialect, { longText: 1_000_000 }), {
        signal: user.signal,
        onEvent: (event) => {
          if (event.type === 'text') characters += event.text.length;
          if (characters > 100_000) user.abort();
        },
      });
      assert.equal(heard.stop, 'interrupted');
      assert.equal(heard.parts[0]?.type === 'text' && heard.parts[0].text.length, characters);
    });

    it('can be aborted before the first word, and between two tries', async (t) => {
      const early = new AbortController();
      early.abort();
      const scripted = await openScripted(t, dialect, { status: 500, times: 99 });
      const unheard = await ask(scripted, { signal: early.signal });
      assert.deepEqual([unheard.stop, unheard.parts], ['interrupted', []]);
      const later = new AbortController();
      const heard = await ask(scripted, { signal: later.signal, sleep: async () => later.abort() });
      assert.equal(heard.stop, 'interrupted');
    });

    it('reads on only when the last event is dealt with', async (t) => {
      let busy = 0;
      const heard = await ask(await openScripted(t, dialect, { text: LONG }), {
        onEvent: async () => {
          assert.equal(++busy, 1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          busy--;
        },
      });
      assert.equal(heard.stop, undefined);
    });

    it('passes on what its listener throws, as no fault of the model', async (t) => {
      const full = new Error('no space left');
      const scripted = await openScripted(t, dialect, { text: LONG });
      await assert.rejects(ask(scripted, { onEvent: () => Promise.reject(full) }), full);
      assert.equal(scripted.server.requests.length, 1);
    });

    it('says when the limit of tokens was reached, and when the provider refused', async (t) => {
      const [length, refusal] = dialect === 'openai' ? ['length', 'content_filter'] : ['max_tokens', 'refusal'];
      const cases = [
        [length, 'length'],
        [refusal, 'refused'],
      ] as const;
      for (const [finish, stop] of cases) {
        const heard = await ask(await openScripted(t, dialect, { text: 'So far', finish: finish! }));
        assert.deepEqual([heard.stop, heard.parts], [stop, [{ type: 'text', text: 'So far' }]]);
      }
    });

    it('sends the key in a header and nowhere else', async (t) => {
      const scripted = await openScripted(t, dialect, { text: 'Yes.' });
      await ask(scripted);
      const { headers, text, path } = scripted.server.requests[0]!;
      assert.equal(
        headers['authorization'] ?? headers['x-api-key'],
        dialect === 'openai' ? `Bearer ${SECRET_KEY}` : SECRET_KEY,
      );
      assert.ok(!`${path}${text}`.includes(SECRET_KEY));
    });
  });
}

describe('askModel, anthropic alone', () => {
  it('keeps the signature of thinking, and thinking that the provider sealed', async (t) => {
    const heard = await ask(await openScripted(t, 'anthropic', { think: 'Hm.', sealed: 'c2VhbGVk', text: 'Yes.' }));
    assert.deepEqual(heard.parts, [
      { type: 'thinking', text: 'Hm.', signature: Buffer.from('signed:Hm.').toString('base64') },
      { type: 'other', kind: 'redacted_thinking', value: { type: 'redacted_thinking', data: 'c2VhbGVk' } },
      { type: 'text', text: 'Yes.' },
    ]);
  });
});
