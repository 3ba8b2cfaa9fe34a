// The built command as a person runs it: through pipes, killed, and gone on with. `npm test` builds it first.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ended, place, records, roo, shown, started } from '../helpers/built-roo.ts';

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
  const child = await started(t, at, 'before\n!echo begun; exec sleep 2\n', 'begun');
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
    const child = await started(t, at, 'a note\n', 'noted');
    child.kill(signal);
    await ended(child);
    assert.equal(shown(at)[0]!.parts[0]!.text, 'a note');
    assert.equal(records(at).at(-2)!.type, 'close');
  });
}

test('Ctrl-C ends the command and not the session', async (t) => {
  const at = place(t);
  const child = await started(t, at, '!echo begun; sleep 30\n', 'begun');
  child.kill('SIGINT');
  child.stdin.end('still here\n');
  assert.equal(await ended(child), 0);
  const messages = shown(at);
  assert.equal(messages[0]!.parts[1]!.status, 'interrupted');
  assert.equal(messages[1]!.parts[0]!.text, 'still here');
});

test('the second to open a session is told at once who has it, and can still tag it', async (t) => {
  const at = place(t);
  const child = await started(t, at, 'mine\n', 'noted');
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
