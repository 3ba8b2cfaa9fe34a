import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readProjectContext } from '../../src/workspace/project-context.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const COMMIT = 'a'.repeat(40);

/** A folder with files, which is the root of a repository on the branch main. */
function project(test: TestContext, files: Record<string, string> = {}): string {
  const root = tempFolder(test);
  const all = { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${COMMIT}\n`, ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

test('instructions come from the root down to the working directory, with git branch and commit', async (t) => {
  const root = project(t, {
    'AGENTS.md': 'root',
    'a/b/AGENTS.md': 'deep',
    'a/c/AGENTS.md': 'elsewhere',
    'a/b/d/AGENTS.md': 'below',
  });
  assert.deepEqual(await readProjectContext({ workingDirectory: join(root, 'a', 'b') }), {
    instructions: [
      { path: join(root, 'AGENTS.md'), text: 'root' },
      { path: join(root, 'a', 'b', 'AGENTS.md'), text: 'deep' },
    ],
    skipped: [],
    gitRoot: root,
    gitBranch: 'main',
    gitCommit: COMMIT,
  });
});

test('CLAUDE.md is read where there is no AGENTS.md', async (t) => {
  const root = project(t, { 'CLAUDE.md': 'claude', 'a/AGENTS.md': 'agents', 'a/CLAUDE.md': 'not this' });
  symlinkSync('nowhere', join(root, 'AGENTS.md'));
  const { instructions } = await readProjectContext({ workingDirectory: join(root, 'a') });
  assert.deepEqual(
    instructions.map(({ text }) => text),
    ['claude', 'agents'],
  );
});

test("the user's own instructions come first, outside of a repository too", async (t) => {
  const userFolder = tempFolder(t);
  const workingDirectory = tempFolder(t);
  writeFileSync(join(userFolder, 'AGENTS.md'), 'mine');
  writeFileSync(join(workingDirectory, 'AGENTS.md'), 'its');
  const { instructions, gitRoot } = await readProjectContext({ workingDirectory, userFolder });
  assert.deepEqual(
    instructions.map(({ text }) => text),
    ['mine', 'its'],
  );
  assert.equal(gitRoot, undefined);
});

test('with none of it there is none of it', async (t) => {
  assert.deepEqual(await readProjectContext({ workingDirectory: tempFolder(t) }), { instructions: [], skipped: [] });
});

test('a long file is cut between two characters, and says so', async (t) => {
  const root = project(t, { 'AGENTS.md': `x${'é'.repeat(40_000)}` });
  const [file] = (await readProjectContext({ workingDirectory: root })).instructions;
  assert.match(file!.text, /^xé+\n\[The rest is left out: only the first 32768 bytes are read\.\]$/);
});

test('of many long files the last are left out, and it is said', async (t) => {
  const folders = ['', 'a/', 'a/b/', 'a/b/c/', 'a/b/c/d/'];
  const root = project(t, Object.fromEntries(folders.map((folder) => [`${folder}AGENTS.md`, 'x'.repeat(40_000)])));
  const { instructions, skipped } = await readProjectContext({ workingDirectory: join(root, 'a/b/c/d') });
  assert.ok(instructions.reduce((sum, { text }) => sum + text.length, 0) < 100_000);
  assert.equal(instructions.length + skipped.length, folders.length);
  assert.match(skipped[0]!.reason, /too many/);
});

test('a link within the project is followed, one that leads out of it is not, and it is said', async (t) => {
  const outside = tempFolder(t);
  writeFileSync(join(outside, 'secret'), 'secret');
  const root = project(t, { 'docs/rules.md': 'rules', 'a/x': '', 'b/x': '' });
  symlinkSync('../docs/rules.md', join(root, 'a', 'AGENTS.md'));
  symlinkSync(join(outside, 'secret'), join(root, 'b', 'AGENTS.md'));
  const inside = await readProjectContext({ workingDirectory: join(root, 'a') });
  assert.equal(inside.instructions[0]?.text, 'rules');
  const out = await readProjectContext({ workingDirectory: join(root, 'b') });
  assert.deepEqual(out.instructions, []);
  assert.match(out.skipped[0]!.reason, /link out of the project/);
});

test('a pipe, a folder and a circle of links are said to be what they are, and hang nobody', async (t) => {
  const root = project(t, { 'a/AGENTS.md/x': '', 'a/b/x': '', 'a/b/c/x': '' });
  execFileSync('mkfifo', [join(root, 'AGENTS.md')]);
  symlinkSync('AGENTS.md', join(root, 'a/b/AGENTS.md'));
  const { instructions, skipped } = await readProjectContext({ workingDirectory: join(root, 'a/b') });
  assert.deepEqual(instructions, []);
  assert.deepEqual(
    skipped.map(({ reason }) => reason),
    ['it is a pipe', 'it is a folder', 'its links go round in a circle'],
  );
});

test('what may not be read is said, and keeps nobody from working', { skip: process.getuid?.() === 0 }, async (t) => {
  const root = project(t, { 'AGENTS.md': 'x' });
  chmodSync(join(root, 'AGENTS.md'), 0);
  chmodSync(join(root, '.git/HEAD'), 0);
  const { skipped } = await readProjectContext({ workingDirectory: root });
  assert.equal(skipped.length, 2);
});
