import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputLines } from '../../../src/workspace/processes/output-lines.ts';

async function linesOf(...pieces: (string | Buffer)[]): Promise<string[]> {
  const feed = async function* (): AsyncGenerator<{ bytes: Uint8Array; endBytes: number }> {
    for (const piece of pieces) yield { bytes: Buffer.from(piece as string), endBytes: 0 };
  };
  const lines: string[] = [];
  for await (const line of outputLines(feed())) lines.push(line);
  return lines;
}

test('a line that comes in pieces is one line', async () => {
  assert.deepEqual(await linesOf('a', 'b\nc', '\n', '\nd'), ['ab', 'c', '', 'd']);
});

test('a character that comes in pieces is one character', async () => {
  const [first, ...rest] = Buffer.from('ü\n');
  assert.deepEqual(await linesOf(Buffer.from([first!]), Buffer.from(rest)), ['ü']);
});

test('bytes that are no UTF-8 are shown as such', async () => {
  assert.deepEqual(await linesOf(Buffer.from([0x61, 0xff, 0x62, 0xc3])), ['a\ufffdb\ufffd']);
});

test('a line without an end comes in several', async () => {
  const lines = await linesOf('x'.repeat(3 << 20), 'y', 'z\n');
  assert.equal(lines.join(''), `${'x'.repeat(3 << 20)}yz`);
  assert.ok(lines.length > 1);
});
