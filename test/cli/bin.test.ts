// bin/roo.cjs in made-up installations, run by this node or by one that claims to be old.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { tempFolder } from '../helpers/temp-folder.ts';

const BIN = new URL('../../bin/roo.cjs', import.meta.url);
const MAIN = `
  process.stdout.write(process.argv.slice(2).join(' '));
  if (process.argv[2] === 'kill') process.kill(process.pid, 'SIGTERM');
  process.exitCode = 7;
`;
/** Loaded first; a child started by path does not inherit it. */
const OLD = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });`;

interface Installation {
  run(
    node: 'new' | 'old',
    ...words: string[]
  ): { status: number | null; signal: string | null; stdout: string; stderr: string };
}

/** `nodeVersion`: that of the npm package `node` in the folder above, if there is one. */
function install(t: TestContext, nodeVersion?: string): Installation {
  const folder = tempFolder(t);
  const root = join(folder, 'project', 'node_modules', 'roo-cli');
  for (const name of ['bin', 'dist']) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(BIN, join(root, 'bin', 'roo.cjs'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'dist', 'main.cjs'), MAIN);
  writeFileSync(join(folder, 'old.cjs'), OLD);
  if (nodeVersion !== undefined) {
    const node = join(folder, 'project', 'node_modules', 'node');
    mkdirSync(join(node, 'bin'), { recursive: true });
    writeFileSync(join(node, 'package.json'), JSON.stringify({ version: nodeVersion }));
    symlinkSync(process.execPath, join(node, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
  }
  return {
    run(node, ...words) {
      const preload = node === 'old' ? ['--require', join(folder, 'old.cjs')] : [];
      return spawnSync(process.execPath, [...preload, join(root, 'bin', 'roo.cjs'), ...words], { encoding: 'utf8' });
    },
  };
}

test('a new node runs roo', (t) => {
  const { status, stdout } = install(t).run('new', 'session', 'list');
  assert.equal(stdout, 'session list');
  assert.equal(status, 7);
});

test('an old node alone says what is needed and how to get it', (t) => {
  const { status, stdout, stderr } = install(t).run('old', 'session', 'list');
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /this is node 20\.1\.0, and roo needs node 24 or newer/);
  for (const way of ['npm install', 'nvm install', 'fnm install', 'volta install', 'npx roo'])
    assert.ok(stderr.includes(way), way);
});

test('an old node hands over to a new one that is installed beside roo, and passes its exit code on', (t) => {
  const { status, stdout } = install(t, '24.1.0').run('old', 'a b', '--c');
  assert.equal(stdout, 'a b --c');
  assert.equal(status, 7);
});

test('a signal that ends the new node ends the old one', { skip: process.platform === 'win32' }, (t) => {
  assert.equal(install(t, '24.1.0').run('old', 'kill').signal, 'SIGTERM');
});

test('a node beside roo that is old itself is no help', (t) => {
  const { status, stderr } = install(t, '20.9.0').run('old');
  assert.equal(status, 1);
  assert.match(stderr, /needs node 24/);
});

test('compiled code is kept in a store that is there, and begins none', (t) => {
  const home = tempFolder(t);
  const roo = install(t);
  process.env['ROO_HOME'] = home;
  t.after(() => delete process.env['ROO_HOME']);
  roo.run('new');
  assert.deepEqual(readdirSync(home), []);
  mkdirSync(join(home, 'state'));
  assert.equal(roo.run('new').status, 7);
  assert.deepEqual(readdirSync(join(home, 'state')), ['compiled']);
});

test('the file keeps to what the oldest node can read', () => {
  const code = readFileSync(BIN, 'utf8').replace(/^\s*(\/\/|\/\*|#).*$/gm, '');
  assert.doesNotMatch(code, /=>|`|\b(const|let|class|async|import)\b|\.\.\./);
});
