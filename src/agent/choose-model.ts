// Which model a session talks to, from its name and the environment. Pure: the providers' packages are loaded when a
// request is made, and somebody without a model must be told how to get one without waiting for them.

import { SessionError } from '../core/errors.ts';

export type Provider = 'openai' | 'anthropic';

export interface ModelSettings {
  provider: Provider;
  /** As the provider writes it; may hold slashes (`meta/llama-4` at OpenRouter). */
  modelId: string;
  /** Null where the provider's own address is meant. */
  baseUrl: string | null;
  /** Null for servers that want none, such as Ollama. */
  apiKey: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROVIDERS: readonly Provider[] = ['openai', 'anthropic'];
const MISSING: Readonly<Record<Provider, string>> = {
  openai: 'neither OPENAI_BASE_URL nor OPENAI_API_KEY is set',
  anthropic: 'ANTHROPIC_API_KEY is not set',
};

/**
 * `name` is provider/model, or a model of the only configured provider; null where nobody chose one. A first segment
 * that is no provider belongs to the model's id. Throws MODEL_NOT_CONFIGURED, whose hint says how to set one up.
 */
export function chooseModel(name: string | null, env: Environment): ModelSettings {
  const wanted = name?.trim() ?? '';
  if (wanted === '') throw notConfigured('no model is chosen');
  const named = PROVIDERS.find((provider) => wanted.startsWith(`${provider}/`));
  if (named !== undefined) return settingsOf(named, wanted.slice(named.length + 1), env);
  const [only, another] = PROVIDERS.filter((provider) => isConfigured(provider, env));
  if (only === undefined) throw notConfigured(`no provider is configured for the model ${wanted}`);
  if (another !== undefined) {
    throw notConfigured(`the model ${wanted} needs its provider, as several are configured: ${only}/${wanted}`);
  }
  return settingsOf(only, wanted, env);
}

function settingsOf(provider: Provider, modelId: string, env: Environment): ModelSettings {
  if (modelId === '') throw notConfigured(`${provider}/ names no model`);
  if (!isConfigured(provider, env)) {
    throw notConfigured(`${provider}/${modelId} cannot be reached: ${MISSING[provider]}`);
  }
  const prefix = provider.toUpperCase();
  return {
    provider,
    modelId,
    baseUrl: readBaseUrl(`${prefix}_BASE_URL`, env),
    apiKey: valueOf(`${prefix}_API_KEY`, env),
  };
}

/** A server that speaks OpenAI's format may want no key; Anthropic always wants one. */
function isConfigured(provider: Provider, env: Environment): boolean {
  const hasKey = valueOf(`${provider.toUpperCase()}_API_KEY`, env) !== null;
  return hasKey || (provider === 'openai' && valueOf('OPENAI_BASE_URL', env) !== null);
}

function readBaseUrl(variable: string, env: Environment): string | null {
  const value = valueOf(variable, env);
  if (value === null) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  // The value itself is not repeated: people put keys into addresses.
  if (url === null || !/^https?:$/.test(url.protocol)) throw notConfigured(`${variable} is not an http(s) address`);
  if (url.username !== '' || url.password !== '') {
    throw notConfigured(`${variable} holds a user name or password; a key belongs into its own variable`);
  }
  return value.replace(/\/+$/, '');
}

/** An empty variable is as good as none: scripts unset that way. */
function valueOf(variable: string, env: Environment): string | null {
  return env[variable]?.trim() || null;
}

function notConfigured(message: string): SessionError {
  return new SessionError('MODEL_NOT_CONFIGURED', message, { op: 'choose model', hint: HOW_TO });
}

const HOW_TO = `everything but model turns works without a model. To set one up:

  Ollama, on this machine
    export OPENAI_BASE_URL=http://localhost:11434/v1
    roo --model openai/qwen3

  OpenRouter, vLLM, or any server that speaks OpenAI's chat format
    export OPENAI_BASE_URL=https://openrouter.ai/api/v1
    export OPENAI_API_KEY=...
    roo --model openai/meta-llama/llama-4-maverick

  Anthropic
    export ANTHROPIC_API_KEY=...
    roo --model anthropic/claude-sonnet-4-5

A model's name is provider/model, where the provider is openai or anthropic. It is taken from --model, else from
ROO_MODEL, else from the key "model" of .roo/config.json in the project or in your home.`;
