import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { Part } from '../../src/core/record.ts';
import { commandIn, messageText, oneLine, partText, promptText } from '../../src/core/message-text.ts';

describe('the words of a message', () => {
  it('are those that people read, with a blank line between parts', () => {
    const parts: Part[] = [
      { type: 'thinking', text: 'not this' },
      { type: 'text', text: 'one' },
      { type: 'tool-call', callId: 'c', name: 'bash', input: 'nor this' },
      { type: 'file', path: '/a/b.ts', text: 'of a file' },
      { type: 'file', path: '/a/c.ts' },
      { type: 'image', mediaType: 'image/png', path: '/a/d.png' },
      { type: 'image', mediaType: 'image/png', data: 'AAAA' },
      { type: 'other', kind: 'x', value: 'nor that' },
    ];
    assert.equal(messageText({ parts }), 'one\n\nof a file\n\n@/a/c.ts\n\n@/a/d.png');
    assert.equal(messageText({ parts: [] }), '');
    assert.deepEqual(
      parts.map(partText).map((text) => text !== ''),
      [false, true, false, true, true, true, false, false],
    );
  });
});

describe('a text cut to one line', () => {
  const cases: [text: string, charactersMax: number, line: string][] = [
    ['short', 10, 'short'],
    ['exactly 10', 10, 'exactly 10'],
    ['a little longer', 10, 'a little…'],
    ['  white \n\t space\u00a0 ', 20, 'white space'],
    ['', 10, ''],
    ['\n\n', 10, ''],
    ['12345678👍0', 10, '12345678…'],
    ['1234567👍90', 10, '1234567👍…'],
    ['👍👍👍👍', 4, '👍…'],
  ];
  for (const [text, charactersMax, line] of cases) {
    it(`makes ${JSON.stringify(line)} of ${JSON.stringify(text)}`, () => {
      assert.equal(oneLine(text, charactersMax), line);
    });
  }

  it('is never longer than it may be, and ends in no half character', () => {
    const text = 'a👍b'.repeat(20);
    for (let charactersMax = 3; charactersMax < 70; charactersMax++) {
      const line = oneLine(text, charactersMax);
      assert.ok(line.length <= charactersMax && line.isWellFormed(), `${charactersMax}: ${line}`);
    }
  });

  it('looks at the beginning of a long text only', () => {
    assert.equal(oneLine(' '.repeat(1_000) + 'x', 10), '');
    assert.equal(oneLine('x'.repeat(100_000_000), 10), `${'x'.repeat(9)}…`);
  });
});

test('the command of a call is found whatever its length, and is none where it is no JSON', () => {
  assert.equal(commandIn('{"command":"a \\"b\\" \\\\","x":1}'), 'a "b" \\');
  assert.equal(commandIn('{"command":"ls'), undefined);
  for (const input of ['{"command":"\\x41"}', '{"command":"a\nb"}', '{"command":"\\', '{"other":"a"}', '']) {
    assert.equal(commandIn(input), undefined, input);
    assert.equal(promptText({ parts: [{ type: 'tool-call', callId: 'c', name: 'bash', input }] }), '');
  }
  for (const piece of ['x', String.raw`\n`, String.raw`\"`]) {
    const long = commandIn(`{"command":"${piece.repeat(10_000_000)}"}`)!;
    assert.equal(long.length, 10_000_000);
  }
});
