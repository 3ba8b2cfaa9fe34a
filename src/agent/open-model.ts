// Reaches the one provider that is asked for. Each package costs tens of milliseconds to load, so that only a turn
// pays for it, and only for its own.

import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { ModelSettings } from './choose-model.ts';

/** The wire format, which decides what a request may hold. */
export type Dialect = 'openai' | 'anthropic';

export interface OpenModel {
  /** provider/model, as it is recorded with every answer. */
  name: string;
  dialect: Dialect;
  model: LanguageModelV4;
  /** Takes the key out of a text that comes from outside, such as a provider's error. */
  redact?(text: string): string;
}

const OPENAI_URL = 'https://api.openai.com/v1';
const ANTHROPIC_URL = 'https://api.anthropic.com/v1';
const KEY_LENGTH_MIN = 6;

/** Loads the provider's package; makes no request. */
export async function openModel(settings: ModelSettings): Promise<OpenModel> {
  return {
    name: `${settings.provider}/${settings.modelId}`,
    dialect: settings.provider,
    model: settings.provider === 'openai' ? await openAiModel(settings) : await anthropicModel(settings),
    redact: (text) => withoutKey(text, settings.apiKey),
  };
}

async function openAiModel(settings: ModelSettings): Promise<LanguageModelV4> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const provider = createOpenAICompatible({
    name: 'openai',
    baseURL: settings.baseUrl ?? OPENAI_URL,
    includeUsage: true,
    ...(settings.apiKey !== null && { apiKey: settings.apiKey }),
  });
  return provider.chatModel(settings.modelId);
}

async function anthropicModel(settings: ModelSettings): Promise<LanguageModelV4> {
  const { createAnthropic } = await import('@ai-sdk/anthropic');
  const provider = createAnthropic({
    ...(settings.apiKey !== null && { apiKey: settings.apiKey }),
    // Always given, as the package looks into the environment of the process otherwise.
    baseURL: settings.baseUrl === null ? ANTHROPIC_URL : versioned(settings.baseUrl),
  });
  return provider.languageModel(settings.modelId);
}

/** Anthropic's own clients add `/v1` to ANTHROPIC_BASE_URL themselves; the package wants it in the address. */
function versioned(baseUrl: string): string {
  return /\/v\d+$/.test(baseUrl) ? baseUrl : `${baseUrl}/v1`;
}

/** Also as it stands in an address. A key of a few letters ("none", "x") would tear words apart and protects nothing. */
function withoutKey(text: string, apiKey: string | null): string {
  if (apiKey === null || apiKey.length < KEY_LENGTH_MIN) return text;
  return text.replaceAll(apiKey, '[key]').replaceAll(encodeURIComponent(apiKey), '[key]');
}
