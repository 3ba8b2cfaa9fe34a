import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { LINE_BYTES_MAX, readLines } from '../../src/adapters/line-reader.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'roo-lines-'));
after(() => rmSync(folder, { recursive: true }));

async function linesOf(...pieces: (string | Buffer)[]): Promise<unknown[]> {
  const file = path.join(folder, 'file');
  writeFileSync(file, Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  const lines: unknown[] = [];
  for await (const line of readLines(file)) {
    const { offsetBytes, lengthBytes } = line;
    lines.push([line.line, offsetBytes, lengthBytes, 'text' in line ? line.text : { damage: line.damage }]);
  }
  return lines;
}

describe('reading lines with their places', () => {
  it('counts lines from 1 and places in bytes, without line breaks, blank lines and a byte order mark', async () => {
    assert.deepEqual(await linesOf('\uFEFFé\r\n\n  \nb'), [
      [1, 3, 2, 'é'],
      [4, 11, 1, 'b'],
    ]);
    assert.deepEqual(await linesOf(''), []);
  });

  it('joins a line that lies across the chunks it reads', async () => {
    const long = '漢'.repeat(200_000);
    assert.deepEqual(await linesOf('a\n', long, '\nb\n'), [
      [1, 0, 1, 'a'],
      [2, 2, 600_000, long],
      [3, 600_003, 1, 'b'],
    ]);
  });

  it('reports bytes that are no text, and reads what stands beside NUL bytes', async () => {
    assert.deepEqual(await linesOf('a\n', Buffer.from([0xff]), '\nb', Buffer.alloc(3), 'c\n'), [
      [1, 0, 1, 'a'],
      [2, 2, 1, { damage: 'not valid UTF-8' }],
      [3, 4, 1, 'b'],
      [3, 5, 3, { damage: 'NUL bytes' }],
      [3, 8, 1, 'c'],
    ]);
    assert.deepEqual(await linesOf('a\n', Buffer.from('é').subarray(0, 1)), [
      [1, 0, 1, 'a'],
      [2, 2, 1, { damage: 'cut off in the middle of a character' }],
    ]);
  });

  it('gives the place of a line that is too long to hold, and goes on after it', async () => {
    const lines = await linesOf(Buffer.alloc(LINE_BYTES_MAX + 1, 'x'), '\nb\n');
    assert.deepEqual(lines, [
      [1, 0, LINE_BYTES_MAX + 1, { damage: `longer than ${LINE_BYTES_MAX} bytes` }],
      [2, LINE_BYTES_MAX + 2, 1, 'b'],
    ]);
  });

  it('fails on a file that cannot be read', async () => {
    for (const file of [path.join(folder, 'missing'), folder]) {
      await assert.rejects(readLines(file).next(), { code: 'STORE_UNREADABLE', path: file });
    }
  });
});
