// Errors in the shapes that HTTP, the network and streams give them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failureOf } from '../../src/agent/model-failure.ts';

const http = (statusCode: number, responseBody: string): object =>
  Object.assign(new Error('Status text'), { statusCode, responseBody, responseHeaders: {} });
const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' });

type Case = [about: string, error: unknown, isTemporary: boolean, words: string];
const CASES: Case[] = [
  ['the words of OpenAI', http(400, '{"error":{"message":"bad\\n request"}}'), false, 'bad request'],
  ['the words of Ollama', http(404, '{"error":"model \\"x\\" not found"}'), false, 'model "x" not found'],
  ['the words of a Python server', http(422, '{"detail":"Unprocessable"}'), false, 'Unprocessable'],
  ['plain words', http(503, 'upstream is down'), true, 'upstream is down'],
  ['a page of a proxy by its status text', http(502, '<html>…</html>'), true, 'Status text'],
  ['a used-up budget as final', http(429, '{"error":{"message":"Pay.","code":"insufficient_quota"}}'), false, 'Pay.'],
  ['a break in the middle of an answer as temporary', http(200, ''), true, 'Status text'],
  ['a refused connection', new TypeError('fetch failed', { cause: refused }), true, 'fetch failed: ECONNREFUSED'],
  ['an error event with a status', { message: 'Overloaded', code: 502 }, true, 'Overloaded'],
  [
    'an error event of a request that cannot work',
    { message: 'Too long', code: 'context_length_exceeded' },
    false,
    'Too long',
  ],
  ['an error event without a kind', 'something broke', true, 'something broke'],
  ['a mistake of ours as final', new RangeError('out of range'), false, 'out of range'],
  ['nothing at all', {}, true, 'it gave no reason'],
  [
    'an address with a password',
    new Error('cannot reach https://me:pw@host/v1?key=abc'),
    false,
    'cannot reach https://host/v1?key=[key]',
  ],
  [
    'a key in words',
    new Error('wrong: Bearer abc.def and sk-abcdefghijklmnop'),
    false,
    'wrong: Bearer [key] and [key]',
  ],
];

describe('failureOf', () => {
  for (const [about, error, isTemporary, words] of CASES) {
    it(`tells ${about}`, () => {
      const failure = failureOf(error, 0);
      assert.deepEqual([failure.isTemporary, failure.words], [isTemporary, words]);
    });
  }
});
