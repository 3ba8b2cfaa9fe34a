// Whatever stands in a log, the request made of it is one that providers accept, and always the same one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Dialect } from '../../src/agent/open-model.ts';
import { openModel } from '../../src/agent/open-model.ts';
import type { RequestSource } from '../../src/agent/request.ts';
import { buildRequest } from '../../src/agent/request.ts';
import { checkAnthropicRequest, checkChatRequest } from '../helpers/model-server/wire-rules.ts';
import { wireBody } from '../helpers/model-server/wire-body.ts';
import { anyMessage } from '../helpers/past-arbitrary.ts';
import { runs } from '../helpers/slow.ts';

const CHECKS = { openai: checkChatRequest, anthropic: checkAnthropicRequest } as const;

const source = fc.record({
  systemPrompt: fc.constantFrom('', ' ', 'Be brief.', 'half \ud800'),
  tools: fc.constant([]),
  summary: fc.constantFrom(null, null, '', 'What was done.'),
  past: fc.array(anyMessage, { maxLength: 8 }),
});

for (const dialect of ['openai', 'anthropic'] as const satisfies Dialect[]) {
  describe(`requests in the dialect ${dialect}`, () => {
    it('keep the rules of the provider, whatever the history', async () => {
      const body = wireBody(await openModel({ provider: dialect, modelId: 'm', baseUrl: 'http://x/v1', apiKey: 'k' }));
      await fc.assert(
        fc.asyncProperty(source, async (any) => CHECKS[dialect](JSON.parse(await body(buildRequest(any, dialect))))),
        { numRuns: runs(400, 5000) },
      );
    });

    it('are the same after the history went through a file', () => {
      fc.assert(
        fc.property(source, (any) => {
          const request = JSON.stringify(buildRequest(any, dialect));
          assert.equal(JSON.stringify(buildRequest(any, dialect)), request);
          assert.equal(JSON.stringify(buildRequest(reread(any), dialect)), request);
        }),
        { numRuns: runs(200, 2000) },
      );
    });

    it('only grow at their end while a conversation goes on', () => {
      fc.assert(
        fc.property(source, ({ past, ...rest }) => {
          const before = buildRequest({ ...rest, past: past.slice(0, -1) }, dialect).prompt;
          const after = buildRequest({ ...rest, past }, dialect).prompt.map((message) => JSON.stringify(bare(message)));
          // The last message may have been a word of ours in the user's place, or an answer that grew.
          const settled = before.slice(0, -2).map((message) => JSON.stringify(bare(message)));
          assert.deepEqual(after.slice(0, settled.length), settled);
        }),
        { numRuns: runs(200, 2000) },
      );
    });
  });
}

function reread(source: RequestSource): RequestSource {
  const past = source.past.map(({ message, results }) => ({
    message: JSON.parse(JSON.stringify(message)),
    results: new Map(JSON.parse(JSON.stringify([...results]))),
  }));
  return { ...source, past: past as RequestSource['past'] };
}

/** Without the cache mark, which wanders with the end. */
function bare({ providerOptions: _marks, ...message }: { providerOptions?: unknown }): object {
  return message;
}
