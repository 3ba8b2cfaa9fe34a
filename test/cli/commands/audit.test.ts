// audit, and what edit and info say of a session that is read-only

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { fakeState, ID_A, ID_B } from '../../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../../helpers/run-roo.ts';

const problem = { file: 'audit-000000000001.jsonl', line: 3, reason: 'line number 3 is missing before this one' };

test('audit lists what was done, oldest first', async () => {
  const envelope = envelopeOf(await runRoo(['session', 'audit', '-f', 'json']));
  const ops = listIn<{ op: string }>(envelope, 'entries').map(({ op }) => op);
  assert.deepEqual(ops, ['create', 'read']);
});

test('audit of a session has its entries only, and -n the last of them', async () => {
  const one = ['session', 'audit', ID_A, '-f', 'json'];
  assert.equal(listIn(envelopeOf(await runRoo(one)), 'entries').length, 2);
  assert.equal(listIn(envelopeOf(await runRoo([...one, '-n', '1'])), 'entries').length, 1);
  assert.equal(listIn(envelopeOf(await runRoo(['session', 'audit', ID_B, '-f', 'json'])), 'entries').length, 0);
});

test('audit knows a session that is gone by its entries', async () => {
  const state = fakeState({ sessions: [] });
  const { exitCode, stdout } = await runRoo(['session', 'audit', ID_A.slice(0, 6), '-f', 'jsonl'], { state });
  assert.equal(exitCode, 0);
  assert.equal(stdout.trim().split('\n').length, 2);
  assert.equal((await runRoo(['session', 'audit', 'nothing'], { state })).exitCode, 3);
});

test('audit --verify says that the log is as it was written, or where it is not, with status 5', async () => {
  const good = await runRoo(['session', 'audit', '--verify', '-f', 'json']);
  assert.equal(good.exitCode, 0);
  assert.deepEqual(envelopeOf(good).data, { ok: true, entries: 2, files: 1, problems: [] });
  const state = fakeState({ auditProblems: [problem] });
  const bad = await runRoo(['session', 'audit', '--verify', '-f', 'json'], { state });
  assert.equal(bad.exitCode, 5);
  assert.deepEqual(envelopeOf(bad).data, { ok: false, entries: 2, files: 1, problems: [problem] });
  assert.equal(envelopeOf(bad).warnings[0]!['code'], 'AUDIT_CHANGED');
});

test('audit --verify tells a person so in a sentence', async () => {
  const { stdout } = await runRoo(['session', 'audit', '--verify'], { terminal: { columns: 80 } });
  assert.equal(stdout, '2 deeds in 1 file, as they were written.\n');
});

for (const [flag, value] of [
  ['--read-only', true],
  ['--writable', null],
] as const) {
  test(`edit ${flag} is a preference of the session, beside what else is changed`, async () => {
    const { calls } = await runRoo(['session', 'edit', ID_A, flag, '--name', 'x']);
    const records = [
      { type: 'meta', name: 'x' },
      { type: 'config', patch: { readOnly: value } },
    ];
    assert.deepEqual(calls, [['change', ID_A, records]]);
  });
}

test('edit takes --read-only or --writable, not both', async () => {
  assert.equal((await runRoo(['session', 'edit', ID_A, '--read-only', '--writable'])).exitCode, 2);
});

test('info says that a session is read-only', async () => {
  const state = fakeState({ fold: { config: { readOnly: true } } });
  assert.equal(envelopeOf(await runRoo(['session', 'info', ID_A, '-f', 'json'], { state })).data!['readOnly'], true);
  const { stdout } = await runRoo(['session', 'info', ID_A], { state, terminal: { columns: 100 } });
  assert.match(stripVTControlCharacters(stdout), /Read-only +yes/);
});
