import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool } from './run-tool.ts';

function tree(test: TestContext, files: Record<string, string | Buffer>): string {
  const folder = tempFolder(test);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

async function found(folder: string, input: Record<string, unknown>): Promise<string[]> {
  const { status, output } = await callTool('search_files', folder, input);
  assert.equal(status, 'ok', output);
  return output!.trimEnd().split('\n');
}

const FILES = { 'a.ts': 'one\nTwo three\n', 'src/b.ts': 'three\r\n', 'src/c.md': 'two\nthree' };
const SEARCHES: [what: string, input: Record<string, unknown>, lines: string[]][] = [
  ['all files', { pattern: 'three$' }, ['a.ts:2: Two three', 'src/b.ts:1: three', 'src/c.md:2: three']],
  ['with case', { pattern: 'two' }, ['src/c.md:1: two']],
  ['without case', { pattern: 'two', ignore_case: true }, ['a.ts:2: Two three', 'src/c.md:1: two']],
  ['files of a name', { pattern: 'three', include: '*.ts' }, ['a.ts:2: Two three', 'src/b.ts:1: three']],
  ['files of a path', { pattern: 'three', include: 'src/**' }, ['src/b.ts:1: three', 'src/c.md:2: three']],
  ['a folder', { pattern: 'three', path: 'src', include: '*.md' }, ['c.md:2: three']],
  ['one file', { pattern: 'three', path: 'src/b.ts' }, ['b.ts:1: three']],
  ['with nothing found', { pattern: 'four' }, ['No matches.']],
  ['for empty lines, of which there are none', { pattern: '^$' }, ['No matches.']],
];
for (const [what, input, lines] of SEARCHES) {
  test(`a search: ${what}`, async (t) => {
    assert.deepEqual(await found(tree(t, FILES), input), lines);
  });
}

test('ignored files, links and binary files are not searched; huge ones neither, and it is said', async (t) => {
  const folder = tree(t, {
    '.git/HEAD': 'needle',
    '.gitignore': 'out\n',
    'out/a': 'needle',
    'node_modules/a': 'needle',
    binary: Buffer.from('needle\0'),
    huge: `needle${'x'.repeat(4 * 1024 * 1024)}`,
    good: 'needle',
  });
  symlinkSync('good', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.deepEqual(await found(folder, { pattern: 'needle' }), [
    'good:1: needle',
    '[Not searched: 1 files over 4 MiB.]',
  ]);
});

test('many matches are cut, of a file and in all, and it is said', async (t) => {
  const folder = tree(t, Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}`, 'hit\n'.repeat(60)])));
  const lines = await found(folder, { pattern: 'hit' });
  assert.equal(lines.filter((line) => line.endsWith(': hit')).length, 200);
  assert.equal(lines[50], '[f0 has more matches, which are not shown.]');
  assert.match(lines.at(-1)!, /^\[More than these 200 matches/);
});

test('of a long line the part around the match is shown', async (t) => {
  const folder = tree(t, { a: `${'x'.repeat(100_000)}needle${'y'.repeat(100_000)}` });
  const [line] = await found(folder, { pattern: 'needle' });
  assert.match(line!, /^a:1: … x+needley+ …$/);
  assert.ok(line!.length < 400);
});

test('text that is no UTF-8 is searched all the same', async (t) => {
  const folder = tree(t, { a: Buffer.from('caf\xe9 needle', 'latin1') });
  assert.deepEqual(await found(folder, { pattern: 'needle' }), ['a:1: caf\ufffd needle']);
});

test('a pattern that takes for ever is ended and answered', async (t) => {
  const folder = tree(t, { a: `${'a'.repeat(60)}!` });
  const { status, output } = await callTool('search_files', folder, { pattern: '^(a+)+$' });
  assert.equal(status, 'error');
  assert.match(output!, /takes too long/);
});

test('an interruption ends a search', async (t) => {
  const folder = tree(t, Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, 'x\n'.repeat(100_000)])));
  const stop = new AbortController();
  const running = callTool('search_files', folder, { pattern: 'y' }, { signal: stop.signal });
  setImmediate(() => stop.abort());
  assert.equal((await running).status, 'interrupted');
});

for (const [pattern, words] of [
  ['(', /no regular expression/],
  ['', /is empty/],
  ['a\\nb', /single lines/],
] as const) {
  test(`the pattern ${JSON.stringify(pattern)} is refused in words`, async (t) => {
    const { status, output } = await callTool('search_files', tempFolder(t), { pattern });
    assert.equal(status, 'error');
    assert.match(output!, words);
  });
}
