import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { mentionedFiles } from '../../src/workspace/mentioned-files.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const GIF = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64');

function tree(test: TestContext, files: Record<string, string | Buffer>): string {
  const folder = tempFolder(test);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const FILES = { 'a.ts': 'A', 'src/b.ts': 'B', 'my file.txt': 'M', 'odd).md': 'O', '@types/node': 'T', LICENSE: 'L' };
const PROMPTS: [prompt: string, mentions: [path: string, status: string][]][] = [
  ['look at @a.ts', [['a.ts', 'added']]],
  [
    '@a.ts and @src/b.ts.',
    [
      ['a.ts', 'added'],
      ['src/b.ts', 'added'],
    ],
  ],
  [
    '(see @a.ts), or @./src/b.ts?!',
    [
      ['a.ts', 'added'],
      ['./src/b.ts', 'added'],
    ],
  ],
  ['twice: @a.ts @./a.ts', [['a.ts', 'added']]],
  ['with spaces: @"my file.txt", quoted', [['my file.txt', 'added']]],
  ['a name with its own bracket: @odd).md', [['odd).md', 'added']]],
  ['without an extension @LICENSE', [['LICENSE', 'added']]],
  ['in `@a.ts`', [['a.ts', 'added']]],
  ['a package that is there @@types/node', [['@types/node', 'added']]],
  ['mail a@a.ts or x.y@a.ts', []],
  ['a package @babel/core, @types/node@1.2 and somebody @anna', []],
  ['mistyped @src/c.ts: there is none', [['src/c.ts', 'missing']]],
  [
    'mistyped @./none and @"no such"',
    [
      ['./none', 'missing'],
      ['no such', 'missing'],
    ],
  ],
  ['an at sign @ alone, @, and @.', []],
  ['NUL @a\0b.ts', []],
  ['a decorator:\n@Component({ a: 1 })', []],
];
for (const [prompt, mentions] of PROMPTS) {
  test(`mentions in: ${JSON.stringify(prompt)}`, async (t) => {
    const found = await mentionedFiles(prompt, tree(t, FILES));
    assert.deepEqual(
      found.mentions.map(({ path, status }) => [path, status]),
      mentions,
    );
    assert.equal(found.parts.length, mentions.filter(([, status]) => status === 'added').length);
  });
}

test('a text file comes with its text, an image as an image whatever its name, a folder as its names', async (t) => {
  const folder = tree(t, { 'a.ts': 'A', pic: GIF, 'sub/x': '', 'sub/y/z': '' });
  const { parts } = await mentionedFiles('@a.ts @pic @sub/', folder);
  assert.deepEqual(parts, [
    { type: 'file', path: 'a.ts', mediaType: 'text/plain', text: 'A' },
    { type: 'image', mediaType: 'image/gif', data: GIF.toString('base64'), path: 'pic' },
    { type: 'file', path: 'sub/', mediaType: 'inode/directory', text: 'x\ny/' },
  ]);
});

test('what is binary, too large, a pipe or a device is said to be so, and hangs nobody', async (t) => {
  const folder = tree(t, {
    bin: Buffer.from([1, 0]),
    long: 'x'.repeat(300_000),
    'big.png': Buffer.concat([GIF, Buffer.alloc(6_000_000)]),
  });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('nowhere', join(folder, 'dangling.ts'));
  const { parts, mentions } = await mentionedFiles('@bin @long @big.png @pipe @/dev/zero @dangling.ts', folder);
  assert.deepEqual(parts, []);
  assert.deepEqual(
    mentions.map(({ status }) => status),
    ['binary', 'too-large', 'too-large', 'unreadable', 'unreadable', 'missing'],
  );
});

test('all files of a prompt together have a limit', async (t) => {
  const image = Buffer.concat([GIF, Buffer.alloc(4_500_000)]);
  const { mentions } = await mentionedFiles('@a @b @c', tree(t, { a: image, b: image, c: image }));
  assert.deepEqual(
    mentions.map(({ status }) => status),
    ['added', 'too-large', 'too-large'],
  );
});

test('a prompt of a megabyte of at signs is read in good time', async (t) => {
  const { mentions } = await mentionedFiles(`${'@'.repeat(1_000_000)} ${'"@"'.repeat(100_000)}`, tempFolder(t));
  assert.deepEqual(mentions, []);
});
