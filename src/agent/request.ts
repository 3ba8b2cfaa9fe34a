// The request to a model as a function of the log: the same records make the same bytes, in the process that wrote them
// and in one that starts years later, so that a provider's prompt cache stays warm across restarts.

import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { ToolDefinition } from '../core/tool.ts';
import type { Dialect } from './open-model.ts';
import { isBlank } from './part-words.ts';
import type { PastMessage } from './past-message.ts';
import { PromptBuilder } from './prompt-builder.ts';

export { resultText } from './result-text.ts';

export interface RequestSource {
  systemPrompt: string;
  /** In any order. */
  tools: readonly ToolDefinition[];
  /** What a compaction left of the messages before `past`; null without one. */
  summary: string | null;
  past: readonly PastMessage[];
}

/** Anthropic wants a limit. Room for a long file and the thinking before it; the package lowers it for small models. */
const ANTHROPIC_OUTPUT_TOKENS_MAX = 32_000;
const CACHE_HERE = { anthropic: { cacheControl: { type: 'ephemeral' } } } as const;

/** Pure. Any list of messages gives a request that the provider's rules allow, whoever wrote them. */
export function buildRequest(source: RequestSource, dialect: Dialect): LanguageModelV4CallOptions {
  const builder = new PromptBuilder(dialect);
  if (source.summary !== null)
    builder.addUserText(`[Summary of the conversation so far]\n${source.summary}`.toWellFormed());
  for (const message of source.past) builder.addMessage(message);
  const conversation = builder.finish();
  const tools = source.tools.toSorted(byName).map(toolOf);
  const common = {
    prompt: [...systemOf(source.systemPrompt, dialect), ...conversation],
    ...(tools.length > 0 && { tools }),
  };
  if (dialect === 'openai') return common;

  // Where this request ends, to be found by the next one; and where the one before it ended, to be found now.
  const asked = conversation.filter((message) => message.role !== 'assistant');
  for (const message of asked.slice(-2)) message.providerOptions = CACHE_HERE;
  return {
    ...common,
    maxOutputTokens: ANTHROPIC_OUTPUT_TOKENS_MAX,
    // Arguments as a whole, which the provider has checked to be JSON; pings, to tell a slow model from a dead one.
    providerOptions: { anthropic: { toolStreaming: false, includePings: true } },
  };
}

function systemOf(systemPrompt: string, dialect: Dialect): LanguageModelV4Prompt {
  if (isBlank(systemPrompt)) return [];
  const content = systemPrompt.toWellFormed();
  return [{ role: 'system', content, ...(dialect === 'anthropic' && { providerOptions: CACHE_HERE }) }];
}

function toolOf({ name, description, inputSchema }: ToolDefinition): LanguageModelV4FunctionTool {
  return { type: 'function', name, description, inputSchema };
}

/** By code units, which no locale changes. */
function byName(a: ToolDefinition, b: ToolDefinition): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
