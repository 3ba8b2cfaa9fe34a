// What a model reads of a result.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PastResult } from '../../src/agent/past-message.ts';
import { resultText } from '../../src/agent/result-text.ts';
import { MALFORMED_INPUT } from '../../src/agent/tool-input.ts';
import type { ToolCallPart } from '../../src/core/record.ts';
import { ended, running } from '../helpers/past.ts';

const CALL: ToolCallPart = { type: 'tool-call', callId: 'c', name: 'execute_command', input: '{"command":"make"}' };
const BROKEN: ToolCallPart = { ...CALL, input: '{"command":"ma' };
const blob = { hash: 'ab', bytes: 10_000 };
const INTERRUPTED = '[interrupted: the call did not finish; what it had done until then stays done]';

const CASES: [about: string, call: ToolCallPart, result: PastResult | undefined, text: string][] = [
  ['output', CALL, ended('made'), 'made'],
  ['output that was recorded piece by piece', CALL, { end: ended(undefined).end, output: 'a\nb' }, 'a\nb'],
  ['no output', CALL, ended(' \n'), '(no output)'],
  ['an exit code', CALL, ended('no rule', { exitCode: 2 }), 'no rule\n[exit code 2]'],
  ['a failure with its exit code', CALL, ended('no', { status: 'error', exitCode: 2 }), 'no\n[exit code 2]'],
  ['a failure', CALL, ended('no such file', { status: 'error' }), 'no such file\n[the call failed]'],
  ['a denial', CALL, ended(undefined, { status: 'denied' }), '[denied: this call was not allowed and did not run]'],
  ['an interruption', CALL, ended('half', { status: 'interrupted' }), `half\n${INTERRUPTED}`],
  ['a call that never ended', CALL, running('half\n'), `half\n\n${INTERRUPTED}`],
  ['a call of which nothing is known', CALL, undefined, INTERRUPTED],
  ['malformed arguments', BROKEN, undefined, MALFORMED_INPUT],
  ['malformed arguments of a call that ended without a word', BROKEN, ended('', { status: 'error' }), MALFORMED_INPUT],
  ['what was answered to malformed arguments', BROKEN, ended('no', { status: 'error' }), 'no\n[the call failed]'],
  [
    'head and tail of a blob, with the bytes between them',
    CALL,
    ended(undefined, { blob, head: 'äb', tail: 'yz' }),
    'äb\n[… 9995 bytes left out …]\nyz',
  ],
  [
    'a file beside the output',
    CALL,
    ended('see', { parts: [{ type: 'file', path: 'a', text: 'x' }] }),
    'see\n<file path="a">\nx\n</file>',
  ],
];

describe('resultText', () => {
  for (const [about, call, result, text] of CASES) {
    it(`tells ${about}`, () => assert.equal(resultText(call, result), text));
  }

  it('shortens a long output in its middle, at whole characters', () => {
    const text = resultText(CALL, ended(`x${'👋'.repeat(50_000)}`));
    assert.match(text, /^x👋.*👋\n\[… 60002 characters left out …\]\n👋.*👋$/su);
    assert.ok(text.isWellFormed());
    assert.ok(text.length < 40_100);
  });
});
