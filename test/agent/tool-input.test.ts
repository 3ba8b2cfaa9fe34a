// Arguments as models write them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputForRequest, parseToolInput } from '../../src/agent/tool-input.ts';

describe('parseToolInput', () => {
  it('takes an object, and no text as an object without properties', () => {
    assert.deepEqual(parseToolInput('{"a":[1,{"b":null}]}'), { a: [1, { b: null }] });
    assert.deepEqual([parseToolInput(''), parseToolInput(' \n')], [{}, {}]);
  });

  for (const text of [
    '{"a":',
    '[]',
    'null',
    '"text"',
    '7',
    '{"__proto__":{}}',
    '{"a":{"constructor":{"prototype":{}}}}',
  ]) {
    it(`refuses ${text}`, () => assert.equal(parseToolInput(text), null));
  }

  it('refuses what is nested absurdly deep', () => {
    assert.equal(parseToolInput('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)), null);
  });
});

describe('inputForRequest', () => {
  it('keeps the text to the byte', () => {
    const text = ' { "b" : 1.0, "a":"\\u00e9\\ud83d\\udc4b\\\\ud83d" }\n';
    assert.equal(inputForRequest(text).text, text);
  });

  it('keeps the digits of large integers in the object too', () => {
    assert.equal(JSON.stringify(inputForRequest('{"n":12345678901234567890}').value), '{"n":12345678901234567890}');
  });

  it('shows malformed arguments in a stand-in', () => {
    assert.deepEqual(inputForRequest('{"a":"x').value, { malformed_arguments: '{"a":"x' });
  });

  it('replaces half a character and nothing else', () => {
    assert.equal(
      inputForRequest('{"a":"\\ud83d \\uD83D\\uDC4B \\\\ud83d \\udc4b"}').text,
      '{"a":"\\ufffd \\uD83D\\uDC4B \\\\ud83d \\ufffd"}',
    );
  });
});
