// Names of models and the environment.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModelSettings } from '../../src/agent/choose-model.ts';
import { chooseModel } from '../../src/agent/choose-model.ts';
import { SessionError } from '../../src/core/errors.ts';

const OLLAMA = { OPENAI_BASE_URL: 'http://localhost:11434/v1/' };
const ROUTER = { OPENAI_BASE_URL: 'https://openrouter.ai/api/v1', OPENAI_API_KEY: 'key-1' };
const ANTHROPIC = { ANTHROPIC_API_KEY: 'key-2' };

type Case = [about: string, name: string, env: Record<string, string>, settings: Partial<ModelSettings>];

const CHOSEN: Case[] = [
  ['a provider and its model', 'openai/qwen3', OLLAMA, { provider: 'openai', modelId: 'qwen3' }],
  [
    'a server without a key, its last slash dropped',
    'openai/qwen3',
    OLLAMA,
    { baseUrl: 'http://localhost:11434/v1', apiKey: null },
  ],
  ['an id with slashes', 'openai/meta/llama:free', ROUTER, { modelId: 'meta/llama:free', apiKey: 'key-1' }],
  ['a model of the only provider', 'meta/llama', ROUTER, { provider: 'openai', modelId: 'meta/llama' }],
  ['a key alone, for the provider itself', 'gpt-5', { OPENAI_API_KEY: 'key-1' }, { provider: 'openai', baseUrl: null }],
  [
    'Anthropic',
    'anthropic/claude-x',
    { ...ROUTER, ...ANTHROPIC },
    { provider: 'anthropic', baseUrl: null, apiKey: 'key-2' },
  ],
  [
    'an empty variable as none',
    'claude-x',
    { ...ANTHROPIC, OPENAI_API_KEY: '', OPENAI_BASE_URL: ' ' },
    { provider: 'anthropic' },
  ],
];

const REFUSED: [about: string, name: string | null, env: Record<string, string>, message: RegExp][] = [
  ['no name', null, OLLAMA, /no model is chosen/],
  ['a blank name', '  ', OLLAMA, /no model is chosen/],
  ['no provider', 'qwen3', {}, /no provider is configured for the model qwen3/],
  ['a provider without its variables', 'openai/gpt-5', ANTHROPIC, /neither OPENAI_BASE_URL nor OPENAI_API_KEY is set/],
  [
    'Anthropic without a key',
    'anthropic/claude-x',
    { ...OLLAMA, ANTHROPIC_BASE_URL: 'http://a' },
    /ANTHROPIC_API_KEY is not set/,
  ],
  ['a bare name and two providers', 'qwen3', { ...OLLAMA, ...ANTHROPIC }, /several are configured/],
  ['a provider alone', 'openai/', OLLAMA, /names no model/],
  ['an address that is none', 'openai/x', { OPENAI_BASE_URL: 'localhost:11434' }, /OPENAI_BASE_URL is not an http/],
];

describe('chooseModel', () => {
  for (const [about, name, env, expected] of CHOSEN) {
    it(`takes ${about}`, () => {
      const settings = chooseModel(name, env);
      assert.deepEqual({ ...settings, ...expected }, settings);
    });
  }

  for (const [about, name, env, message] of REFUSED) {
    it(`refuses ${about} and says how to set one up`, () => {
      assert.throws(
        () => chooseModel(name, env),
        (error: unknown) => {
          assert.ok(error instanceof SessionError);
          assert.equal(error.code, 'MODEL_NOT_CONFIGURED');
          assert.match(error.message, message);
          for (const way of [/Ollama/, /OpenRouter/, /ANTHROPIC_API_KEY/, /--model/, /ROO_MODEL/]) {
            assert.match(error.hint ?? '', way);
          }
          assert.ok(error.hint!.split('\n').length <= 22, 'more than a screen');
          return true;
        },
      );
    });
  }

  it('does not repeat a password that stands in an address', () => {
    const env = { OPENAI_BASE_URL: 'https://me:hunter22@host/v1' };
    assert.throws(
      () => chooseModel('openai/x', env),
      (error: Error) => !error.message.includes('hunter22'),
    );
  });
});
