// What a provider said beside an answer and wants to hear again: kept with the message as its `raw`, byte for byte.

import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';

export interface AnswerRaw {
  /** The provider's id of the response, to find it in their logs. */
  responseId?: string;
  /** The model that answered, where a router chose it. */
  modelId?: string;
  /** Why the answer ended, in the provider's word. */
  finishReason?: string;
  /** By call id: signatures and the like, without which some models refuse their own calls. */
  callMetadata?: Record<string, SharedV4ProviderMetadata>;
}

/** Undefined where there is none; `raw` may be of another client and hold anything. */
export function callMetadata(raw: unknown, callId: string): SharedV4ProviderMetadata | undefined {
  const ofCalls = isObject(raw) ? raw['callMetadata'] : undefined;
  const metadata = isObject(ofCalls) && Object.hasOwn(ofCalls, callId) ? ofCalls[callId] : undefined;
  return isObject(metadata) && Object.values(metadata).every(isObject)
    ? (metadata as SharedV4ProviderMetadata)
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
