import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool } from './run-tool.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function fileOf(test: TestContext, content: string | Buffer, name = 'a.txt'): string {
  const folder = tempFolder(test);
  writeFileSync(join(folder, name), content);
  return folder;
}

const AS_IT_STANDS: [what: string, content: string, shown: string][] = [
  ['with a break at its end', 'one\ntwo\n', 'one\ntwo\n'],
  ['without one', 'one\ntwo', 'one\ntwo'],
  ['with blank lines', '\n\none\n\n', '\n\none\n\n'],
  ['with Windows line ends, shown as plain ones', 'one\r\ntwo\r\n', 'one\ntwo\n'],
  ['with a byte order mark, which is not shown', '\ufeffone\n', 'one\n'],
  ['of other scripts', 'naïve 接続 👩‍👩‍👧\n', 'naïve 接続 👩‍👩‍👧\n'],
];
for (const [what, content, shown] of AS_IT_STANDS) {
  test(`a text ${what} is shown as it stands`, async (t) => {
    const end = await callTool('read_file', fileOf(t, content), { path: 'a.txt' });
    assert.deepEqual([end.status, end.output], ['ok', shown]);
  });
}

test('an empty file is said to be empty', async (t) => {
  assert.equal((await callTool('read_file', fileOf(t, ''), { path: 'a.txt' })).output, '[The file is empty.]');
});

test('lines in the middle come with a header that says where they are and how to read on', async (t) => {
  const folder = fileOf(t, Array.from({ length: 50 }, (_, i) => `line ${i + 1}\n`).join(''));
  const { output } = await callTool('read_file', folder, { path: 'a.txt', first_line: '11', line_count: 2 });
  assert.match(
    output!,
    /^\[Lines 11 to 12\. The file goes on \(\d+ bytes in all\): read on with first_line 13\.\]\nline 11\nline 12\n$/,
  );
  const last = await callTool('read_file', folder, { path: 'a.txt', first_line: 50 });
  assert.equal(last.output, '[Lines 50 to 50.]\nline 50\n');
  const behind = await callTool('read_file', folder, { path: 'a.txt', first_line: 51 });
  assert.deepEqual([behind.status, behind.output], ['error', 'The file has only 50 lines.']);
});

test('pages follow one another without a gap or a double, whatever the lengths of the lines', async (t) => {
  const lines = Array.from({ length: 3000 }, (_, i) => `${i}: ${'é'.repeat(i % 97)}`);
  const folder = fileOf(t, lines.join('\n'));
  const read: string[] = [];
  for (let next: number | null = 1; next !== null;) {
    const { output } = await callTool('read_file', folder, { path: 'a.txt', first_line: next });
    const [header, body] = output!.startsWith('[') ? output!.split(/(?<=\])\n/, 2) : ['', output!];
    read.push(...body!.replace(/\n$/, '').split('\n'));
    next = Number(/first_line (\d+)/.exec(header!)?.[1] ?? 0) || null;
  }
  assert.deepEqual(read, lines);
});

test('a line of many megabytes is cut between two characters, and said to be', async (t) => {
  const folder = fileOf(t, `${'é'.repeat(4_000_000)}\nnext\n`);
  const { output } = await callTool('read_file', folder, { path: 'a.txt' });
  const [first, second] = output!.split('\n');
  assert.match(first!, /^é+ … \[\d+ more bytes in this line\]$/);
  assert.equal(second, 'next');
});

test('a page ends before a model would be shown less than all of it', async (t) => {
  const { output } = await callTool('read_file', fileOf(t, 'x'.repeat(1000).concat('\n').repeat(500)), {
    path: 'a.txt',
  });
  assert.ok(output!.length < 40_000);
  assert.match(output!, /read on with first_line/);
});

test('bytes that are no UTF-8 are shown as such, and it is said', async (t) => {
  const { output } = await callTool('read_file', fileOf(t, Buffer.from('caf\xe9\n', 'latin1')), { path: 'a.txt' });
  assert.equal(output, '[Some bytes are no UTF-8 text and are shown as \ufffd.]\ncaf\ufffd\n');
});

test('a binary file, and one that is a hole of a terabyte, is refused by its first bytes', async (t) => {
  const folder = fileOf(t, Buffer.from([1, 2, 0, 3]), 'a.bin');
  const hole = openSync(join(folder, 'hole'), 'w');
  ftruncateSync(hole, 2 ** 40);
  closeSync(hole);
  for (const path of ['a.bin', 'hole']) {
    const { status, output } = await callTool('read_file', folder, { path });
    assert.equal(status, 'error');
    assert.match(output!, /is a binary file \(\d+ bytes\)/);
  }
});

test('the beginning of a file of a terabyte is read at once', async (t) => {
  const folder = tempFolder(t);
  const file = openSync(join(folder, 'long'), 'w');
  writeSync(file, 'text\n'.repeat(4000));
  ftruncateSync(file, 2 ** 40);
  closeSync(file);
  const { output } = await callTool('read_file', folder, { path: 'long', line_count: 1 });
  assert.match(output!, /1099511627776 bytes in all.*\ntext\n$/);
});

test('an image comes as an image, whatever its name', async (t) => {
  const end = await callTool('read_file', fileOf(t, PNG, 'a.txt'), { path: 'a.txt' });
  assert.equal(end.status, 'ok');
  const [part] = end.parts!;
  assert.ok(part?.type === 'image');
  assert.deepEqual([part.mediaType, part.data], ['image/png', PNG.toString('base64')]);
});

test('an image of more than 5 MB is refused with what to do', async (t) => {
  const folder = fileOf(t, Buffer.concat([PNG, Buffer.alloc(5 * 1024 * 1024)]), 'a.png');
  const { status, output } = await callTool('read_file', folder, { path: 'a.png' });
  assert.equal(status, 'error');
  assert.match(output!, /more than 5 MB/);
});

test('a file that is not there is answered with names like it', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'source'));
  for (const name of ['session-manager.ts', 'zebra.md']) writeFileSync(join(folder, 'source', name), '');
  symlinkSync('nowhere', join(folder, 'dangling'));
  const missing = async (path: string): Promise<string> => (await callTool('read_file', folder, { path })).output!;
  assert.match(await missing('source/sesion-manager.ts'), /does not exist\. Near names: .*session-manager\.ts\.$/);
  assert.match(await missing('sourc/x/y.ts'), /there is no .*sourc\. Near names: .*source\.$/);
  assert.match(await missing('source/zebra.md/x'), /zebra\.md is not a folder/);
  assert.match(await missing('dangling'), /symbolic link to nothing/);
});

test('a path out of the working directory is read: who may is decided elsewhere', async (t) => {
  const folder = fileOf(t, 'x\n');
  mkdirSync(join(folder, 'sub'));
  assert.equal((await callTool('read_file', join(folder, 'sub'), { path: '../a.txt' })).output, 'x\n');
});
