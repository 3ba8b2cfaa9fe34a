// Arguments as models write them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputObject, inputText, parseToolInput } from '../../src/agent/tool-input.ts';

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

describe('inputText and inputObject', () => {
  it('keeps the text to the byte', () => {
    const text = ' { "b" : 1.0, "a":"\\u00e9\\ud83d\\udc4b\\\\ud83d" }\n';
    assert.equal(inputText(text), text);
  });

  it('keeps the digits of large integers in the object too', () => {
    assert.equal(JSON.stringify(inputObject('{"n":12345678901234567890}')), '{"n":12345678901234567890}');
  });

  it('shows malformed arguments in a stand-in', () => {
    assert.deepEqual(inputObject('{"a":"x'), { malformed_arguments: '{"a":"x' });
  });

  it('replaces half a character and nothing else', () => {
    assert.equal(
      inputText('{"a":"\\ud83d \\uD83D\\uDC4B \\\\ud83d \\udc4b"}'),
      '{"a":"\\ufffd \\uD83D\\uDC4B \\\\ud83d \\ufffd"}',
    );
  });
});
