// How a provider is reached.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModelSettings } from '../../src/agent/choose-model.ts';
import { openModel } from '../../src/agent/open-model.ts';

const SETTINGS: ModelSettings = { provider: 'openai', modelId: 'meta/llama', baseUrl: null, apiKey: 'key-12345/+' };

async function urlOf(settings: ModelSettings): Promise<string> {
  const { model } = await openModel(settings);
  const realFetch = globalThis.fetch;
  let asked = '';
  globalThis.fetch = (url) => {
    asked = String(url);
    return Promise.resolve(new Response('{}', { status: 400 }));
  };
  try {
    await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
  } catch (error) {
    if (asked === '') throw error;
  } finally {
    globalThis.fetch = realFetch;
  }
  return asked;
}

describe('openModel', () => {
  const addresses: [Partial<ModelSettings>, string][] = [
    [{}, 'https://api.openai.com/v1/chat/completions'],
    [{ baseUrl: 'http://localhost:11434/v1', apiKey: null }, 'http://localhost:11434/v1/chat/completions'],
    [{ provider: 'anthropic' }, 'https://api.anthropic.com/v1/messages'],
    [
      { provider: 'anthropic', baseUrl: 'https://proxy.example/anthropic' },
      'https://proxy.example/anthropic/v1/messages',
    ],
    [{ provider: 'anthropic', baseUrl: 'https://proxy.example/v1' }, 'https://proxy.example/v1/messages'],
  ];
  for (const [settings, url] of addresses) {
    it(`asks ${url}`, async () => assert.equal(await urlOf({ ...SETTINGS, ...settings }), url));
  }

  it('is named by provider and model', async () => {
    const { name, dialect } = await openModel(SETTINGS);
    assert.deepEqual([name, dialect], ['openai/meta/llama', 'openai']);
  });

  it('takes the key out of texts, also where it stands in an address, and leaves short words alone', async () => {
    const { redact } = await openModel(SETTINGS);
    assert.equal(redact?.('a key-12345/+ b key-12345%2F%2B'), 'a [key] b [key]');
    const keyless = await openModel({ ...SETTINGS, apiKey: 'x' });
    assert.equal(keyless.redact?.('next'), 'next');
  });
});
