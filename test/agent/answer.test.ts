// Answers over real HTTP, in both wire formats.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dialect } from '../../src/agent/open-model.ts';
import { askScripted, LONG, shown } from '../helpers/model-server/ask-scripted.ts';
import { openScripted, SECRET_KEY } from '../helpers/model-server/open-scripted.ts';

const DIALECTS: Dialect[] = ['openai', 'anthropic'];

for (const dialect of DIALECTS) {
  describe(`askModel, ${dialect}`, () => {
    it('collects thinking, text and parallel calls in their order, with the arguments as they came', async (t) => {
      const calls = [{ read: 'a.txt' }, { tool: 'go', args: { n: 1 } }];
      const heard = await askScripted(
        await openScripted(t, dialect, { think: 'Both at once. '.repeat(9), text: LONG, calls }),
      );
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
      const heard = await askScripted(await openScripted(t, dialect, { think: 'Hm.', text: 'Yes.' }));
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
      const heard = await askScripted(
        await openScripted(t, dialect, { calls: [{ shell: 'echo never', malformed: true }] }),
      );
      assert.deepEqual(
        heard.parts.map((part) => part.type === 'tool-call' && part.input),
        ['{"command":"ech'],
      );
    });

    it('ends as interrupted, with what was said and no half call, when it is aborted', async (t) => {
      const user = new AbortController();
      const calls = [{ tool: 'go', args: { text: LONG.repeat(3) } }];
      const heard = await askScripted(await openScripted(t, dialect, { text: LONG, calls, eventDelayMs: 5 }), {
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
      const heard = await askScripted(await openScripted(t, dialect, { longText: 1_000_000 }), {
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
      const unheard = await askScripted(scripted, { signal: early.signal });
      assert.deepEqual([unheard.stop, unheard.parts], ['interrupted', []]);
      const later = new AbortController();
      const heard = await askScripted(scripted, { signal: later.signal, sleep: async () => later.abort() });
      assert.equal(heard.stop, 'interrupted');
    });

    it('reads on only when the last event is dealt with', async (t) => {
      let busy = 0;
      const heard = await askScripted(await openScripted(t, dialect, { text: LONG }), {
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
      await assert.rejects(askScripted(scripted, { onEvent: () => Promise.reject(full) }), full);
      assert.equal(scripted.server.requests.length, 1);
    });

    it('says when the limit of tokens was reached, and when the provider refused', async (t) => {
      const [length, refusal] = dialect === 'openai' ? ['length', 'content_filter'] : ['max_tokens', 'refusal'];
      const cases = [
        [length, 'length'],
        [refusal, 'refused'],
      ] as const;
      for (const [finish, stop] of cases) {
        const heard = await askScripted(await openScripted(t, dialect, { text: 'So far', finish: finish! }));
        assert.deepEqual([heard.stop, heard.parts], [stop, [{ type: 'text', text: 'So far' }]]);
      }
    });

    it('sends the key in a header and nowhere else', async (t) => {
      const scripted = await openScripted(t, dialect, { text: 'Yes.' });
      await askScripted(scripted);
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
    const heard = await askScripted(
      await openScripted(t, 'anthropic', { think: 'Hm.', sealed: 'c2VhbGVk', text: 'Yes.' }),
    );
    assert.deepEqual(heard.parts, [
      { type: 'thinking', text: 'Hm.', signature: Buffer.from('signed:Hm.').toString('base64') },
      { type: 'other', kind: 'redacted_thinking', value: { type: 'redacted_thinking', data: 'c2VhbGVk' } },
      { type: 'text', text: 'Yes.' },
    ]);
  });
});
