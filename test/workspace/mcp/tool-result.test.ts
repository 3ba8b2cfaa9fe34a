import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { outcomeOf } from '../../../src/workspace/mcp/tool-result.ts';
import { callTool, newHub, scriptedServer, wellBehaved } from './servers.ts';

const same = (text: string): string => text;
const text = (words: string): CallToolResult['content'][number] => ({ type: 'text', text: words });

describe('the answer of a tool', () => {
  it('is its texts in order, with addresses and sizes of what no model reads', () => {
    const content: CallToolResult['content'] = [
      text('first'),
      { type: 'audio', mimeType: 'audio/wav', data: Buffer.from('12345').toString('base64') },
      { type: 'resource_link', uri: 'file:///a', name: 'a', description: 'the first' },
      { type: 'resource', resource: { uri: 'r:1', text: 'of a resource' } },
      { type: 'resource', resource: { uri: 'r:2', mimeType: 'application/zip', blob: 'AAAA' } },
    ];
    assert.deepEqual(outcomeOf({ content }, same), {
      status: 'ok',
      output:
        'first\n[audio/wav, 5 bytes]\n[a: file:///a] the first\n[r:1]\nof a resource\n[r:2: application/zip, 3 bytes]',
    });
  });

  it('holds images as parts, those in resources too', () => {
    const content: CallToolResult['content'] = [
      { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      { type: 'resource', resource: { uri: 'r:3', mimeType: 'image/webp', blob: 'BBBB' } },
    ];
    assert.deepEqual(outcomeOf({ content }, same), {
      status: 'ok',
      output: '',
      parts: [
        { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        { type: 'image', mediaType: 'image/webp', data: 'BBBB', path: 'r:3' },
      ],
    });
  });

  const structured: [string, string[], unknown, string][] = [
    ['alone', [], { a: 1 }, '{"a":1}'],
    ['beside other words', ['a summary'], { a: 1 }, 'a summary\n{"a":1}'],
    ['once where a text says the same', ['{ "a": 1 }'], { a: 1 }, '{ "a": 1 }'],
    ['once where the text is its only value', ['words'], { content: 'words' }, 'words'],
    ['beside a text that only begins like it', ['{ no'], { a: 1 }, '{ no\n{"a":1}'],
  ];
  for (const [what, texts, structuredContent, output] of structured) {
    it(`holds structured content ${what}`, () => {
      const result = { content: texts.map(text), structuredContent } as CallToolResult;
      assert.equal(outcomeOf(result, same).output, output);
    });
  }

  it('is an error when the tool says so, and goes through the mask', () => {
    const outcome = outcomeOf({ content: [text('bad token abc')], isError: true }, (words) =>
      words.replace('abc', '…'),
    );
    assert.deepEqual(outcome, { status: 'error', output: 'bad token …' });
  });

  it('arrives whole when it has megabytes, in pieces that cut characters', async (t) => {
    const hub = newHub(t);
    await hub.connectAll([scriptedServer('s', wellBehaved(['t'], '"é€😀".repeat(400_000)'))]);
    const { output } = await callTool(hub, 'mcp__s__t');
    assert.ok(output === 'é€😀'.repeat(400_000));
  });
});
