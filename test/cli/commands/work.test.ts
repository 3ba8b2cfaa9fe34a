// save, load, fork, edit, link, unlink, config of a session

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../../src/core/record.ts';
import type { FakeState } from '../../helpers/fake-sessions.ts';
import { fakeSession, fakeState, ID_A, ID_B } from '../../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../../helpers/run-roo.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

test("save names this project's latest session", async () => {
  const { calls, stdout } = await runRoo([
    'session',
    'save',
    'new name',
    '--tag',
    'a,b',
    '--status',
    'completed',
    '--outcome',
    'done',
  ]);
  const meta = { type: 'meta', name: 'new name', status: 'completed', outcome: 'done', addTags: ['a', 'b'] };
  assert.deepEqual(calls, [['change', ID_A, [meta]]]);
  assert.match(stdout, new RegExp(`^${ID_A}\tlogin fix\tfalse\n$`));
});

test('save means the session that started this command, if one did', async () => {
  const { calls } = await runRoo(['session', 'save', 'x'], { env: { ROO_SESSION: ID_B } });
  assert.deepEqual(calls[0]?.slice(0, 2), ['change', ID_B]);
});

test('a session that $ROO_SESSION names and that is not there is an error, not a reason to make another', async () => {
  const { calls, exitCode } = await runRoo(['session', 'save', 'x'], { env: { ROO_SESSION: 'gone-gone' } });
  assert.equal(exitCode, 3);
  assert.deepEqual(calls, []);
});

test('save makes a session where this project has none, or with --new', async () => {
  for (const options of [{ state: fakeState({ sessions: [] }) }, {}]) {
    const words = ['session', 'save', 'first', '--description', 'd', ...('state' in options ? [] : ['--new'])];
    const { calls, exitCode } = await runRoo(words, options);
    assert.equal(exitCode, 0);
    assert.deepEqual(
      calls.map(([method]) => method),
      ['createSession', 'saveSession', 'change'],
    );
    assert.deepEqual(calls[0], ['createSession', 'first', 'd']);
  }
});

test('save without anything to say is refused, because everything is saved already', async () => {
  assert.equal((await runRoo(['session', 'save'])).exitCode, 2);
});

test('edit changes what it is told to, and nothing without being told', async () => {
  const { calls } = await runRoo(['session', 'edit', '3f2a', '--name', 'x', '--add-tag', 'a', '--remove-tag', 'b,c']);
  assert.deepEqual(calls, [['change', ID_A, [{ type: 'meta', name: 'x', addTags: ['a'], removeTags: ['b', 'c'] }]]]);
  assert.equal((await runRoo(['session', 'edit', '3f2a'])).exitCode, 2);
});

test('link and unlink change the first session', async () => {
  const linked = await runRoo(['session', 'link', '3f2a', '9c01', '--as', 'continues']);
  assert.deepEqual(linked.calls, [
    ['change', ID_A, [{ type: 'meta', addLinks: [{ sessionId: ID_B, kind: 'continues' }] }]],
  ]);
  const links = [
    { sessionId: 'gone', kind: 'related' as const },
    { sessionId: ID_B, kind: 'parent' as const },
  ];
  const state = fakeState({ sessions: [fakeSession({ links }), fakeSession({ id: ID_B, name: 'b' })] });
  const unlinked = await runRoo(['session', 'unlink', ID_A, 'gone'], { state });
  assert.deepEqual(unlinked.calls, [['change', ID_A, [{ type: 'meta', removeLinks: [links[0]] }]]]);
  assert.equal((await runRoo(['session', 'unlink', ID_A, ID_B, '--as', 'related'], { state })).exitCode, 2);
  assert.equal((await runRoo(['session', 'link', ID_A, ID_A])).exitCode, 2);
});

test('fork says where it went', async () => {
  const { calls, stdout } = await runRoo(['session', 'fork', '3f2a', '--at', '12', '--name', 'other'], {
    terminal: { columns: 80 },
  });
  assert.deepEqual(calls, [['fork', ID_A, '12', 'other']]);
  assert.match(stdout, /^forked 3f2a9c1b into 9c01dd42 .* roo -r 9c01dd42$/m);
});

