// Checkpoint and rewind as a person types them, with the built command, real git and a real project.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../helpers/temp-folder.ts';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));

interface Place {
  project: string;
  roo(args: string[], more?: { input?: string; env?: Record<string, string> }): Ran;
  data<T>(args: string[]): T;
}
interface Ran {
  stdout: string;
  stderr: string;
  status: number | null;
}

function place(t: TestContext): Place {
  const folder = tempFolder(t);
  const project = join(folder, 'project');
  mkdirSync(join(project, 'src'), { recursive: true });
  const env = { ...process.env, ROO_HOME: join(folder, 'home'), HOME: folder, SHELL: '/bin/sh', NO_COLOR: '1' };
  const roo: Place['roo'] = (args, { input = '', env: more = {} } = {}) =>
    spawnSync(process.execPath, [ROO, ...args], { env: { ...env, ...more }, cwd: project, input, encoding: 'utf8' });
  return {
    project,
    roo,
    data(args) {
      const { stdout, status } = roo([...args, '-f', 'json']);
      assert.equal(status, 0, stdout);
      return JSON.parse(stdout).data;
    },
  };
}

test('a project goes back to a checkpoint with its conversation, and forward again', (t) => {
  const { project, roo, data } = place(t);
  const file = join(project, 'src', 'a b.txt');
  writeFileSync(file, 'one');
  writeFileSync(join(project, '.env'), 'KEY=1');
  writeFileSync(join(project, '.gitignore'), 'dist/\n');
  mkdirSync(join(project, 'dist'));
  writeFileSync(join(project, 'dist', 'out'), '1');
  assert.equal(roo(['session', 'save', 'a session']).status, 0);
  roo(['-c'], { input: '!echo first\n' });
  const made = data<{ leftOut: { path: string; reason: string }[] }>(['session', 'checkpoint', 'before']);
  assert.deepEqual(made.leftOut.map(({ path }) => path).toSorted(), ['.env', 'dist/']);
  roo(['-c'], { input: '!echo second\n' });
  writeFileSync(file, 'two');
  writeFileSync(join(project, 'new'), 'new');
  const count = (): number => data<{ messages: unknown[] }>(['session', 'show', '@last']).messages.length;
  const said = count();
  const plan = data<{ changes: { path: string; action: string }[]; done: boolean }>([
    'session',
    'rewind',
    '@last',
    'c1',
    '--dry-run',
  ]);
  assert.deepEqual(
    plan.changes.map(({ path, action }) => [path, action]),
    [
      ['new', 'delete'],
      ['src/a b.txt', 'write'],
    ],
  );
  assert.equal(readFileSync(file, 'utf8'), 'two');
  const done = roo(['session', 'rewind', '@last', 'c1']);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(readFileSync(file, 'utf8'), 'one');
  assert.equal(existsSync(join(project, 'new')), false);
  assert.equal(readFileSync(join(project, '.env'), 'utf8'), 'KEY=1');
  assert.ok(count() < said);
  assert.equal(roo(['session', 'rewind', '@last', '--redo']).status, 0);
  assert.equal(readFileSync(file, 'utf8'), 'two');
  assert.equal(readFileSync(join(project, 'new'), 'utf8'), 'new');
  assert.equal(count(), said);
  const listed = data<{ checkpoints: { name: string; kind: string }[] }>(['session', 'checkpoints', '@last']);
  assert.deepEqual(
    listed.checkpoints.map(({ name, kind }) => [name, kind]),
    [
      ['c1', 'manual'],
      ['c2', 'safety'],
      ['c3', 'safety'],
    ],
  );
});

test('without git there are no checkpoints, it is said why, and everything else goes on', (t) => {
  const { project, roo } = place(t);
  roo(['session', 'save', 'a session']);
  const { status, stderr } = roo(['session', 'checkpoint'], { env: { PATH: project } });
  assert.equal(status, 1);
  assert.match(stderr, /git cannot be run.*\n.*install git/s);
  assert.equal(roo(['session', 'info', '@last'], { env: { PATH: project } }).status, 0);
});

test('where to go back to must be said, and must be there', (t) => {
  const { project, roo } = place(t);
  roo(['session', 'save', 'a session']);
  assert.equal(roo(['session', 'rewind', '@last']).status, 2);
  assert.equal(roo(['session', 'rewind', '@last', 'c9']).status, 3);
  assert.equal(roo(['session', 'rewind', '@last', 'c1', '--redo']).status, 2);
  rmSync(project, { recursive: true });
});
