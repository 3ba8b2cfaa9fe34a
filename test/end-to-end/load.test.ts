// `roo session load` as it is run: the plan it prints is the plan it carries out, and a real shell goes where it says.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../helpers/temp-folder.ts';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));

interface Place {
  folder: string;
  project: string;
  env: NodeJS.ProcessEnv;
}

interface Row {
  kind: string;
  action: string;
  target: string;
  status?: string;
}
interface Loaded {
  data: { plan: Row[]; results: Row[]; done: boolean };
}

/** A session that was in a repository with a remote, and then left it. */
function place(t: TestContext): Place {
  const folder = tempFolder(t);
  const project = join(folder, "it's $(a) project");
  mkdirSync(project);
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: project });
  execFileSync('git', ['remote', 'add', 'origin', 'git@example.test:me/shop.git'], { cwd: project });
  const { ROO_SESSION: _, ...inherited } = process.env;
  const env = { ...inherited, ROO_HOME: join(folder, 'home'), HOME: folder, SHELL: '/bin/sh', NO_COLOR: '1' };
  const at = { folder, project, env };
  assert.equal(roo({ ...at, env: { ...env, NODE_ENV: "it's $(touch pwned)" } }, project, [], 'a note\n').status, 0);
  return at;
}

function roo(
  { env }: Place,
  cwd: string,
  args: string[],
  input = '',
): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [ROO, ...args], { env, cwd, input, encoding: 'utf8' });
}

function sessionId(at: Place): string {
  const { stdout } = roo(at, at.folder, ['session', 'list', '--all', '-f', 'json']);
  return (JSON.parse(stdout) as { data: { sessions: { id: string }[] } }).data.sessions[0]!.id;
}

function loaded(at: Place, cwd: string, args: string[]): Loaded['data'] {
  const { stdout, stderr } = roo(at, cwd, ['session', 'load', sessionId(at), ...args, '-f', 'json']);
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as Loaded).data;
}

const rows = (all: Row[]): [string, string, string][] => all.map(({ kind, action, target }) => [kind, action, target]);

test('what --dry-run prints is what load carries out, each action with its result', (t) => {
  const at = place(t);
  const dry = loaded(at, at.folder, ['--dry-run']);
  assert.equal(dry.done, false);
  assert.deepEqual(
    rows(dry.plan).filter(([kind]) => kind !== 'env'),
    [
      ['conversation', 'load', '1 message'],
      ['cwd', 'enter', at.project],
    ],
  );
  const run = loaded(at, at.folder, []);
  assert.deepEqual(rows(run.plan), rows(dry.plan));
  assert.deepEqual(rows(run.results), rows(dry.plan));
  assert.ok(run.results.every(({ status }) => status === 'done'));
  assert.deepEqual(
    loaded(at, at.folder, ['--dry-run', '--only', 'env']).plan.map(({ kind }) => kind),
    ['conversation', 'env'],
  );
});

test('a shell that evaluates the lines stands in the folder with the environment, and runs nothing else', (t) => {
  const at = place(t);
  const script = `eval "$("$NODE" "$ROO" session load "$ID" --shell bash)" && printf '%s\\0' "$PWD" "$NODE_ENV" "$ROO_SESSION"`;
  const id = sessionId(at);
  const env = { ...at.env, NODE: process.execPath, ROO, ID: id };
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { env, cwd: at.folder, encoding: 'utf8' });
  assert.deepEqual(stdout.split('\0'), [at.project, "it's $(touch pwned)", id, ''], stderr);
  assert.throws(() => rmSync(join(at.folder, 'pwned')), { code: 'ENOENT' });
});

test('a project that moved is found, taken only after a yes, and remembered', (t) => {
  const at = place(t);
  const moved = join(at.folder, 'moved');
  renameSync(at.project, moved);
  const dry = loaded(at, at.folder, ['--dry-run', '--only', 'cwd']);
  assert.deepEqual(rows(dry.plan).at(-1), ['cwd', 'move', moved]);
  const unasked = roo(at, at.folder, ['session', 'load', sessionId(at), '--shell', 'bash']);
  assert.equal(unasked.status, 2);
  assert.equal(unasked.stdout, '');
  assert.equal(loaded(at, at.folder, ['--only', 'cwd']).results.at(-1)!.status, 'skipped');
  assert.equal(loaded(at, at.folder, ['--only', 'cwd', '--yes']).results.at(-1)!.status, 'done');
  assert.deepEqual(rows(loaded(at, at.folder, ['--dry-run', '--only', 'cwd']).plan).at(-1), ['cwd', 'enter', moved]);
});

test('another project in the place of the session is never entered silently', (t) => {
  const at = place(t);
  execFileSync('git', ['remote', 'set-url', 'origin', 'git@example.test:you/other.git'], { cwd: at.project });
  assert.deepEqual(rows(loaded(at, at.folder, ['--dry-run', '--only', 'cwd']).plan).at(-1), [
    'cwd',
    'other',
    at.project,
  ]);
  assert.equal(roo(at, at.folder, ['session', 'load', sessionId(at)], '/exit\n').status, 2);
});

test('a folder that is gone keeps nothing else from being restored', (t) => {
  const at = place(t);
  const id = sessionId(at);
  rmSync(at.project, { recursive: true });
  const { plan, results } = loaded(at, at.folder, []);
  assert.deepEqual(rows(plan)[1], ['cwd', 'missing', at.project]);
  assert.equal(results[1]!.status, 'skipped');
  assert.equal(results[0]!.status, 'done');
  assert.equal(roo(at, at.folder, ['session', 'load', id, '--yes'], '/exit\n').status, 0);
});