test("a session's preferences are checked, set and taken back", async () => {
  const set = await runRoo(['session', 'config', '3f2a', 'maxHistoryLength', '200']);
  assert.deepEqual(set.calls, [['change', ID_A, [{ type: 'config', patch: { maxHistoryLength: 200 } }]]]);
  const unset = await runRoo(['session', 'config', '3f2a', 'autoSave', '--unset']);
  assert.deepEqual(unset.calls, [['change', ID_A, [{ type: 'config', patch: { autoSave: null } }]]]);
  for (const words of [['maxHistoryLength', 'many'], ['nonsense', '1'], ['outputFormat', 'json'], ['--unset']]) {
    const { exitCode, calls } = await runRoo(['session', 'config', '3f2a', ...words]);
    assert.equal(exitCode, 2, words.join(' '));
    assert.deepEqual(calls, []);
  }
});

test('a preference says whether the session chose it', async () => {
  const state = fakeState({ fold: { config: { autoSave: false, theirs: 1 } } });
  const { stdout } = await runRoo(['session', 'config', ID_A], { state });
  assert.match(stdout, /^autoSave\tfalse\tsession$/m);
  assert.match(stdout, /^autoSaveInterval\t5\tdefault$/m);
  assert.doesNotMatch(stdout, /theirs/);
});

function stateIn(workingDirectory: string): State {
  return {
    workingDirectory,
    environment: {},
    activeProcesses: [],
    openFiles: [],
    watchedFiles: [],
    mcpConnections: [],
  };
}
function withoutFolder(): FakeState {
  return fakeState({ fold: { state: stateIn('/nowhere/gone') } });
}

test('load prints the plan and goes on with the session', async (t) => {
  const cwd = tempFolder(t);
  const state = fakeState({ sessions: [fakeSession({ workingDirectory: cwd })] });
  state.fold.state = stateIn(cwd);
  state.fold.openCalls = { c9: { name: 'bash', input: '', at: '' } };
  state.fold.config = { maxHistoryLength: 10 };
  const { stdout, interactive } = await runRoo(['session', 'load', ID_A], { state, cwd });
  assert.deepEqual(interactive, {
    mode: 'resume',
    ref: ID_A,
    fork: false,
    ephemeral: false,
    model: null,
    allow: [],
    only: [],
    agreed: true,
  });
  assert.match(stdout, /^conversation\tload\t4 messages\t/m);
  assert.match(stdout, /^conversation\tmark-interrupted\tbash \(c9\)\t/m);
  assert.match(stdout, new RegExp(`^cwd\tstay\t${cwd}\t`, 'm'));
  assert.match(stdout, /^config\tapply\tmaxHistoryLength = 10\t/m);
});

test('load --dry-run gives the same plan and does nothing', async () => {
  const result = await runRoo(['session', 'load', ID_A, '--dry-run', '-f', 'json'], { state: withoutFolder() });
  const { data } = envelopeOf(result);
  assert.equal(data?.['done'], false);
  assert.deepEqual(
    listIn<{ kind: string; action: string }>(envelopeOf(result), 'plan').map(({ kind, action }) => [kind, action]),
    [
      ['conversation', 'load'],
      ['cwd', 'missing'],
    ],
  );
  assert.equal(result.interactive, null);
  assert.deepEqual(result.calls, []);
});

test('load --no-interactive checks that the session loads', async () => {
  const { calls, interactive, exitCode } = await runRoo(['session', 'load', ID_A, '--no-interactive']);
  assert.deepEqual(calls, [['loadSession', ID_A]]);
  assert.equal(interactive, null);
  assert.equal(exitCode, 0);
});

test('a session whose folder is gone goes on elsewhere only after a yes', async () => {
  const load = ['session', 'load', ID_A];
  const state = withoutFolder();
  const unasked = await runRoo(load, { state });
  assert.equal(unasked.exitCode, 2);
  assert.equal(unasked.interactive, null);
  assert.equal((await runRoo(load, { state, terminal: { columns: 80, typed: '\n' } })).interactive, null);
  assert.notEqual((await runRoo(load, { state, terminal: { columns: 80, typed: 'y\n' } })).interactive, null);
  assert.notEqual((await runRoo([...load, '--yes'], { state })).interactive, null);
});
