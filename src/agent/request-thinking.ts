// Thinking that goes back to the provider it came from.

import type { LanguageModelV4ReasoningPart } from '@ai-sdk/provider';
import type { Part } from '../core/record.ts';
import type { Dialect } from './open-model.ts';
import { isBlank } from './part-words.ts';

/** `kind` of the part that keeps thinking which the provider sealed; its value is the block as Anthropic sends it. */
export const SEALED_THINKING = 'redacted_thinking';

/**
 * Null for what is no thinking, or stays here. Anthropic takes thinking with its signature and refuses any other. Models
 * behind OpenAI's format that think between calls want it back with the calls, and without calls do not.
 */
export function thinkingOf(part: Part, dialect: Dialect, hasCalls: boolean): LanguageModelV4ReasoningPart | null {
  if (dialect === 'openai') {
    return part.type === 'thinking' && hasCalls && !isBlank(part.text)
      ? { type: 'reasoning', text: part.text.toWellFormed() }
      : null;
  }
  if (part.type === 'thinking' && part.signature !== undefined) {
    return { type: 'reasoning', text: part.text, providerOptions: { anthropic: { signature: part.signature } } };
  }
  const redactedData = part.type === 'other' && part.kind === SEALED_THINKING ? sealedData(part.value) : null;
  return redactedData === null
    ? null
    : { type: 'reasoning', text: '', providerOptions: { anthropic: { redactedData } } };
}

function sealedData(value: unknown): string | null {
  const data = typeof value === 'object' && value !== null ? (value as { data?: unknown }).data : undefined;
  return typeof data === 'string' ? data : null;
}
