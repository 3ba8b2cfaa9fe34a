// Tokens and money of an answer, from a provider's account of them.

import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Usage } from '../core/record.ts';

/** Undefined where the provider told nothing. Tokens read from a cache are not among the input tokens. */
export function usageOf({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): Usage | undefined {
  const usage: Usage = Object.fromEntries(
    Object.entries({
      inputTokens: inputTokens.noCache ?? inputTokens.total,
      outputTokens: outputTokens.total,
      cacheReadTokens: inputTokens.cacheRead,
      cacheWriteTokens: inputTokens.cacheWrite,
      reasoningTokens: outputTokens.reasoning,
      // In US dollars; OpenRouter and some proxies tell it.
      cost: raw?.['cost'],
    }).filter(([, value]) => typeof value === 'number' && Number.isFinite(value) && value >= 0),
  );
  return Object.keys(usage).length === 0 ? undefined : usage;
}
