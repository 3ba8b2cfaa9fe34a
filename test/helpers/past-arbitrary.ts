// Any history a log can hold: ours, interrupted and malformed, and what other clients' sessions bring in.

import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import type { PastMessage, PastResult } from '../../src/agent/past-message.ts';
import type { Part } from '../../src/core/record.ts';
import { ended, past, running } from './past.ts';

/** Half characters, control characters and white space are what providers stumble over. */
const text = fc.oneof(
  fc.constantFrom('', ' ', '\n\t', '\u001c', 'hello', 'Grüße 👋', '\ud800', 'a\udc00b', '</file>', '\u0000'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const callId = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'call_1', 'call_1_2', 'x|y', 'ü', 'a'.repeat(41), 'a'.repeat(90), '__proto__'),
  fc.string({ maxLength: 6 }),
);
const input = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '{}',
    '{"a":',
    '[]',
    'null',
    '"x"',
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{}}}',
  ),
  fc.constantFrom(
    '{"command":"ls"}',
    '{"n":12345678901234567890}',
    '{"t":"\\ud83d"}',
    '{"\\udc00":"\\\\ud83d"}',
    '{"k":"\ud800"}',
  ),
  fc.constant('{"a":'.repeat(200) + '1' + '}'.repeat(200)),
  fc.json({ maxDepth: 2 }),
  text,
);
const image = fc.record(
  {
    type: fc.constant('image' as const),
    mediaType: fc.constantFrom('image/png', 'image/jpg', 'IMAGE/JPEG', 'image/svg+xml', 'image/*', ''),
    data: fc.constantFrom('', 'aGk=', 'aGkh', 'no base64!', 'abc', 'AAAA'),
    path: text,
  },
  { requiredKeys: ['type', 'mediaType'] },
);
const file = fc.record({ type: fc.constant('file' as const), path: text, text }, { requiredKeys: ['type', 'path'] });
const thinking = fc.record(
  { type: fc.constant('thinking' as const), text, signature: fc.constantFrom('c2ln', 'other') },
  { requiredKeys: ['type', 'text'] },
);
const other = fc.record({
  type: fc.constant('other' as const),
  kind: fc.constantFrom('redacted_thinking', 'reasoning', 'usage'),
  value: fc.constantFrom<unknown>(null, { data: 'c2VhbGVk' }, { data: 7 }, [1], 'x'),
});
const part: Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('tool-call' as const), callId, name: fc.oneof(text, fc.constant('read_file')), input }),
  image as Arbitrary<Part>,
  file as Arbitrary<Part>,
  thinking as Arbitrary<Part>,
  other,
);
const result: Arbitrary<PastResult | undefined> = fc.oneof(
  fc.constant(undefined),
  text.map(running),
  fc
    .record({
      output: fc.option(text, { nil: undefined }),
      status: fc.constantFrom('ok' as const, 'error' as const, 'interrupted' as const, 'denied' as const),
      parts: fc.array(fc.oneof(image as Arbitrary<Part>, file as Arbitrary<Part>), { maxLength: 2 }),
      exitCode: fc.constantFrom(0, 1, 137),
    })
    .map(({ output, ...end }) => ended(output, end)),
);

export const anyMessage: Arbitrary<PastMessage> = fc
  .record({
    role: fc.constantFrom('user' as const, 'assistant' as const, 'assistant' as const, 'system' as const),
    parts: fc.array(part, { maxLength: 4 }),
    model: fc.constantFrom(undefined, 'openai/scripted', 'anthropic/scripted', 'gpt-5', ''),
    stop: fc.constantFrom(undefined, undefined, 'interrupted' as const, 'failed' as const, 'length' as const),
    raw: fc.constantFrom<unknown>(
      undefined,
      null,
      'x',
      { callMetadata: { a: 1 } },
      { callMetadata: { a: { openai: {} } } },
    ),
    results: fc.array(result, { minLength: 4, maxLength: 4 }),
  })
  .map(({ role, parts, model, stop, raw, results }) => {
    const calls = parts.filter((part) => part.type === 'tool-call');
    const known = calls
      .map(({ callId }, i) => [callId, results[i]] as const)
      .filter(([, result]) => result !== undefined);
    const extra = { ...(model !== undefined && { model }), ...(stop && { stop }), ...(raw !== undefined && { raw }) };
    const message = past(role, parts, extra).message;
    return { message, results: new Map(known as [string, PastResult][]) };
  });
