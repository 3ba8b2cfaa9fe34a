import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool } from './run-tool.ts';

function tree(test: TestContext, files: Record<string, string>): string {
  const folder = tempFolder(test);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

async function listed(folder: string, input: Record<string, unknown> = {}): Promise<string[]> {
  const { status, output } = await callTool('list_files', folder, input);
  assert.equal(status, 'ok', output);
  return output!.trimEnd().split('\n');
}

test('a folder is listed in order of names, folders and links marked', async (t) => {
  const folder = tree(t, { 'b.ts': '', 'a/x': '', '.hidden': '' });
  symlinkSync('b.ts', join(folder, 'c'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.deepEqual(await listed(folder), [
    '.hidden',
    'a/',
    'b.ts',
    'c (symbolic link)',
    'pipe (pipe, socket or device)',
  ]);
});

test('below a folder the upper parts come first, and circles of links are not walked', async (t) => {
  const folder = tree(t, { 'a/b/deep': '', 'z.ts': '' });
  symlinkSync('..', join(folder, 'a', 'up'));
  assert.deepEqual(await listed(folder, { recursive: true }), [
    'a/',
    'z.ts',
    'a/b/',
    'a/up (symbolic link)',
    'a/b/deep',
  ]);
});

const IGNORES: [what: string, files: Record<string, string>, path: string, shown: string[]][] = [
  [
    'by name and by pattern',
    { '.gitignore': 'dist\n*.log\n', 'dist/x': '', 'a.log': '', 'a.ts': '' },
    '.',
    ['.gitignore', 'a.ts'],
  ],
  [
    'but for exceptions',
    { '.gitignore': '*.log\n!keep.log\n', 'a.log': '', 'keep.log': '' },
    '.',
    ['.gitignore', 'keep.log'],
  ],
  ['from a folder above', { '.gitignore': 'out\n', 'sub/out/x': '', 'sub/a': '' }, 'sub', ['a']],
  [
    'with what a deeper file says going first',
    { '.gitignore': '*.log\n', 'sub/.gitignore': '!*.log\n', 'sub/a.log': '', 'b.log': '' },
    '.',
    ['.gitignore', 'sub/', 'sub/.gitignore', 'sub/a.log'],
  ],
  ['in .git/info/exclude', { '.git/info/exclude': 'mine\n', mine: '', yours: '' }, '.', ['yours']],
  ['always: .git and node_modules', { 'node_modules/x/y': '', 'a/node_modules/z': '' }, '.', ['a/']],
  [
    'unless it is named itself',
    { '.gitignore': 'dist\n', 'dist/a.js': '', 'dist/b/c.js': '' },
    'dist',
    ['a.js', 'b/', 'b/c.js'],
  ],
];
for (const [what, files, path, shown] of IGNORES) {
  test(`what is ignored is left out: ${what}`, async (t) => {
    const folder = tree(t, { '.git/HEAD': 'ref: refs/heads/main\n', ...files });
    assert.deepEqual(await listed(folder, { path, recursive: true }), shown);
  });
}

test('git agrees on what is ignored', async (t) => {
  const rules = [
    '/build/',
    '*.o',
    '!important.o',
    'doc/**/*.pdf',
    'temp?',
    '[ab].txt',
    '# comment',
    ' ',
    '\\#file',
    'a b ',
  ];
  const names = [
    'build/x',
    'src/build/y',
    'm.o',
    'important.o',
    'doc/a/b.pdf',
    'doc/c.pdf',
    'temp1',
    'temp12',
    'a.txt',
    'c.txt',
  ];
  const folder = tree(t, Object.fromEntries([...names, '#file', 'a b'].map((name) => [name, ''])));
  writeFileSync(join(folder, '.gitignore'), `${rules.join('\n')}\n`);
  execFileSync('git', ['init', '-q', folder]);
  const command = ['-C', folder, 'ls-files', '--others', '--exclude-standard'];
  const expected = execFileSync('git', command, { encoding: 'utf8' }).trim().split('\n');
  const files = (await listed(folder, { recursive: true })).filter((line) => !line.endsWith('/'));
  assert.deepEqual(files.toSorted(), expected.toSorted());
});

test('a rule that would take for ever to match is left out', async (t) => {
  const folder = tree(t, { '.gitignore': `${'*a'.repeat(30)}b\n`, ['a'.repeat(200)]: '', '.git/HEAD': '' });
  assert.equal((await listed(folder)).length, 2);
});

test('more names than a model should read are counted', async (t) => {
  const folder = tree(t, Object.fromEntries(Array.from({ length: 1203 }, (_, i) => [`f${i}`, ''])));
  const lines = await listed(folder);
  assert.equal(lines.length, 1001);
  assert.equal(lines.at(-1), '[203 more are not shown. List a folder below, or use search_files.]');
});

test('an empty folder is said to be empty', async (t) => {
  assert.deepEqual(await listed(tempFolder(t)), ['[The folder is empty, or all in it is ignored.]']);
});

test('a name with a line break is one line', async (t) => {
  assert.deepEqual(await listed(tree(t, { 'a\nb': '' })), ['a b']);
});

test('a file, and a name that is not there, are answered in words', async (t) => {
  const folder = tree(t, { 'source/a.ts': '' });
  const answer = async (path: string): Promise<string> => (await callTool('list_files', folder, { path })).output!;
  assert.match(await answer('source/a.ts'), /is not a folder/);
  assert.match(await answer('sources'), /Near names: .*source/);
});

test('a folder that may not be read is said to be so', { skip: process.getuid?.() === 0 }, async (t) => {
  const folder = tree(t, { 'locked/a': '' });
  chmodSync(join(folder, 'locked'), 0);
  try {
    assert.deepEqual(await listed(folder, { recursive: true }), ['locked/', 'locked/ (not readable)']);
  } finally {
    chmodSync(join(folder, 'locked'), 0o700);
  }
});
