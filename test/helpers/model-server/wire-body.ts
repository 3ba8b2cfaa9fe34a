// The bytes that a request becomes, without a server in between: for properties that want thousands of them.

import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { OpenModel } from '../../../src/agent/open-model.ts';

/** Catches each request where the provider's package hands it to `fetch`. */
export function wireBody(model: OpenModel): (request: LanguageModelV4CallOptions) => Promise<string> {
  return async (request) => {
    const realFetch = globalThis.fetch;
    let body: string | null = null;
    globalThis.fetch = (_url, init) => {
      body = String(init?.body);
      return Promise.resolve(new Response('{}', { status: 400 }));
    };
    try {
      await model.model.doStream(request);
    } catch (error) {
      if (body === null) throw error;
    } finally {
      globalThis.fetch = realFetch;
    }
    return body ?? '';
  };
}
