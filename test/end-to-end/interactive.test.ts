// The built command as a person runs it: through pipes, killed, and gone on with. `npm test` builds it first.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROO = fileURLToPath(new URL('../../bin/roo.cjs', import.meta.url));

interface Place {
  env: NodeJS.ProcessEnv;
  cwd: string;
  sessions: string;
}

function place(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'roo-end-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const cwd = join(folder, 'project');
  mkdirSync(cwd);
  const env = { ...process.env, ROO_HOME: join(folder, 'home'), HOME: folder, SHELL: '/bin/sh', NO_COLOR: '1' };
  return { env, cwd, sessions: join(folder, 'home', 'sessions') };
}

function roo(
  { env, cwd }: Place,
  args: string[],
  input = '',
): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [ROO, ...args], { env, cwd, input, encoding: 'utf8' });
}

/** Starts the interactive command line, types lines, and waits until it has printed something. */
async function started({ env, cwd }: Place, lines: string, printed: string): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(process.execPath, [ROO], { env, cwd });
  child.stdin.write(lines);
  let seen = '';
  for await (const chunk of child.stdout) {
    seen += String(chunk);
    if (seen.includes(printed)) return child;
  }
  throw new Error(`it ended without printing ${printed}: ${seen}`);
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.on('exit', (code) => resolve(code)));
}

interface Shown {
  parts: { type: string; text?: string; status?: string; output?: string; exitCode?: number }[];
}

function shown(at: Place): Shown[] {
  const { stdout } = roo(at, ['session', 'show', '@last', '-f', 'json']);
  return (JSON.parse(stdout) as { data: { messages: Shown[] } }).data.messages;
}

function records({ sessions }: Place): { type: string }[] {
  const names = readdirSync(sessions).filter((name) => name.endsWith('.json.gz'));
  return names.flatMap((name) => {
    const lines = gunzipSync(readFileSync(join(sessions, name)))
      .toString()
      .trimEnd()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as { type: string });
  });
}

test('notes and commands are recorded, and -c goes on with them', (t) => {
  const at = place(t);
  const first = roo(at, [], 'look at the parser\n!echo out; echo err >&2; exit 3\n');
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^noted$/m);
  assert.match(first.stdout, /^exit code 3$/m);
  assert.match(first.stdout, /come back with: roo -r [0-9a-f]{8}/);
  assert.equal(roo(at, ['-c'], 'and the lexer\n').status, 0);
  const messages = shown(at);
  assert.deepEqual(
    messages.map(({ parts }) => parts[0]!.text ?? parts[0]!.type),
    ['look at the parser', 'tool-call', 'and the lexer'],
  );
  const { status, output, exitCode } = messages[1]!.parts[1]!;
  assert.deepEqual({ status, output, exitCode }, { status: 'error', output: 'out\nerr\n', exitCode: 3 });
});

test('a session killed in the middle of a command comes back whole, and says what was interrupted', async (t) => {
  const at = place(t);
  const child = await started(at, 'before\n!echo begun; exec sleep 2\n', 'begun');
  // Output that is half a second old is on disk.
  await new Promise((resolve) => setTimeout(resolve, 900));
  const killed = ended(child);
  child.kill('SIGKILL');
  await killed;
  const again = roo(at, ['-c'], 'after\n');
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /interrupted: execute_command echo begun; exec sleep 2/);
  const messages = shown(at);
  assert.deepEqual(
    messages.map(({ parts }) => parts[0]!.text ?? parts[0]!.type),
    ['before', 'tool-call', 'after'],
  );
  assert.equal(messages[1]!.parts[1]!.status, 'interrupted');
  assert.equal(messages[1]!.parts[1]!.output, 'begun\n');
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} loses nothing`, async (t) => {
    const at = place(t);
    const child = await started(at, 'a note\n', 'noted');
    child.kill(signal);
    await ended(child);
    assert.equal(shown(at)[0]!.parts[0]!.text, 'a note');
    assert.equal(records(at).at(-2)!.type, 'close');
  });
}

test('Ctrl-C ends the command and not the session', async (t) => {
  const at = place(t);
  const child = await started(at, '!echo begun; sleep 30\n', 'begun');
  child.kill('SIGINT');
  child.stdin.end('still here\n');
  assert.equal(await ended(child), 0);
  const messages = shown(at);
  assert.equal(messages[0]!.parts[1]!.status, 'interrupted');
  assert.equal(messages[1]!.parts[0]!.text, 'still here');
});

test('the second to open a session is told at once who has it, and can still tag it', async (t) => {
  const at = place(t);
  const child = await started(at, 'mine\n', 'noted');
  const id = (JSON.parse(roo(at, ['session', 'list', '-f', 'json']).stdout) as { data: { sessions: { id: string }[] } })
    .data.sessions[0]!.id;
  const second = roo(at, ['-r', id], 'not mine\n');
  assert.equal(second.status, 4);
  assert.match(second.stderr, /is being written by process/);
  assert.equal(roo(at, ['session', 'edit', id, '--add-tag', 'later']).status, 0);
  assert.match(roo(at, ['session', 'info', id]).stdout, /^tags\tlater$/m);
  child.stdin.end();
  assert.equal(await ended(child), 0);
  assert.match(roo(at, ['session', 'info', id]).stdout, /^tags\tlater$/m);
});

test('--ephemeral keeps nothing', (t) => {
  const at = place(t);
  assert.equal(roo(at, ['--ephemeral'], 'secret\n!echo secret\n').status, 0);
  assert.equal(roo(at, ['session', 'list', '--all']).stdout, '');
});
