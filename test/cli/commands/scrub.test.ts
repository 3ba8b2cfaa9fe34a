import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionError } from '../../../src/core/errors.ts';
import { fakeState, ID_A, ID_B } from '../../helpers/fake-sessions.ts';
import { envelopeOf, listIn, runRoo } from '../../helpers/run-roo.ts';

test('scrub says of each session what went, what was removed and what remains', async () => {
  const { stdout, exitCode, calls } = await runRoo(['session', 'scrub', '3f2a', '--yes', '-f', 'table']);
  assert.equal(exitCode, 0);
  assert.match(stdout, /2 secrets \(2 github-token\) taken out of 1 record, 1 large part, 1 other file; removed: \S+;/);
  assert.match(stdout, /what remains: copies in backups\n$/);
  assert.deepEqual(calls, [['scrub', [ID_A], 'remove']]);
});

test('a dry run says what would go, and asks nobody', async () => {
  const result = await runRoo(['session', 'scrub', '3f2a', '--dry-run', '-f', 'json']);
  assert.deepEqual(result.calls, [['scrubPreview', [ID_A]]]);
  const { data } = envelopeOf(result);
  assert.equal(data?.['done'], false);
  assert.deepEqual(
    listIn<{ status: string }>(envelopeOf(result), 'scrubbed').map(({ status }) => status),
    ['found'],
  );
  const { stdout } = await runRoo(['session', 'scrub', '3f2a', '--dry-run', '-f', 'table']);
  assert.match(stdout, /would go from 1 record.*would be removed/);
});

test('originals are kept where that is wanted', async () => {
  const { calls } = await runRoo(['session', 'scrub', '3f2a', '--keep-originals', '--yes']);
  assert.deepEqual(calls, [['scrub', [ID_A], 'keep']]);
});

test('scrub wants sessions, --all or --trash, and one of them', async () => {
  for (const words of [[], ['3f2a', '--all'], ['--trash', '--all']]) {
    const { exitCode, calls } = await runRoo(['session', 'scrub', ...words, '--yes']);
    assert.equal(exitCode, 2);
    assert.deepEqual(calls, []);
  }
});

test('a session in the trash is found as well', async () => {
  const trash = [{ id: 'dddd1111', name: 'old', deletedAt: '2025-11-01', expiresAt: '2025-12-01', bytes: 5 }];
  for (const which of ['old', '--trash']) {
    const { calls } = await runRoo(['session', 'scrub', which, '--yes'], { state: fakeState({ trash }) });
    assert.deepEqual(calls, [['scrub', ['dddd1111'], 'remove']]);
  }
});

test('one family that cannot be scrubbed does not keep the others, and gives its exit code', async () => {
  const state = fakeState();
  const failure = new SessionError('SESSION_IN_USE', 'in use', { op: 'lock' });
  state.failures = Object.defineProperty({}, 'scrub', {
    get: () => (JSON.stringify(state.calls.at(-1)).includes(ID_A) ? failure : undefined),
  }) as Record<string, Error>;
  const result = await runRoo(['session', 'scrub', '--all', '--yes', '-f', 'json'], { state });
  assert.deepEqual(
    listIn<{ id: string }>(envelopeOf(result), 'scrubbed').map(({ id }) => id),
    [ID_B],
  );
  assert.equal(result.exitCode, 4);
});
