import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { replaceFile, writeTarget } from '../../../src/workspace/tools/replace-file.ts';
import { replaced } from '../../../src/workspace/tools/text-replacement.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { callTool } from './run-tool.ts';
import type { CallEnd } from './run-tool.ts';

interface Edited extends CallEnd {
  now: string;
}

async function edit(test: TestContext, before: string | Buffer, input: Record<string, unknown>): Promise<Edited> {
  const folder = tempFolder(test);
  const path = join(folder, 'a.txt');
  writeFileSync(path, before);
  const end = await callTool('edit_file', folder, { path: 'a.txt', ...input });
  assert.deepEqual(readdirSync(folder), ['a.txt']);
  return { ...end, now: readFileSync(path, 'utf8') };
}

const EDITS: [what: string, before: string, input: Record<string, unknown>, now: string, at: RegExp][] = [
  ['one piece', 'a\nb\nc\n', { old_text: 'b', new_text: 'x\ny' }, 'a\nx\ny\nc\n', /at line 2\./],
  ['a piece deleted', 'a\nb\nc\n', { old_text: 'b\n', new_text: '' }, 'a\nc\n', /at line 2\./],
  [
    'all pieces, from lines of the old text',
    'b\na\nb b\n',
    { old_text: 'b', new_text: 'b\nb', replace_all: true },
    'b\nb\na\nb\nb b\nb\n',
    /3 places, lines 1, 3, 3\./,
  ],
  [
    'Windows line ends kept',
    'a\r\nb\r\nc\r\n',
    { old_text: 'a\nb', new_text: 'x\ny\nz' },
    'x\r\ny\r\nz\r\nc\r\n',
    /line 1\./,
  ],
  [
    'mixed line ends, where the piece is as given',
    'a\nb\r\nc\n',
    { old_text: 'c\n', new_text: 'd\n' },
    'a\nb\r\nd\n',
    /line 3\./,
  ],
  [
    'mixed line ends, where the piece has the others',
    'a\nb\r\nc\n',
    { old_text: 'b\nc', new_text: 'd\ne' },
    'a\nd\r\ne\n',
    /line 2\./,
  ],
  ['a byte order mark kept', '\ufeffa\n', { old_text: 'a', new_text: 'b' }, '\ufeffb\n', /line 1\./],
  [
    'signs that mean something to a replacement',
    'a\n',
    { old_text: 'a', new_text: "$& $1 $' $$" },
    "$& $1 $' $$\n",
    /line 1\./,
  ],
];
for (const [what, before, input, now, at] of EDITS) {
  test(`an edit: ${what}`, async (t) => {
    const end = await edit(t, before, input);
    assert.equal(end.status, 'ok', end.output);
    assert.equal(end.now, now);
    assert.match(end.output!, at);
  });
}

const REFUSALS: [what: string, before: string | Buffer, input: Record<string, unknown>, words: RegExp][] = [
  ['a piece that stands there twice', 'b\nb\n', { old_text: 'b', new_text: 'c' }, /2 times, at lines 1, 2/],
  [
    'a piece with other white space, with the lines as they are',
    'if (x) {\n\treturn 1;\n}\n',
    { old_text: 'if (x) {\n  return 1;\n}', new_text: 'y' },
    /but for white space begins at line 1:\nif \(x\) \{\n\treturn 1;\n\}$/,
  ],
  [
    'a piece with another word, with the nearest lines',
    'one\nconst limit = readLimit(file);\ntwo\n',
    { old_text: 'const limit = readLimits(path);', new_text: 'y' },
    /nearest text begins at line 2:\nconst limit = readLimit\(file\);$/,
  ],
  ['a piece of something else', 'one\n', { old_text: 'zzzzzzzz', new_text: 'y' }, /nor anything like it/],
  ['no piece', 'one\n', { old_text: '', new_text: 'y' }, /old_text is empty/],
  ['a piece for itself', 'one\n', { old_text: 'one', new_text: 'one' }, /are the same/],
  ['a binary file', Buffer.from([0, 1]), { old_text: 'a', new_text: 'y' }, /binary/],
  ['text that is no UTF-8', Buffer.from('caf\xe9 a', 'latin1'), { old_text: 'a', new_text: 'y' }, /not UTF-8/],
  ['half a character', 'a\n', { old_text: 'a', new_text: '\udc00' }, /half a character/],
];
for (const [what, before, input, words] of REFUSALS) {
  test(`an edit is refused: ${what}`, async (t) => {
    const end = await edit(t, before, input);
    assert.equal(end.status, 'error');
    assert.match(end.output!, words);
    assert.equal(end.now, Buffer.from(before).toString('utf8'));
  });
}

test('the mode of an edited file stays', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'run.sh'), 'a');
  chmodSync(join(folder, 'run.sh'), 0o711);
  await callTool('edit_file', folder, { path: 'run.sh', old_text: 'a', new_text: 'b' });
  assert.equal(statSync(join(folder, 'run.sh')).mode & 0o777, 0o711);
});

test('a replacement that its last check refuses leaves the file and nothing beside it', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'a');
  writeFileSync(path, 'theirs');
  const refuse = async (): Promise<void> => {
    throw new Error('changed');
  };
  await assert.rejects(replaceFile(await writeTarget(path), Buffer.from('ours'), refuse), /changed/);
  assert.equal(readFileSync(path, 'utf8'), 'theirs');
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('a file that somebody else changes all the time loses none of what they wrote', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'a');
  writeFileSync(path, 'start 0');
  let statuses = '';
  for (let i = 1; i <= 20; i++) {
    const running = callTool('edit_file', folder, { path: 'a', old_text: 'start', new_text: 'begin' });
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(path, `start ${i}`);
    const { status, output } = await running;
    statuses += status === 'ok' ? 'o' : 'e';
    if (status === 'error') assert.match(output!, /changed by somebody else/);
    const now = readFileSync(path, 'utf8');
    assert.ok(now === `start ${i}` || now === `begin ${i}`, `${now} in round ${i}`);
    writeFileSync(path, `start ${i}`);
  }
  assert.equal(statuses.length, 20);
});

test('pieces do not overlap', () => {
  assert.deepEqual(replaced('aaa', 'aa', 'b'), { text: 'ba', lines: [1] });
});
