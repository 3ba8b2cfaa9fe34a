// Accounts of providers, in our words.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usageOf } from '../../src/agent/usage.ts';

const NOTHING = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
const NO_OUTPUT = { total: undefined, text: undefined, reasoning: undefined };

describe('usageOf', () => {
  it('counts tokens from a cache apart, and takes the cost that a provider tells', () => {
    const usage = usageOf({
      inputTokens: { total: 100, noCache: 30, cacheRead: 60, cacheWrite: 10 },
      outputTokens: { total: 20, text: 15, reasoning: 5 },
      raw: { cost: 0.25 },
    });
    assert.deepEqual(usage, {
      inputTokens: 30,
      outputTokens: 20,
      cacheReadTokens: 60,
      cacheWriteTokens: 10,
      reasoningTokens: 5,
      cost: 0.25,
    });
  });

  it('says nothing where nothing is known, and leaves out what cannot be', () => {
    assert.equal(usageOf({ inputTokens: NOTHING, outputTokens: NO_OUTPUT }), undefined);
    const odd = {
      inputTokens: { ...NOTHING, total: 7 },
      outputTokens: { ...NO_OUTPUT, total: -1 },
      raw: { cost: 'free' },
    };
    assert.deepEqual(usageOf(odd), { inputTokens: 7 });
  });
});
